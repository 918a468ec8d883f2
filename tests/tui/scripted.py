"""What is a person's own, for the faces' tests: kept nowhere, and it says what the test says."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any

import msgspec

from e2ee.errors import SottovoceError
from e2ee.link import Link
from media.device_list import FoundDevice
from rooms.errors import NetworkError, PasscodeWrongError, SettingsError
from rooms.events import AnyEvent, FileDone, FileOffered
from rooms.file_errors import FileError
from rooms.file_events import FileFields
from rooms.ledger import LedgerLine
from rooms.settings import Settings
from tui.conduct import Opener
from tui.own import Own
from tui.ports import Destination, RoomLine

LINK = Link("192.0.2.7:4433", bytes(16), bytes(16), bytes(16)).to_text()


class ScriptedSettings:
    """Settings that are kept nowhere; one that is `refused` cannot be written."""

    def __init__(self, now: Settings | None = None) -> None:
        self.now = now or Settings(name="Me")
        self.refused = ""
        self.listeners: list[Callable[[Settings], None]] = []

    def keep(self, name: str, value: bool | str | None) -> None:
        if name == self.refused:
            raise SettingsError("the settings file cannot be written", hint="look at its owner")
        table, _, action = name.rpartition(".")
        if table:
            keys = {key: old for key, old in self.now.keys.items() if key != action}
            name, value = "keys", keys if value is None else {**keys, action: value}
        self.now = msgspec.structs.replace(self.now, **{name: value})
        for listener in self.listeners:
            listener(self.now)

    def listen(self, on_change: Callable[[Settings], None]) -> None:
        self.listeners.append(on_change)


class ScriptedFiles:
    """Files that come as the test says; it keeps every intent. `refusal`: why none is sent."""

    def __init__(self, call: Any) -> None:
        self.call = call
        self.here: list[FileDone] = []
        self.refusal = ""
        self._number = self._sent = 0

    def send(self, path: str) -> str:
        if self.refusal:
            raise FileError(self.refusal)
        self.call.intents.append(("send file", path))
        self._sent += 1
        return f"{self._sent:032x}"

    def save(self, file: str, path: str = "") -> str:
        number = next(done.number for done in self.here if done.file == file)
        self.call.intents.append(("save", str(number), path))
        return path or "here"

    def announce(self, leaf: int, file_name: str, size: int = 7) -> FileFields:
        """Have somebody begin to send a file."""
        who = next(person for person in self.call.participants if person.leaf == leaf)
        self._number += 1
        fields = FileFields(
            file=f"{self._sent if who.me else self._number << 64:032x}",
            number=self._number,
            leaf=leaf,
            name=who.name,
            file_name=file_name,
            size=size,
            mine=who.me,
        )
        self.call.emit(FileOffered(**fields))
        return fields

    def finish(self, fields: FileFields) -> None:
        """Have all of a file be there."""
        done = FileDone(**fields)
        if not done.mine:
            self.here.append(done)
        self.call.emit(done)

    def come(self, leaf: int, file_name: str) -> None:
        """Have somebody send a file."""
        self.finish(self.announce(leaf, file_name))


class ScriptedDevices:
    """One microphone beside the system's own; levels as the test says."""

    def __init__(self) -> None:
        self.on_event: Callable[[AnyEvent], None] | None = None

    async def found(self) -> list[FoundDevice]:
        return [FoundDevice("microphone", "USB", False)]

    def open(self, on_event: Callable[[AnyEvent], None]) -> None:
        self.on_event = on_event

    async def close(self) -> None:
        self.on_event = None


class ScriptedLedger:
    """A ledger that says what the test puts in."""

    def __init__(self) -> None:
        self.lines: list[LedgerLine] = []
        self.exported = 0

    def snapshot(self) -> list[LedgerLine]:
        return list(self.lines)

    def export(self) -> str:
        self.exported += 1
        return "/home/me/data-usage.json"


class ScriptedRooms:
    """Rooms as the test says; every opener opens `call`, unless it is to fail with `failure`."""

    def __init__(self, call: Any = None) -> None:
        self.rooms: list[RoomLine] = []
        self.heads: dict[str, int] = {}
        self.call = call
        self.failure: SottovoceError | None = None
        self.intents: list[tuple[str, ...]] = []

    async def saved(self) -> list[RoomLine]:
        return list(self.rooms)

    async def rename(self, room: str, name: str) -> None:
        self.intents.append(("rename", room, name))
        self.rooms = [replace(one, title=name) if one.id == room else one for one in self.rooms]

    async def forget(self, room: str) -> None:
        self.intents.append(("forget", room))
        self.rooms = [one for one in self.rooms if one.id != room]

    async def count(self, room: str) -> int:
        self.intents.append(("count", room))
        if room not in self.heads:
            raise NetworkError("the server does not answer")
        return self.heads[room]

    async def where(self, link: str) -> Destination:
        where = Link.parse(link)
        return Destination(where.server, "SHA256:abcdefgh", "Ada", "known")

    async def ask_link(self, room: str, server: str, words: str) -> str:
        self.intents.append(("ask", room, server, words))
        if words != "acorn bicycle august":
            raise PasscodeWrongError("the passcode is wrong", hint="ask for it again")
        return LINK

    def enter(self, room: str) -> Opener:
        return self._opener("enter", room)

    def join(self, link: str) -> Opener:
        return self._opener("join", link)

    def create(self, server: str) -> Opener:
        return self._opener("create", server)

    def _opener(self, *intent: str) -> Opener:
        self.intents.append(intent)

        @contextlib.asynccontextmanager
        async def opened() -> AsyncIterator[Any]:
            if self.failure is not None:
                raise self.failure
            yield self.call

        return opened


def own(settings: Settings | None = None, rooms: ScriptedRooms | None = None) -> Own:
    """Return settings, by default as without a file, an empty ledger, devices, and rooms."""
    devices = ScriptedDevices()
    rooms_ = rooms or ScriptedRooms()
    return Own(ScriptedSettings(settings), ScriptedLedger(), lambda call: devices, rooms_)
