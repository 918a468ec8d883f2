"""`sotto rooms`: the rooms one was in, as lines or JSON; `sotto` alone shows them on a screen."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from tui.cli import report
from tui.cli.commands import COMMANDS
from tui.cli.exits import Exit, exit_for

if TYPE_CHECKING:
    from e2ee.errors import SottovoceError
    from rooms.saved_rooms import RoomsFile, SavedRoom

VERSION = 1
AT_ONCE = 8
"""Servers that are asked at the same time."""

Heads = Mapping[str, "int | SottovoceError"]
"""How many are in the rooms that were asked about, or why that is not known."""


@click.group(
    "rooms",
    invoke_without_command=True,
    help=f"""{COMMANDS["rooms"]}

    A line is a room: what it is called here, when you were last in it, its server, how many are in
    it with --count, its link with --links, its title; with tabs in between.""",
)
@click.option("--json", "as_json", is_flag=True, help="One line of JSON.")
@click.option(
    "--links", is_flag=True, help="With the links. They are secrets: whoever has one can knock."
)
@click.option(
    "--count", is_flag=True, help="Ask the servers how many are in: they learn that you look."
)
@click.pass_context
def command(context: click.Context, *, as_json: bool, links: bool, count: bool) -> int:
    """List the rooms, unless something is to be done with one."""
    if context.invoked_subcommand is not None:
        if as_json or links or count:
            raise click.UsageError("--json, --links and --count are for the list of rooms")
        return Exit.DONE
    rooms = _file().load()
    heads = asyncio.run(_ask_all(rooms)) if count else {}
    fields = [_fields(room, heads, links=links) for room in rooms]
    if as_json:
        _print_json(fields)
    else:
        for line in fields:
            report.answer("\t".join("?" if value is None else str(value) for value in _line(line)))
    return _complain(rooms, heads)


@command.command("rename", help="Call ROOM NAME from now on; an empty NAME takes its name away.")
@click.argument("room")
@click.argument("name")
def rename(room: str, name: str) -> int:
    """Rename a room."""
    found = _find(room)
    _file().rename(found.id, name)
    return Exit.DONE


@command.command("forget", help="Take ROOM out of the list, and its link from the disk.")
@click.argument("room")
def forget(room: str) -> int:
    """Forget a room."""
    _file().forget(_find(room).id)
    return Exit.DONE


def _file() -> RoomsFile:
    from rooms.saved_rooms import RoomsFile

    return RoomsFile.own()


def _find(which: str) -> SavedRoom:
    """Return the room of an id, or of a title no other one has. Raises `RoomUnknownError`."""
    from rooms.errors import RoomUnknownError

    rooms = _file().load()
    found = [room for room in rooms if room.id == which]
    found = found or [room for room in rooms if room.title.casefold() == which.casefold()]
    if len(found) != 1:
        raise RoomUnknownError(
            f"{len(found)} rooms are called so" if found else "no room of yours is called so",
            hint="sotto rooms lists them; the first word of a line means that room and no other",
        )
    return found[0]


def _fields(room: SavedRoom, heads: Heads, *, links: bool) -> dict[str, Any]:
    """Return what is told of a room; its link only if that is asked for."""
    told: dict[str, Any] = {
        "room": room.id,
        "last_seen": room.last_seen.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "server": room.server,
    }
    if heads:
        count = heads[room.id]
        told["count"] = count if isinstance(count, int) else None
    if links:
        told["link"] = room.link
    return {**told, "title": room.title, "hosts": room.hosts, "mine": room.mine}


def _line(fields: Mapping[str, Any]) -> Sequence[object]:
    return [value for name, value in fields.items() if name not in ("hosts", "mine")]


def _print_json(rooms: Sequence[Mapping[str, Any]]) -> None:
    import json

    report.answer(json.dumps({"v": VERSION, "rooms": rooms}, ensure_ascii=False))


async def _ask_all(rooms: Sequence[SavedRoom]) -> Heads:
    """Ask the server of each room how many are in it."""
    from e2ee.errors import SottovoceError
    from e2ee.link import Link
    from rooms.counting import count
    from rooms.own_ledger import own_ledger

    turns = asyncio.Semaphore(AT_ONCE)

    async def ask(room: SavedRoom) -> int | SottovoceError:
        async with turns:
            try:
                return await count(Link.parse(room.link), own_ledger())
            except SottovoceError as error:
                return error

    counts = await asyncio.gather(*map(ask, rooms))
    return {room.id: count for room, count in zip(rooms, counts)}


def _complain(rooms: Sequence[SavedRoom], heads: Heads) -> int:
    """Say which rooms could not be asked about, and why; return the last one's exit code."""
    code = Exit.DONE
    for room in rooms:
        error = heads.get(room.id, 0)
        if not isinstance(error, int):
            report.complain(f"{room.title}: {error.message}", error.hint)
            code = exit_for(error.code)
    return code
