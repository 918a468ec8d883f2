from __future__ import annotations

import asyncio

import pytest

from e2ee.errors import LinkError
from e2ee.identity import DeviceIdentity
from e2ee.link import Link, host_hash
from e2ee.passcode import PasscodeError
from rooms.errors import NetworkError, RoomUnknownError
from rooms.events import Hosting, utc_now
from rooms.people_file import PeopleFile
from rooms.saved_rooms import RoomsFile
from tui.cli import serving
from tui.cli.options import CallOptions
from tui.cli.own_rooms import OwnRooms, seated
from tui.cli.place import Place
from tui.ctl.seats import Seat, running_calls

ADA = DeviceIdentity.generate()
LINK = Link("192.0.2.7:4433", bytes(16), host_hash(ADA.public_blob), bytes(16)).to_text()
SILENT = CallOptions(name="Me", audio_in="none", audio_out="none", video_in="none")


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("SOTTO_CONFIG_DIR", str(tmp_path))


@pytest.fixture
def rooms() -> OwnRooms:
    RoomsFile.own().seen(LINK, ["Ada"], utc_now(), mine=False)
    return OwnRooms(SILENT)


async def test_saved_rooms_are_listed_renamed_and_forgotten_in_the_file(rooms) -> None:
    (room,) = await rooms.saved()
    assert (room.title, room.server, room.hosts, room.mine) == (
        "Ada",
        "192.0.2.7:4433",
        ("Ada",),
        False,
    )
    assert LINK not in repr(room)  # the screen has no secret to give away
    await rooms.rename(room.id, "Standup")
    assert [one.title for one in await rooms.saved()] == ["Standup"]
    await rooms.forget(room.id)
    assert await rooms.saved() == []


async def test_where_a_link_leads_is_said_without_asking_anybody(rooms) -> None:
    PeopleFile.own().change(lambda people: people.meet("Ada", ADA.public_blob))
    where = await rooms.where(f"$ sotto join '{LINK}'")
    assert (where.server, where.host, where.title) == ("192.0.2.7:4433", "Ada", "Ada")
    with pytest.raises(LinkError):
        await rooms.where("https://example.org")


async def test_a_room_is_opened_on_a_server_of_our_own_and_can_be_reached(rooms) -> None:
    async with rooms.create("")() as call:
        told = []
        call.listen(told.append)
        running = asyncio.create_task(call.run())
        async with asyncio.timeout(20):
            while not any(isinstance(event, Hosting) for event in told):
                await asyncio.sleep(0.01)
        found = running_calls()
        assert len(found) == 1
        for connection in found.values():
            connection.close()
        call.leave()
        await running
    assert running_calls() == {}
    assert len(await rooms.saved()) == 1  # it ended with its server: there is nothing to save


async def test_heads_are_counted_by_the_server_of_the_room(rooms) -> None:
    async with serving.running(Place(("127.0.0.1",))) as server:
        link = Link(server.text, bytes(16), bytes(16), server.pin).to_text()
        RoomsFile.own().seen(link, [], utc_now(), mine=True)
        assert await rooms.count((await rooms.saved())[0].id) == 0
    with pytest.raises(NetworkError):
        await rooms.count((await rooms.saved())[0].id)


async def test_a_call_goes_on_where_there_is_no_seat_for_it(call, monkeypatch, tmp_path) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "file"))
    monkeypatch.setattr("tui.ctl.seats.runtime_folder", lambda: str(tmp_path / "file" / "calls"))
    with pytest.raises(Exception, match="cannot reach"):
        Seat.take()
    async with seated(call.opened)() as opened:
        assert opened is call


async def test_what_cannot_be_opened_is_one_of_our_errors(rooms) -> None:
    with pytest.raises(LinkError):
        async with rooms.join("https://")():
            pass
    with pytest.raises(RoomUnknownError):
        async with rooms.enter("0123456789abcdef")():
            pass
    with pytest.raises(PasscodeError):
        await rooms.ask_link("banana", "127.0.0.1:1", "no words")
    with pytest.raises(NetworkError):
        await rooms.ask_link("banana", "127.0.0.1:1", "acorn bicycle august")
