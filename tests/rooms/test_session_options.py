"""What a face asks of a session, and who comes in without being asked about."""

from __future__ import annotations

from e2ee.identity import DeviceIdentity
from media.control import Configure
from rooms.events import Knock
from rooms.session_options import SessionOptions

ADA, EVE = DeviceIdentity.generate(), DeviceIdentity.generate()
MEDIA = Configure(audio_in="none", audio_out="none", video_in="none")


def knock(identity: DeviceIdentity, name: str = "Ada") -> Knock:
    return Knock(knock=1, name=name, fingerprint=identity.fingerprint, key_state="known")


def test_a_key_is_admitted_and_a_name_is_not() -> None:
    options = SessionOptions("Hana", MEDIA, admit_keys=frozenset([ADA.public_blob]))
    assert options.admits(knock(ADA, "Somebody"))
    assert not options.admits(knock(EVE, "Ada"))
    assert not SessionOptions("Hana", MEDIA).admits(knock(ADA))
    assert SessionOptions("Hana", MEDIA, admit_all=True).admits(knock(EVE))


def test_the_name_shown_is_one_a_credential_may_hold() -> None:
    assert SessionOptions(" A\x1b[31mda ", MEDIA).shown_name == "Ada"


def test_media_that_has_our_standard_streams_stays_in_this_process() -> None:
    own = Configure(audio_in="-", audio_out="none", video_in="none")
    assert SessionOptions("Hana", MEDIA).own_process
    assert not SessionOptions("Hana", own).own_process
