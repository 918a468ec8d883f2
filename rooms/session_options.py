"""How we take part in a room: what a face asks of a session."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from e2ee.identity import tidy_name
from e2ee.mls.cipher_suite import SUITES, CipherSuite
from e2ee.sshsig import fingerprint
from media import control
from rooms.events import Knock
from rooms.kept_chat import KeptChat
from rooms.people_file import PeopleFile
from rooms.policy import Policy
from rooms.saved_rooms import RoomsFile
from rooms.text import clean_name

STANDARD: Final = "-"


@dataclass(frozen=True, slots=True)
class SessionOptions:
    """How we take part. `admit_all`: whoever has the link comes in without being asked about.

    `admit_keys`: identity blobs of those who come in without being asked about.
    `people`: where whom we meet is looked up and kept; without it nobody is known or remembered.
    `passcode`: have one from the start, if we are the host.
    `rooms`: where the room is saved for the next time, if anywhere; `chat`: what is written in it.
    `bot`: tell everybody that a program sits here.
    `policy`: what plain members may do in a room we open.
    `suites`: the cipher suites we take part with, the best first.
    """

    name: str
    media: control.Configure
    admit_all: bool = False
    admit_keys: frozenset[bytes] = frozenset()
    passcode: bool = False
    bot: bool = False
    media_process: bool = True
    people: PeopleFile | None = None
    rooms: RoomsFile | None = None
    chat: KeptChat | None = None
    policy: Policy = field(default_factory=Policy)
    suites: Sequence[CipherSuite] = SUITES

    @property
    def own_process(self) -> bool:
        """Whether media gets its own process; one that has our standard streams cannot."""
        return self.media_process and STANDARD not in (self.media.audio_in, self.media.audio_out)

    @property
    def shown_name(self) -> str:
        """The name others see, as a credential may hold it."""
        return tidy_name(clean_name(self.name))

    def admits(self, knock: Knock) -> bool:
        """Whether whoever knocks comes in without being asked about.

        A knock's fingerprint is the whole hash of a key that has just proved itself, so comparing
        it compares the key; names count for nothing.
        """
        keys = (fingerprint(public_blob) for public_blob in self.admit_keys)
        return self.admit_all or knock.fingerprint in keys
