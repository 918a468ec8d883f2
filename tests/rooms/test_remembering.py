"""The room of a call is saved once we are in it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from e2ee.identity import DeviceIdentity
from e2ee.link import Link, new_secret
from media.control import Configure
from media.engine.embedded_admin import EmbeddedAdmin
from rooms import events
from rooms.certificate import ServerCertificate
from rooms.events import Participant
from rooms.ledger import Ledger
from rooms.remembering import Remembering
from rooms.saved_rooms import ROOMS_FILE, RoomsFile
from rooms.server import RoomServer
from rooms.session import ServerAddress, Session, SessionOptions

LINK = Link("rooms.example", new_secret(), bytes(16)).to_text()


def person(name: str, leaf: int, role: events.Role = "member", *, me: bool = False) -> Participant:
    return Participant(
        leaf=leaf, name=name, fingerprint=f"SHA256:{name}", role=role, key_state="known", me=me
    )


HANA, BOB = person("Hana", 0, "host"), person("Bob", 1, me=True)
JOINED = events.Joined(leaf=1, epoch=2, participants=[HANA, BOB])


@pytest.fixture
def file(tmp_path: Path) -> RoomsFile:
    return RoomsFile(tmp_path / ROOMS_FILE)


@pytest.fixture
def told() -> list[events.AnyEvent]:
    return []


async def test_a_room_is_saved_with_who_hosts_it(file, told) -> None:
    call = Remembering(LINK, file, told.append)
    call.on_event(JOINED)
    second = person("Ada", 2, "host")
    call.on_event(events.ParticipantJoined(participant=second))
    call.on_event(events.ParticipantJoined(participant=person("Eve", 3)))
    await call.close()
    (room,) = file.load()
    assert (room.link, room.hosts, room.mine) == (LINK, ("Hana", "Ada"), False)
    assert room.last_seen > JOINED.time
    assert told == []


async def test_a_room_of_ours_is_ours(file, told) -> None:
    call = Remembering(LINK, file, told.append)
    host = person("Hana", 0, "host", me=True)
    call.on_event(events.Joined(leaf=0, epoch=0, participants=[host]))
    await call.close()
    (room,) = file.load()
    assert (room.hosts, room.mine) == ((), True)


async def test_a_room_we_never_came_into_is_not_saved(file, told) -> None:
    call = Remembering(LINK, file, told.append)
    call.on_event(events.Knocking(server="rooms.example"))
    await call.close()
    assert file.load() == []


async def test_without_a_file_nothing_is_written(tmp_path: Path, told) -> None:
    call = Remembering(LINK, None, told.append)
    call.on_event(JOINED)
    await call.close()
    assert not list(tmp_path.iterdir())


async def test_a_damaged_list_is_told_once_and_stays(file, told) -> None:
    file.path.write_text("damaged")
    file.path.chmod(0o600)
    call = Remembering(LINK, file, told.append)
    call.on_event(JOINED)
    await call.close()
    (error,) = told
    assert isinstance(error, events.ErrorEvent)
    assert (error.code, error.fault) == ("settings.invalid", "person")
    assert file.path.read_text() == "damaged"


async def test_a_real_call_is_saved_before_it_ends(file) -> None:
    certificate = ServerCertificate.ephemeral()
    server = RoomServer(["127.0.0.1"], 0, EmbeddedAdmin(["127.0.0.1"]), certificate)
    await server.start()
    silent = Configure(audio_in="none", audio_out="none", video_in="none")
    options = SessionOptions("Hana", silent, media_process=False, rooms=file)
    address = ServerAddress("127.0.0.1", server.port, certificate.pin)
    session = Session.host(address, DeviceIdentity.generate(), options, Ledger())
    session.listen(lambda e: session.leave() if isinstance(e, events.Joined) else None)
    async with asyncio.timeout(20):
        assert (await session.run()).code == ""
        await server.stop()
    (room,) = file.load()
    assert (room.link, room.mine) == (session.link, True)
