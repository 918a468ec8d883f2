"""The line to the server, broken and made again: real sockets, real sessions."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from typing import TypeVar

import pytest

from e2ee.identity import DeviceIdentity, Identity
from e2ee.link import Link
from media.control import Configure
from media.engine.embedded_admin import EmbeddedAdmin
from rooms import events
from rooms.certificate import ServerCertificate
from rooms.client import RoomClient
from rooms.ledger import Ledger
from rooms.server import RoomServer
from rooms.session import ServerAddress, Session, SessionOptions

LOOPBACK = "127.0.0.1"
SILENT = Configure(audio_in="none", audio_out="none", video_in="none")
SPEAKING = Configure(audio_in="speech", audio_out="none", video_in="none")

T = TypeVar("T", bound=events.AnyEvent)


class Face:
    """Runs a session and remembers what it told."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.events: list[events.AnyEvent] = []
        self._told = asyncio.Event()
        session.listen(self._on_event)
        self.running = asyncio.create_task(session.run())

    def _on_event(self, event: events.AnyEvent) -> None:
        self.events.append(event)
        self._told.set()

    async def sees(self, kind: type[T], after: int = 0) -> T:
        """Return the first event of a kind from number `after` on, seen or coming."""
        async with asyncio.timeout(20):
            while True:
                self._told.clear()
                for event in self.events[after:]:
                    if isinstance(event, kind):
                        return event
                await self._told.wait()

    async def ends(self) -> events.Ended:
        async with asyncio.timeout(20):
            return await self.running


class Place:
    """A server that can be ended and started again on its port, and those at it."""

    def __init__(self) -> None:
        self.certificate = ServerCertificate.ephemeral()
        self.faces: list[Face] = []
        self.port = 0

    async def start(self) -> None:
        self.admin = EmbeddedAdmin([LOOPBACK])
        self.server = RoomServer([LOOPBACK], self.port, self.admin, self.certificate)
        await self.server.start()
        self.port = self.server.port

    def host(self, media: Configure = SILENT) -> Face:
        address = ServerAddress(LOOPBACK, self.port, self.certificate.pin)
        options = SessionOptions("Hana", media, admit_all=True, media_process=False)
        return self._face(Session.host(address, DeviceIdentity.generate(), options, Ledger()))

    def join(self, host: Face, identity: Identity | None = None) -> Face:
        link = Link.parse(host.session.link)
        options = SessionOptions("Ada", SILENT, media_process=False)
        return self._face(
            Session.join(link, identity or DeviceIdentity.generate(), options, Ledger())
        )

    def _face(self, session: Session) -> Face:
        self.faces.append(Face(session))
        return self.faces[-1]


@pytest.fixture
async def place() -> AsyncIterator[Place]:
    place = Place()
    await place.start()
    yield place
    for face in place.faces:
        face.session.leave()
    for face in place.faces:
        await face.ends()
    await place.server.stop()


async def meet(place: Place, *, media: Configure = SILENT, guest: Identity | None = None):
    host = place.host(media)
    await host.sees(events.Joined)
    ada = place.join(host, guest)
    await ada.sees(events.Joined)
    await host.sees(events.ParticipantJoined)
    return host, ada


async def test_a_server_that_restarts_is_found_again(place: Place) -> None:
    host, ada = await meet(place, media=SPEAKING)
    await ada.sees(events.FirstAudio)
    told = len(ada.events)
    await place.server.stop()
    for face in (host, ada):
        await face.sees(events.Reconnecting)
    host.session.set_muted(True)
    await place.start()
    for face in (host, ada):
        await face.sees(events.Reconnected)
    assert [person.name for person in ada.session.participants] == ["Hana", "Ada"]
    assert (await ada.sees(events.MuteState, told)).muted  # as it was set meanwhile
    host.session.set_muted(False)
    assert (await ada.sees(events.FirstAudio, told)).name == "Hana"
    ada.session.say("back")
    await host.sees(events.ChatReceived)
    for face in (host, ada):
        assert sum(isinstance(event, events.Joined) for event in face.events) == 1


async def test_what_happens_while_connecting_breaks_no_new_connection(
    place: Place, monkeypatch
) -> None:
    host = place.host()
    await host.sees(events.Joined)
    connects = 0
    connect = RoomClient.connect

    async def busy(*args: object, **options: object) -> RoomClient:
        nonlocal connects
        client = await connect(*args, **options)  # type: ignore[arg-type]
        connects += 1
        host.session.set_muted(not host.session.muted)
        return client

    monkeypatch.setattr(RoomClient, "connect", busy)
    await place.server.stop()
    await host.sees(events.Reconnecting)
    await place.start()
    await host.sees(events.Reconnected)
    assert connects == 2  # the room is missing, then it is opened


async def test_a_server_that_does_not_come_back_ends_the_call(place: Place, monkeypatch) -> None:
    monkeypatch.setattr("rooms.returning.RECONNECT_FOR", 0.5)
    host = place.host()
    await host.sees(events.Joined)
    await place.server.stop()
    ended = await host.ends()
    assert ended.code == "network.unreachable"
    assert sum(isinstance(event, events.Reconnecting) for event in host.events) == 1


async def test_leaving_while_the_line_is_broken_ends_at_once(place: Place) -> None:
    host = place.host()
    await host.sees(events.Joined)
    await place.server.stop()
    await host.sees(events.Reconnecting)
    host.session.leave()
    assert (await host.ends()).code == ""


async def test_a_server_with_another_key_is_not_gone_back_to(place: Place) -> None:
    host = place.host()
    await host.sees(events.Joined)
    await place.server.stop()
    place.certificate = ServerCertificate.ephemeral()
    await place.start()
    assert (await host.ends()).code == "network.wrong_server"


class Slow(Identity):
    """A key that somebody has to touch: its second signature waits for that."""

    def __init__(self) -> None:
        self.identity = DeviceIdentity.generate()
        self.asked, self.touched = threading.Event(), threading.Event()
        self.signatures = 0

    @property
    def public_blob(self) -> bytes:
        return self.identity.public_blob

    def sign(self, data: bytes) -> bytes:
        self.signatures += 1
        if self.signatures > 1:
            self.asked.set()
            assert self.touched.wait(10)
        return self.identity.sign(data)


async def test_a_signature_that_waits_for_a_person_holds_up_nothing(place: Place) -> None:
    slow = Slow()
    host, ada = await meet(place, guest=slow)
    await place.server.stop()
    await ada.sees(events.Reconnecting)
    await place.start()
    await asyncio.to_thread(slow.asked.wait, 10)
    await host.sees(events.Reconnected)  # in the same event loop
    slow.touched.set()
    await ada.sees(events.Reconnected)
    assert slow.signatures == 2


async def test_sound_comes_back_when_only_its_path_breaks(place: Place) -> None:
    host, ada = await meet(place, media=SPEAKING)
    await ada.sees(events.FirstAudio)
    (room,) = place.server._hall.rooms.values()
    await place.admin.leave(room.name, 1)  # the host's leg, as if it had lost its way
    assert 1 not in place.admin.participants(room.name)
    async with asyncio.timeout(20):
        while 1 not in place.admin.participants(room.name):
            await asyncio.sleep(0.05)
    assert not any(isinstance(event, events.Reconnecting) for event in host.events)
