"""What screens and widgets see: values to draw and intents to send. Nothing else."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from e2ee.errors import SottovoceError
from media.control import OWN, Picture
from media.device_list import FoundDevice
from rooms.destination import Destination
from rooms.events import (
    AnyEvent,
    ChatReceived,
    Event,
    FileDone,
    Knock,
    Participant,
    Role,
    RoomState,
    Stats,
    VerificationCode,
)
from rooms.latest import Latest
from rooms.ledger import LedgerLine, in_words

if TYPE_CHECKING:
    from rooms.settings import Settings
    from tui.conduct import Opener

__all__ = [
    "OWN",
    "AnyEvent",
    "CallPort",
    "ChatReceived",
    "Destination",
    "Event",
    "FoundDevice",
    "Knock",
    "Latest",
    "LedgerLine",
    "Participant",
    "Picture",
    "Role",
    "RoomState",
    "SottovoceError",
    "Stats",
    "VerificationCode",
    "in_words",
]


class VerificationPort(Protocol):
    """The verification code of a call. The code comes as an event, `VerificationCode`."""

    @property
    def epoch(self) -> int | None:
        """The epoch at which everybody was verified; None if nobody compared a code."""

    @property
    def since(self) -> int:
        """How many of those who are here now came after the code was compared."""

    def ask(self) -> None:
        """Have the present code told, in a moment."""

    async def code(self) -> VerificationCode | None:
        """Return the present code, which counts as told; None if we are not in the room."""

    def answer(self, same: bool, epoch: int | None = None) -> bool:
        """Take a person's word that the code told last is, or is not, what the others read.

        `epoch`: that of the code the person saw; False if another one was told since, or none.
        """


class ModerationPort(Protocol):
    """The roles and rules of the room. Changes come as events, `RoomState`, or as `ErrorEvent`."""

    @property
    def role(self) -> Role:
        """What we are in the room, or will be as soon as we have opened it."""

    @property
    def state(self) -> RoomState | None:
        """The roles and rules there are; None before we are in the room."""

    def lock(self, on: bool) -> None:
        """Let nobody new in, or again."""

    def allow(self, rule: str, on: bool) -> None:
        """Allow plain members something, or not."""

    def appoint(self, leaf: int) -> None:
        """Make somebody a cohost."""

    def dismiss(self, fingerprint: str) -> None:
        """Take the cohost with this key its role, be it here or not."""


class PasscodePort(Protocol):
    """What others may say instead of the link. It comes as an event, `PasscodeShown`."""

    def ask(self) -> None:
        """Have the passcode told; one is made if there is none."""

    def renew(self) -> None:
        """Have a new passcode made and told; the old one is over."""


class FilesPort(Protocol):
    """The files sent in the room. What becomes of each comes as events; see `rooms.file_events`."""

    @property
    def here(self) -> Sequence[FileDone]:
        """The files others sent that can be saved, oldest first."""

    def send(self, path: str) -> str:
        """Have a file sent to everybody; return the id its events have. Raises `SottovoceError`."""

    def save(self, file: str, path: str = "") -> str:
        """Write a file that is here, by its id, and return where; nothing is ever overwritten.

        `path` is a new name or a folder. Raises `SottovoceError`.
        """


class SettingsPort(Protocol):
    """The person's settings, kept in their file."""

    @property
    def now(self) -> Settings:
        """The settings there are."""

    def keep(self, name: str, value: bool | str | None) -> None:
        """Set one, or `keys.ACTION`; None unsets it. Raises `SettingsError`; nothing changed then.

        Whoever listens is told.
        """

    def listen(self, on_change: Callable[[Settings], None]) -> None:
        """Register a listener for changes."""


class LedgerPort(Protocol):
    """What left this machine."""

    def snapshot(self) -> Sequence[LedgerLine]:
        """Return a line for each address and purpose so far."""

    def export(self) -> str:
        """Write all of it into a file; return its path. Raises `SettingsError`."""


class DevicesPort(Protocol):
    """Microphones, loudspeakers and cameras, looked for and measured, in a call or outside."""

    async def found(self) -> Sequence[FoundDevice]:
        """Look for what there is now."""

    def open(self, on_event: Callable[[AnyEvent], None]) -> None:
        """Measure from now on: `LevelState` ten times a second."""

    async def close(self) -> None:
        """Measure no more."""


@dataclass(frozen=True)
class RoomLine:
    """A room the person was in, as a list shows it: without its link, which is a secret.

    `hosts`: names of those who hosted it when we were last in it; `mine`: we did.
    """

    id: str
    title: str
    server: str
    last_seen: dt.datetime
    hosts: Sequence[str] = ()
    mine: bool = False


class RoomsPort(Protocol):
    """The person's rooms, and the ways into a call. All but the openers raise `SottovoceError`.

    What is opened is a call that runs until it is left; failing to open raises as well.
    """

    async def saved(self) -> Sequence[RoomLine]:
        """Return the rooms the person was in, that which was seen last first."""

    async def rename(self, room: str, name: str) -> None:
        """Give a saved room the name the person wants; an empty one takes it away."""

    async def forget(self, room: str) -> None:
        """Take a room out of the list, and its link from the disk."""

    async def count(self, room: str) -> int:
        """Ask the server of a saved room how many are in it; 0 also if it is not open.

        The server learns that somebody looks, and from where.
        """

    async def where(self, link: str) -> Destination:
        """Say where a link leads. Nobody is asked."""

    async def ask_link(self, room: str, server: str, words: str) -> str:
        """Prove a passcode to the host of a room named so; return the link the host gives."""

    def enter(self, room: str) -> Opener:
        """Return what opens a saved room."""

    def join(self, link: str) -> Opener:
        """Return what knocks at the room of a link."""

    def create(self, server: str) -> Opener:
        """Return what opens a new room: on a server, or, if empty, on one run here meanwhile."""


class CallPort(Protocol):
    """One joined (or joining) room. Implemented by `rooms.session.Session`.

    State is read from the properties; each change is announced by an event to the listener.
    Intents never block and never raise for what a peer did: failures come back as events.
    """

    @property
    def link(self) -> str: ...
    @property
    def participants(self) -> Sequence[Participant]: ...
    @property
    def knocks(self) -> Sequence[Knock]: ...
    @property
    def chat(self) -> Sequence[ChatReceived]: ...
    @property
    def muted(self) -> bool: ...
    @property
    def camera(self) -> bool: ...
    @property
    def has_microphone(self) -> bool | None: ...
    @property
    def has_camera(self) -> bool | None: ...
    @property
    def publishing_audio(self) -> bool: ...
    @property
    def publishing_video(self) -> bool: ...
    @property
    def sending_stopped(self) -> bool: ...
    @property
    def verification(self) -> VerificationPort: ...
    @property
    def moderation(self) -> ModerationPort: ...
    @property
    def passcodes(self) -> PasscodePort: ...
    @property
    def files(self) -> FilesPort: ...
    @property
    def epoch(self) -> int: ...
    @property
    def latest(self) -> Latest: ...

    def listen(
        self,
        on_event: Callable[[AnyEvent], None],
        on_picture: Callable[[Picture], None] | None = None,
    ) -> None:
        """Register a listener; both callbacks run in the event loop of the session."""

    def say(self, text: str, reply_to: str = "") -> None: ...
    def react(self, chat_id: str, emoji: str, on: bool = True) -> None: ...
    def set_muted(self, muted: bool) -> None: ...
    def set_camera(self, on: bool) -> None: ...
    def set_volume(self, leaf: int, gain: float) -> None: ...
    def volume(self, leaf: int) -> float: ...
    def set_view(self, leaf: int, width: int, height: int) -> None: ...
    def rehearse(self, on: bool) -> None: ...
    def set_meters(self, on: bool) -> None: ...
    def set_devices(
        self,
        audio_in: str | None = None,
        audio_out: str | None = None,
        video_in: str | None = None,
    ) -> None: ...
    def set_privacy(self, *, share_level: bool, constant_bitrate: bool) -> None: ...
    def admit(self, knock: int) -> None: ...
    def refuse(self, knock: int) -> None: ...
    def remove(self, leaf: int) -> None: ...
    def end_input(self, kind: str) -> None:
        """Have it told that what the person gives beside sound and pictures has come to its end."""

    def leave(self) -> None: ...
