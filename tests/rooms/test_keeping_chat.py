"""What is written in a call is kept, if that is wanted, and shown the next time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from e2ee.identity import DeviceIdentity
from e2ee.link import Link, local_id
from media.control import Configure
from media.engine.embedded_admin import EmbeddedAdmin
from rooms import events
from rooms.certificate import ServerCertificate
from rooms.chat_events import KeptLine
from rooms.keeping_chat import KeepingChat
from rooms.kept_chat import FOLDER, KeptChat
from rooms.ledger import Ledger
from rooms.people_file import PEOPLE_FILE, PeopleFile
from rooms.saved_rooms import ROOMS_FILE, RoomsFile
from rooms.server import RoomServer
from rooms.session import ServerAddress, Session, SessionOptions

ROOM = "0123456789abcdef"
JOINED = events.Joined(leaf=0, epoch=0, participants=[])
SILENT = Configure(audio_in="none", audio_out="none", video_in="none")


def written(text: str) -> events.ChatReceived:
    return events.ChatReceived(id=text, leaf=1, name="Ada", text=text, sent=events.utc_now())


@pytest.fixture
def chat(tmp_path: Path) -> KeptChat:
    return KeptChat(tmp_path / FOLDER)


async def call(chat: KeptChat | None, *happens: events.AnyEvent) -> list[events.AnyEvent]:
    """Have a call in which this happens; return what was told of it."""
    told: list[events.AnyEvent] = []
    keeping = KeepingChat(ROOM, chat, told.append)
    for event in happens:
        keeping.on_event(event)
    await keeping.close()
    return told


async def test_the_next_call_shows_what_was_written_in_this_one(chat: KeptChat) -> None:
    lines = [written("hello"), written("goodbye")]
    assert await call(chat, JOINED, *lines) == []
    (history,) = await call(chat, JOINED, written("again"))
    assert isinstance(history, events.ChatHistory)
    assert history.lines == [KeptLine(name="Ada", text=x.text, sent=x.sent) for x in lines]


async def test_a_room_we_never_came_into_is_not_read(chat: KeptChat) -> None:
    await call(chat, JOINED, written("hello"))
    assert await call(chat, events.Knocking(server="rooms.example"), written("x")) == []


async def test_without_a_place_nothing_is_written(tmp_path: Path) -> None:
    assert await call(None, JOINED, written("hello")) == []
    assert not list(tmp_path.iterdir())


async def test_what_cannot_be_kept_is_told_once(chat: KeptChat) -> None:
    chat.folder.symlink_to(chat.folder.parent)
    told = await call(chat, JOINED, *(written(str(number)) for number in range(5)))
    assert [type(event) for event in told] == [events.ErrorEvent]
    assert [path.name for path in chat.folder.parent.iterdir()] == [FOLDER]


# --- real calls ---


@pytest.fixture
async def address() -> AsyncIterator[ServerAddress]:
    certificate = ServerCertificate.ephemeral()
    server = RoomServer(["127.0.0.1"], 0, EmbeddedAdmin(["127.0.0.1"]), certificate)
    await server.start()
    yield ServerAddress("127.0.0.1", server.port, certificate.pin)
    await server.stop()


async def write_alone(address: ServerAddress, state: Path, chat: KeptChat | None) -> Session:
    """Open a room, write a line there and leave once it is said."""
    people, rooms = PeopleFile(state / PEOPLE_FILE), RoomsFile(state / ROOMS_FILE)
    options = SessionOptions(
        "Hana", SILENT, media_process=False, people=people, rooms=rooms, chat=chat
    )
    session = Session.host(address, DeviceIdentity.generate(), options, Ledger())

    def follow(event: events.AnyEvent) -> None:
        match event:
            case events.Joined():
                session.say("only for the room")
            case events.ChatReceived():
                session.leave()

    session.listen(follow)
    async with asyncio.timeout(20):
        assert (await session.run()).code == ""
    return session


async def test_a_real_call_is_kept_before_it_ends(address: ServerAddress, chat: KeptChat) -> None:
    session = await write_alone(address, chat.folder.parent, chat)
    (kept,) = chat.last(local_id(Link.parse(session.link).secret))
    assert (kept.name, kept.text, kept.mine) == ("Hana", "only for the room", True)


async def test_a_call_goes_on_if_it_cannot_be_kept(address: ServerAddress, chat: KeptChat) -> None:
    chat.folder.symlink_to(chat.folder.parent)
    await write_alone(address, chat.folder.parent, chat)
    assert sorted(path.name for path in chat.folder.parent.iterdir()) == [FOLDER, ROOMS_FILE]


async def test_unless_it_is_wanted_nothing_of_a_call_is_written(
    address: ServerAddress, tmp_path: Path
) -> None:
    await write_alone(address, tmp_path, None)
    assert [path.name for path in tmp_path.rglob("*")] == [ROOMS_FILE]
    assert b"only for the room" not in (tmp_path / ROOMS_FILE).read_bytes()
