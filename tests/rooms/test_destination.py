from __future__ import annotations

from e2ee.identity import DeviceIdentity
from e2ee.link import Link, host_hash
from e2ee.sshsig import fingerprint
from rooms.destination import destination
from rooms.known_people import KnownPeople, Pin

ME, ADA = DeviceIdentity.generate(), DeviceIdentity.generate()
LINK = Link("meet.example:4433", bytes(16), host_hash(ADA.public_blob))


def test_a_host_we_met_is_named_with_the_fingerprint_of_the_key() -> None:
    where = destination(LINK, KnownPeople([Pin("Ada", ADA.public_blob)]), ME.public_blob, name="Me")
    assert (where.server, where.host, where.host_state) == ("meet.example:4433", "Ada", "known")
    assert where.host_key == fingerprint(ADA.public_blob)
    assert (where.name, where.key) == ("Me", fingerprint(ME.public_blob))
    verified = Pin("Ada", ADA.public_blob, "verified=2026-11-05")
    assert (
        destination(LINK, KnownPeople([verified]), ME.public_blob, name="Me").host_state
        == "verified"
    )


def test_a_host_we_never_met_is_not_named_and_the_link_says_which_key_it_is() -> None:
    where = destination(LINK, KnownPeople([Pin("Ada", ME.public_blob)]), ME.public_blob, name="Me")
    assert (where.host, where.host_state) == ("", "new")
    assert where.host_key == f"link {LINK.host_hash.hex()[:8]}"


def test_a_room_of_ours_is_known_as_such() -> None:
    where = destination(LINK, KnownPeople(), ADA.public_blob, name="Ada", title="Standup")
    assert where.own
    assert where.title == "Standup"


def test_no_part_of_the_secret_is_in_it() -> None:
    assert LINK.secret.hex() not in repr(
        destination(LINK, KnownPeople(), ME.public_blob, name="Me")
    )
