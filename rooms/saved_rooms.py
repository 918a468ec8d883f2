"""The rooms a person was in, with their links, in one file that nobody else can read."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, Literal

import msgspec

from e2ee.errors import LinkError
from e2ee.link import MAX_LINK, Link, local_id
from rooms.errors import RoomUnknownError, SettingsError
from rooms.folders import state_folder
from rooms.kept_chat import FOLDER, KeptChat
from rooms.private_file import alone, cannot, read_private, replace_file
from rooms.text import MAX_NAME, clean_line, clean_name

ROOMS_FILE: Final = "rooms.json"
WHAT: Final = "the list of your rooms"
MAX_ROOMS: Final = 200
"""Most rooms kept; for another one, that which was not seen for longest is forgotten."""
MAX_HOSTS: Final = 8
MAX_FILE: Final = 1 << 20
"""Bytes; more than `MAX_ROOMS` of ours take."""

Name = Annotated[str, msgspec.Meta(max_length=MAX_NAME)]


class SavedRoom(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One room. The link is a secret. `name` is what the person calls it, empty if nothing.

    `last_seen`: when we were last in it, UTC; `hosts`: names of those who hosted it then, without
    us; `mine`: we are its host.
    """

    link: Annotated[str, msgspec.Meta(max_length=MAX_LINK)]
    last_seen: Annotated[dt.datetime, msgspec.Meta(tz=True)]
    name: Name = ""
    hosts: Annotated[tuple[Name, ...], msgspec.Meta(max_length=MAX_HOSTS)] = ()
    mine: bool = False

    def __post_init__(self) -> None:
        try:
            Link.parse(self.link)
        except LinkError as error:
            raise ValueError("this is not a link") from error

    def __repr__(self) -> str:
        return f"SavedRoom(id={self.id!r})"

    def __rich_repr__(self) -> list[tuple[str, str]]:
        return [("id", self.id)]

    @property
    def id(self) -> str:
        """What the room is called on this machine, and nowhere else; no secret."""
        return local_id(Link.parse(self.link).secret)

    @property
    def server(self) -> str:
        """The server it is at, `host[:port]`."""
        return Link.parse(self.link).server

    @property
    def title(self) -> str:
        """What to show for it: its name, or who hosts it, or where it is."""
        return self.name or ", ".join(self.hosts) or self.server


class _File(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    rooms: Annotated[list[SavedRoom], msgspec.Meta(max_length=MAX_ROOMS)] = []
    v: Literal[1] = 1


_decoder = msgspec.json.Decoder(_File)

Rooms = Mapping[str, SavedRoom]


@dataclass(frozen=True, slots=True)
class RoomsFile:
    """Where rooms are saved. Every call reads or writes the disk and may wait for a lock.

    A file that is not as we write it is an error, and stays as it is. All raise `SettingsError`.
    """

    path: Path

    @classmethod
    def own(cls) -> RoomsFile:
        """Return this person's file."""
        return cls(state_folder() / ROOMS_FILE)

    def load(self) -> Sequence[SavedRoom]:
        """Return the rooms, that which was seen last first; none without a file."""
        return list(self._read().values())

    def find(self, id_: str) -> SavedRoom:
        """Return a room. Raises `RoomUnknownError` as well."""
        return _of(self._read(), id_)

    def seen(self, link: str, hosts: Sequence[str], now: dt.datetime, *, mine: bool) -> None:
        """Enter a room that we are in, or that we were in it again; its name stays."""

        def change(rooms: Rooms) -> Rooms:
            old = rooms.get(room.id, room)
            kept = msgspec.structs.replace(room, name=old.name, hosts=room.hosts or old.hosts)
            all_ = {room.id: kept, **_without(rooms, room.id)}
            return dict(itertools.islice(all_.items(), MAX_ROOMS))

        names = tuple(map(clean_name, hosts[:MAX_HOSTS]))
        room = SavedRoom(link=link, last_seen=now, hosts=names, mine=mine)
        self._change(change)

    def rename(self, id_: str, name: str) -> None:
        """Give a room the name the person wants; an empty one takes it away.

        Raises `RoomUnknownError` as well.
        """
        new = clean_line(name, MAX_NAME)
        self._change(
            lambda rooms: {**rooms, id_: msgspec.structs.replace(_of(rooms, id_), name=new)}
        )

    def forget(self, id_: str) -> None:
        """Take a room out, if it is there."""
        self._change(lambda rooms: _without(rooms, id_))

    def _read(self) -> Rooms:
        try:
            data = read_private(self.path, WHAT, MAX_FILE + 1)
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise cannot("read", WHAT, self.path, error) from error
        try:
            if len(data) > MAX_FILE:
                raise ValueError("longer than any of ours")
            return {room.id: room for room in _decoder.decode(data).rooms}
        except (ValueError, msgspec.MsgspecError, RecursionError) as error:
            raise SettingsError(
                f"{WHAT} is damaged, or of a newer version",
                hint=f"repair {self.path}, or move it away and begin anew",
            ) from error

    def _change(self, change: Callable[[Rooms], Rooms]) -> None:
        """Read the file, let it be changed, write it; no other process does so meanwhile.

        What was written in rooms that are forgotten by that is forgotten, too, and first.
        """
        try:
            with alone(self.path.parent):
                before = self._read()
                rooms = change(before)
                for id_ in before.keys() - rooms.keys():
                    KeptChat(self.path.with_name(FOLDER)).forget(id_)
                data = msgspec.json.encode(_File(rooms=list(rooms.values())))
                replace_file(self.path, msgspec.json.format(data) + b"\n")
        except OSError as error:
            raise cannot("kept", WHAT, self.path, error) from error


def _of(rooms: Rooms, id_: str) -> SavedRoom:
    try:
        return rooms[id_]
    except KeyError:
        raise RoomUnknownError("this room is not in your list any more") from None


def _without(rooms: Rooms, id_: str) -> Rooms:
    return {key: room for key, room in rooms.items() if key != id_}
