"""Files between the disk and the room: real files, a real room, no sockets."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from e2ee.file_chunks import MAX_FILE
from rooms.events import ErrorEvent, FileDone, FileOffered
from rooms.file_errors import (
    FileBusyError,
    FileError,
    FileExistsHereError,
    FileTooLargeError,
    FileUnknownError,
    FileUnreadableError,
)
from rooms.filing import Filing
from tests.rooms.conftest import Seat, Table


@pytest.fixture
def report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "outbox" / "report.pdf"
    path.parent.mkdir()
    path.write_bytes(b"words")
    return path


@pytest.fixture
def seats(table: Table) -> tuple[Seat, Seat]:
    host = table.host()
    return host, table.join(host, "Ana")


def following(table: Table, seat: Seat) -> Filing:
    """The files of a seat, told of what happened there so far."""
    filing = Filing(seat.protocol, table.settle)
    for event in seat.events:
        filing.on_event(event)
    return filing


async def sent(table: Table, seat: Seat, path: Path) -> str:
    """Send a file and let it arrive."""
    filing = Filing(seat.protocol, table.settle)
    file = filing.send(str(path))
    await filing._reading
    return file


async def test_a_file_gets_from_one_disk_to_another(table, seats, report, tmp_path) -> None:
    host, ana = seats
    file = await sent(table, ana, report)
    assert host.last(FileOffered).file == file
    assert host.last(FileOffered).file_name == "report.pdf"
    assert ana.last(FileDone).mine
    filing = following(table, host)
    assert [done.file for done in filing.here] == [file]
    assert filing.save(file) == str(tmp_path / "report.pdf")
    assert (tmp_path / "report.pdf").read_bytes() == b"words"


async def test_nothing_is_on_the_disk_before_it_is_saved(table, seats, report, tmp_path) -> None:
    await sent(table, seats[1], report)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [report]


async def test_a_file_is_saved_over_none_and_elsewhere_all_the_same(
    table, seats, report, tmp_path
) -> None:
    host, ana = seats
    file = await sent(table, ana, report)
    filing = following(table, host)
    (tmp_path / "report.pdf").write_bytes(b"mine")
    with pytest.raises(FileExistsHereError):
        filing.save(file)
    assert filing.save(file, "other.pdf") == str(tmp_path / "other.pdf")
    assert (tmp_path / "report.pdf").read_bytes() == b"mine"
    assert (tmp_path / "other.pdf").read_bytes() == b"words"


async def test_where_it_was_saved_is_text_whatever_the_folder_is_called(
    table, seats, report, tmp_path
) -> None:
    folder = tmp_path / "\udcff"
    folder.mkdir()
    file = await sent(table, seats[1], report)
    said = following(table, seats[0]).save(file, f"{folder}/")
    assert said.encode().decode().endswith("/report.pdf")
    assert (folder / "report.pdf").read_bytes() == b"words"


async def test_our_own_files_are_not_here_and_unknown_ones_neither(table, seats, report) -> None:
    file = await sent(table, seats[1], report)
    filing = following(table, seats[1])
    assert filing.here == []
    for one in (file, "ab" * 16, "x"):
        with pytest.raises(FileUnknownError):
            filing.save(one)


async def test_what_cannot_be_sent_is_said_at_once(table, seats, report, tmp_path) -> None:
    filing = Filing(seats[1].protocol, table.settle)
    with pytest.raises(FileUnreadableError):
        filing.send(str(tmp_path / "missing"))
    with pytest.raises(FileUnreadableError):
        filing.send(str(tmp_path))
    with report.open("wb") as file:
        file.truncate(MAX_FILE + 1)
    with pytest.raises(FileTooLargeError):
        filing.send(str(report))


async def test_what_turns_out_later_is_told(table, seats, report) -> None:
    filing = Filing(seats[1].protocol, table.settle)
    filing.send(str(report))
    with report.open("wb") as file:
        file.truncate(MAX_FILE + 1)
    await filing._reading
    assert seats[1].last(ErrorEvent).code == "file.too_large"


async def test_a_connection_that_breaks_while_it_is_read_is_told(table, seats, report) -> None:
    host, ana = seats
    filing = Filing(ana.protocol, table.settle)
    filing.send(str(report))
    table.lose(ana)
    await filing._reading
    assert ana.last(ErrorEvent).code == "file.not_sent"
    table.reconnect(ana)
    assert not host.told(FileOffered)


async def test_one_file_at_a_time(table, seats, report) -> None:
    filing = Filing(seats[1].protocol, lambda: None)
    filing.send(str(report))
    with pytest.raises(FileBusyError):
        filing.send(str(report))
    await filing._reading
    with pytest.raises(FileBusyError):
        filing.send(str(report))
    table.settle()
    filing.send(str(report))
    await filing.close()


async def test_outside_nobody_would_get_it(table, seats, report) -> None:
    host, ana = seats
    early = table.knock("Ben")
    table.lose(ana)
    for seat in (early, ana):
        with pytest.raises(FileError, match="not in the room"):
            Filing(seat.protocol, table.settle).send(str(report))
    assert not host.told(FileOffered)


async def test_closing_waits_for_no_disk(table, seats, report) -> None:
    filing = Filing(seats[1].protocol, table.settle)
    await filing.close()
    filing.send(str(report))
    async with asyncio.timeout(5):
        await filing.close()
