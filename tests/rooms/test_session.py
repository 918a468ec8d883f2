"""Whole calls in one process: the real server, real sockets, codecs and encrypted media."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import msgspec
import pytest

from e2ee.file_chunks import MAX_FILE
from e2ee.identity import DeviceIdentity
from e2ee.link import Link, new_secret
from media import control
from media.control import Configure, Picture
from media.engine.embedded_admin import EmbeddedAdmin
from media.errors import DeviceError
from media.port import RemoteMedia
from rooms import events
from rooms.certificate import ServerCertificate
from rooms.errors import AgentRefusedError
from rooms.ledger import Ledger
from rooms.own_media import OwnMedia
from rooms.server import RoomServer
from rooms.session import ServerAddress, Session, SessionOptions

LOOPBACK = "127.0.0.1"
PATIENCE = 20.0
SILENT = Configure(audio_in="none", audio_out="none", video_in="none")
SPEAKING = Configure(audio_in="speech", audio_out="none", video_in="testsrc")

T = TypeVar("T", bound=events.AnyEvent)


@dataclass
class Face:
    """Runs a session and remembers what it told."""

    session: Session
    events: list[events.AnyEvent] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)
    running: asyncio.Task[events.Ended] | None = None

    def start(self) -> Face:
        self._told = asyncio.Event()
        self.session.listen(self._on_event, self.pictures.append)
        self.running = asyncio.create_task(self.session.run())
        return self

    def _on_event(self, event: events.AnyEvent) -> None:
        self.events.append(event)
        self._told.set()

    async def sees(self, kind: type[T], where: Callable[[T], bool] = lambda _: True) -> T:
        """Return the first event of a kind, seen or coming, for which `where` holds."""
        async with asyncio.timeout(PATIENCE):
            while True:
                self._told.clear()
                for event in self.events:
                    if isinstance(event, kind) and where(event):
                        return event
                await self._told.wait()

    async def ends(self) -> events.Ended:
        assert self.running is not None
        async with asyncio.timeout(PATIENCE):
            ended = await self.running
        assert self.events[-1] == ended
        return ended

    @property
    def lines(self) -> list[str]:
        return [line.text for line in self.session.chat]


@dataclass
class Place:
    """A server and everybody at it."""

    server: RoomServer
    address: ServerAddress
    faces: list[Face] = field(default_factory=list)

    def host(
        self, name: str = "Hana", media: Configure = SILENT, *, admit_all: bool = True
    ) -> Face:
        options = SessionOptions(name, media, admit_all, media_process=False)
        return self._start(Session.host(self.address, DeviceIdentity.generate(), options, Ledger()))

    def join(
        self,
        link: Link | str,
        name: str = "Ada",
        media: Configure = SILENT,
        *,
        media_process: bool = False,
        bot: bool = False,
    ) -> Face:
        link = Link.parse(link) if isinstance(link, str) else link
        options = SessionOptions(name, media, media_process=media_process, bot=bot)
        return self._start(Session.join(link, DeviceIdentity.generate(), options, Ledger()))

    def _start(self, session: Session) -> Face:
        face = Face(session).start()
        self.faces.append(face)
        return face

    async def close(self) -> None:
        for face in self.faces:
            face.session.leave()
        for face in self.faces:
            await face.ends()
        await self.server.stop()


@pytest.fixture
async def place() -> AsyncIterator[Place]:
    certificate = ServerCertificate.ephemeral()
    server = RoomServer([LOOPBACK], 0, EmbeddedAdmin([LOOPBACK]), certificate)
    await server.start()
    place = Place(server, ServerAddress(LOOPBACK, server.port, certificate.pin))
    yield place
    await place.close()


async def test_two_people_meet_hear_see_and_write(place: Place) -> None:
    host = place.host(media=SPEAKING)
    await host.sees(events.Joined)
    guest = place.join(host.session.link, media=SPEAKING)
    await guest.sees(events.Joined)
    await host.sees(events.ParticipantJoined)
    guest.session.set_view(0, 40, 30)
    for face in (host, guest):
        assert (await face.sees(events.FirstAudio)).name in {"Hana", "Ada"}
        await face.sees(events.PublishingState, lambda state: state.audio and state.video)
    await guest.sees(events.FirstPicture, lambda seen: seen.leaf == 0)
    host.session.say("hello")
    await guest.sees(events.ChatReceived)
    guest.session.say("hello to you")
    await host.sees(events.ChatReceived, lambda line: not line.mine)
    assert host.lines == guest.lines == ["hello", "hello to you"]
    assert guest.pictures
    assert guest.session.publishing_audio
    stats = await guest.sees(events.Stats, lambda stats: stats.decrypted_frames > 0)
    assert stats.decrypt_failures == 0


async def test_a_file_of_the_largest_size_gets_through_while_people_talk(
    place: Place, tmp_path: Path
) -> None:
    host = place.host(media=SPEAKING)
    await host.sees(events.Joined)
    guest = place.join(host.session.link, media=SPEAKING)
    await host.sees(events.FirstAudio)
    large = tmp_path / "large.bin"
    large.write_bytes(os.urandom(MAX_FILE))
    file = guest.session.files.send(str(large))
    await host.sees(events.FileOffered)
    guest.session.say("it is coming")
    done = await host.sees(events.FileDone)
    line = await host.sees(events.ChatReceived)
    assert host.events.index(line) < host.events.index(done)
    assert done.file == file
    saved = host.session.files.save(file, f"{tmp_path}/saved.bin")
    assert Path(saved).read_bytes() == large.read_bytes()
    assert (await guest.sees(events.FileDone)).mine
    assert not [event for event in host.events if isinstance(event, events.ErrorEvent)]


async def test_a_third_joins_late_and_learns_who_is_muted(place: Place) -> None:
    host = place.host()
    await host.sees(events.Joined)
    ada = place.join(host.session.link, "Ada")
    await ada.sees(events.Joined)
    ada.session.say("before")
    await host.sees(events.ChatReceived)
    bob = place.join(host.session.link, "Bob", Configure("speech", "none", "none"))
    await bob.sees(events.Joined)
    await ada.sees(events.ParticipantJoined, lambda event: event.participant.name == "Bob")
    await ada.sees(events.MuteState, lambda state: state.name == "Bob" and not state.muted)
    await ada.sees(events.FirstAudio, lambda event: event.name == "Bob")
    assert [person.name for person in bob.session.participants] == ["Hana", "Ada", "Bob"]
    assert bob.lines == []  # nothing from before is readable
    bob.session.set_muted(True)
    await host.sees(events.MuteState, lambda state: state.name == "Bob" and state.muted)
    assert bob.session.muted
    assert {face.session.epoch for face in (host, ada, bob)} == {2}


async def test_a_removed_participant_is_out_and_the_call_goes_on(place: Place) -> None:
    host = place.host()
    await host.sees(events.Joined)
    ada = place.join(host.session.link, "Ada")
    await ada.sees(events.Joined)
    bob = place.join(host.session.link, "Bob")
    await bob.sees(events.Joined)
    host.session.remove((await ada.sees(events.Joined)).leaf)
    assert (await ada.ends()).code == "room.removed"
    left = await bob.sees(events.ParticipantLeft)
    assert (left.name, left.reason) == ("Ada", "removed")
    host.session.say("only us")
    await bob.sees(events.ChatReceived)
    assert ada.lines == []


async def test_leaving_says_goodbye_and_ends_without_a_code(place: Place) -> None:
    host = place.host()
    await host.sees(events.Joined)
    ada = place.join(host.session.link, "Ada")
    await ada.sees(events.Joined)
    ada.session.leave()
    assert (await ada.ends()).code == ""
    assert (await host.sees(events.ParticipantLeft)).reason == "left"


async def test_a_host_decides_about_a_knock(place: Place) -> None:
    host = place.host(admit_all=False)
    await host.sees(events.Joined)
    ada = place.join(host.session.link, "Ada")
    knock = await host.sees(events.Knock)
    assert list(host.session.knocks) == [knock]
    host.session.refuse(knock.knock)
    assert (await ada.ends()).code == "room.refused"
    assert not host.session.knocks
    bob = place.join(host.session.link, "Bob")
    host.session.admit((await host.sees(events.Knock, lambda knock: knock.name == "Bob")).knock)
    await bob.sees(events.Joined)


async def test_a_server_with_another_key_is_not_talked_to(place: Place) -> None:
    wrong = Link(place.address.text, new_secret(), bytes(16), bytes(16))
    face = place.join(wrong)
    assert (await face.ends()).code == "network.wrong_server"
    assert [(line.sent, line.received) for line in face.session.ledger.snapshot()] == [(0, 0)]


async def test_a_room_that_is_not_open_says_so(place: Place) -> None:
    missing = Link(place.address.text, new_secret(), bytes(16), place.address.pin)
    face = place.join(missing)
    assert (await face.ends()).code == "room.missing"
    assert (await face.sees(events.ErrorEvent)).hint


async def test_nothing_listening_is_a_network_error_with_a_hint(place: Place) -> None:
    await place.server.stop()
    face = place.host()
    assert (await face.ends()).code == "network.unreachable"
    assert (await face.sees(events.ErrorEvent)).hint


async def test_a_media_file_that_is_missing_ends_the_call(place: Place) -> None:
    face = place.host(media=Configure("no-such-file.wav", "none", "none"))
    assert (await face.ends()).code == "media.device"


async def test_leaving_before_the_server_answers_just_ends(place: Place) -> None:
    face = place.host()
    face.session.leave()
    assert (await face.ends()).code == ""
    assert [type(event) for event in face.events] == [events.Left, events.Ended]


async def test_media_in_a_process_of_its_own_is_heard(place: Place) -> None:
    host = place.host()
    await host.sees(events.Joined)
    guest = place.join(host.session.link, media=SPEAKING, media_process=True)
    assert (await host.sees(events.FirstAudio)).name == "Ada"
    host.session.set_view((await guest.sees(events.Joined)).leaf, 8, 6)
    await host.sees(events.FirstPicture)


async def test_a_call_that_loses_its_media_process_goes_on_in_writing(place: Place) -> None:
    host = place.host()
    await host.sees(events.Joined)
    guest = place.join(host.session.link, media_process=True)
    await guest.sees(events.Joined)
    media = guest.session._media._port
    assert isinstance(media, RemoteMedia)
    while media.pid is None:
        await asyncio.sleep(0.01)
    os.kill(media.pid, signal.SIGKILL)
    assert (await guest.sees(events.ErrorEvent)).code == "media.process"
    guest.session.say("I cannot hear you")
    await host.sees(events.ChatReceived)


async def test_who_knocks_sees_and_hears_of_himself_before_a_host_decides(place: Place) -> None:
    host = place.host(admit_all=False)
    await host.sees(events.Joined)
    ada = place.join(host.session.link, media=SPEAKING)
    ada.session.rehearse(True)  # before the media is open
    ada.session.set_meters(True)
    ada.session.set_view(control.OWN, 40, 30)
    await ada.sees(events.LevelState, lambda state: (state.microphone or 0) > 0.5)
    while not ada.pictures:
        await asyncio.sleep(0.01)
    assert ada.pictures[0].leaf == control.OWN
    knock = await host.sees(events.Knock)
    assert [line.purpose for line in ada.session.ledger.snapshot()] == ["room server"]
    host.session.admit(knock.knock)
    await ada.sees(events.PublishingState, lambda state: state.audio and state.video)


async def test_a_microphone_that_takes_the_place_of_none_begins_muted(place: Place) -> None:
    host = place.host()
    await host.sees(events.Joined)
    session = host.session
    session.set_devices(audio_in="speech", video_in="testsrc")
    while not (session.has_microphone and session.has_camera):
        await asyncio.sleep(0.01)
    assert (session.muted, session.camera) == (True, False)
    session.set_muted(False)
    session.set_camera(True)
    await host.sees(events.PublishingState, lambda state: state.audio and state.video)
    session.set_devices(audio_in="device:none such")
    assert (await host.sees(events.DevicesMissing)).devices == ["microphone"]
    assert session.muted


async def test_a_run_that_is_cancelled_leaves_no_task_behind(place: Place) -> None:
    host = place.host()
    await host.sees(events.Joined)
    assert host.running is not None
    host.running.cancel()
    await asyncio.wait([host.running])
    assert host.running.cancelled()
    place.faces.clear()
    left = {task.get_name() for task in asyncio.all_tasks()}
    assert not left & {"room", "room writer", "over", "media"}


async def test_what_a_listener_asks_for_while_it_is_told_is_done(place: Place) -> None:
    host = place.host()
    host.session.listen(
        lambda event: (
            host.session.say("welcome") if isinstance(event, events.ParticipantJoined) else None
        )
    )
    await host.sees(events.Joined)
    ada = place.join(host.session.link)
    await ada.sees(events.ChatReceived)
    assert ada.lines == ["welcome"]


@pytest.mark.parametrize(
    ("media", "own_process"),
    [
        (Configure(), True),
        (Configure("-", "none", "none"), False),
        (Configure("none", "-", "none"), False),
    ],
)
def test_media_with_our_standard_streams_stays_here(media: Configure, own_process: bool) -> None:
    assert SessionOptions("Ada", media).own_process == own_process


async def test_without_microphone_and_camera_we_are_muted_to_everybody(
    place: Place, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def find(direction: str, _name: str | None) -> object:
        raise DeviceError(f"no {direction} found")

    monkeypatch.setattr("media.audio.soundcard.find", find)
    monkeypatch.setattr("media.video.cameras._DEV", tmp_path)
    host = place.host(media=Configure("default", "none", "camera"))
    await host.sees(events.Joined)
    missing = await host.sees(events.DevicesMissing)
    assert missing.devices == ["microphone", "camera"]  # no loudspeaker was asked for
    session = host.session
    assert (session.has_microphone, session.has_camera) == (False, False)
    session.set_muted(False)
    session.set_camera(True)
    assert (session.muted, session.camera) == (True, False)
    ada = place.join(session.link, media=SPEAKING)
    await ada.sees(events.Joined)
    ada.session.say("hello")
    await host.sees(events.ChatReceived)
    for face in (host, ada):
        me = next(person for person in face.session.participants if person.name == "Hana")
        assert (me.muted, me.camera) == (True, False)


async def test_the_ledger_knows_the_server_and_the_media(place: Place) -> None:
    host = place.host(media=SPEAKING)
    await host.sees(events.Joined)
    guest = place.join(host.session.link, media=SPEAKING)
    await guest.sees(events.Stats, lambda stats: stats.sent_bytes > 0)
    lines = {line.purpose: line for line in guest.session.ledger.snapshot()}
    assert lines["room server"].address == f"{LOOPBACK}:{place.server.port}"
    assert min(lines["room server"].sent, lines["room server"].received) > 0
    assert lines["media"].sent > 0


async def test_a_key_that_does_not_sign_ends_the_call_before_the_server_hears_of_it() -> None:
    class Refusing(DeviceIdentity):
        def sign(self, data: bytes) -> bytes:
            raise AgentRefusedError("no")

    nowhere = ServerAddress(LOOPBACK, 1, None)
    options = SessionOptions("Hana", SILENT, media_process=False)
    identity = Refusing(DeviceIdentity.generate().private_key)
    face = Face(Session.host(nowhere, identity, options, Ledger())).start()
    assert (await face.ends()).code == "identity.agent_refused"


def test_importing_the_session_loads_no_codec() -> None:
    code = (
        "import sys, rooms.session; "
        "print(*({'av', 'numpy', 'pylibsrtp', 'textual'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


async def test_a_member_cannot_be_heard_as_somebody_else(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All members could encrypt under any key id; the server forwards a leaf's frames only."""
    host = place.host()
    await host.sees(events.Joined)
    victim = place.join(host.session.link, "Vic")
    await victim.sees(events.Joined)
    forger = place.join(host.session.link, "Mal", SPEAKING)
    command = OwnMedia.command

    def as_the_victim(media: OwnMedia, told: control.Command) -> None:
        if media is forger.session._media and isinstance(told, control.InstallKey):
            told = msgspec.structs.replace(told, leaf=1)
        command(media, told)

    monkeypatch.setattr(OwnMedia, "command", as_the_victim)
    await forger.sees(events.PublishingState, lambda event: event.audio and event.video)
    honest = place.join(host.session.link, "Hope", SPEAKING)
    await host.sees(events.FirstAudio, lambda event: event.name == "Hope")
    await host.sees(events.FirstPicture, lambda event: event.name == "Hope")
    assert honest.session.participants[1].name == "Vic"
    for event in host.events:
        if isinstance(event, events.FirstAudio | events.FirstPicture):
            assert event.name == "Hope"


async def test_what_was_written_is_answered_and_reacted_to(place: Place) -> None:
    host = place.host()
    await host.sees(events.Joined)
    ada = place.join(host.session.link)
    await ada.sees(events.Joined)
    host.session.say("lunch?")
    line = await ada.sees(events.ChatReceived)
    ada.session.say("yes", line.id)
    ada.session.react(line.id, "👍")
    ada.session.react("nonsense", "👍")
    assert (await ada.sees(events.ErrorEvent)).code == "wire.malformed"
    told = await host.sees(events.Reaction)
    assert (told.chat, told.name, told.emoji, told.on) == (line.id, "Ada", "👍", True)
    assert [answer.reply_to for answer in host.session.chat] == ["", line.id]
    ada.session.react(line.id, "👍", on=False)
    await ada.sees(events.Reaction, lambda event: event.mine and not event.on)
    assert not ada.session.sending_stopped


async def test_attack_a_member_is_seen_although_only_hosts_may_show_themselves(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = place.host(media=SPEAKING)
    await host.sees(events.Joined)
    mallory = place.join(host.session.link, "Mallory", SPEAKING)
    await mallory.sees(events.Joined)
    host.session.set_view(1, 40, 30)
    await host.sees(events.FirstPicture)
    # A client that keeps to no rule: its camera stays on.
    monkeypatch.setattr(type(mallory.session.moderation), "may", lambda *_: True)
    host.session.moderation.allow("share", False)
    await host.sees(events.CameraState, lambda state: state.name == "Mallory" and not state.on)
    host.pictures.clear()
    host.events.clear()
    before = (await host.sees(events.Stats)).received_bytes
    await host.sees(events.Stats, lambda stats: stats.received_bytes > before + 4000)
    host.session._on_media(Picture(1, 1, 1, bytes(3)))  # one that was under way
    assert not host.pictures
    assert mallory.session.publishing_video
    assert not host.session.participants[1].camera


async def test_where_only_hosts_show_themselves_our_camera_goes_off_and_stays_off(
    place: Place,
) -> None:
    host = place.host()
    await host.sees(events.Joined)
    ada = place.join(host.session.link, media=SPEAKING)
    await ada.sees(events.PublishingState, lambda state: state.video)
    host.session.moderation.allow("share", False)
    await ada.sees(events.Note, lambda note: note.text.startswith("your camera is off"))
    await ada.sees(events.PublishingState, lambda state: state.audio and not state.video)
    ada.session.set_camera(True)
    assert (await ada.sees(events.ErrorEvent)).code == "room.policy"
    assert not ada.session.camera
    host.session.moderation.allow("share", True)
    await ada.sees(events.RoomState, lambda state: bool(state.changed) and state.policy["share"])
    assert not ada.session.camera  # not by itself: nobody is looking into the mirror
    ada.session.set_camera(True)
    await host.sees(events.CameraState, lambda state: state.name == "Ada" and state.on)


async def test_a_recording_that_ends_by_itself_is_seen_to(place: Place, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    host = place.host(media=Configure("speech:1", "none", "none", muted=True))
    await host.sees(events.Joined)
    eve = place.join(host.session.link, "Eve", Configure("none", f"{folder}/heard.ogg", "none"))
    await host.sees(events.RecordingState, lambda state: state.on)
    await eve.sees(events.Joined)
    folder.rmdir()  # before the first sound is written
    host.session.set_muted(False)
    assert (await eve.sees(events.ErrorEvent)).code == "media.device"
    await host.sees(events.RecordingState, lambda state: not state.on)


async def test_who_writes_what_it_hears_to_a_file_is_seen_to_record(
    place: Place, tmp_path: Path
) -> None:
    heard = tmp_path / "heard.wav"
    host = place.host(media=SPEAKING)
    await host.sees(events.Joined)
    eve = place.join(host.session.link, "Eve", Configure("none", str(heard), "none"))
    assert (await host.sees(events.RecordingState)).name == "Eve"
    await eve.sees(events.FirstAudio)
    assert [person.recording for person in host.session.participants] == [False, True]
    eve.session.set_devices(audio_out="none")
    await host.sees(events.RecordingState, lambda state: not state.on)
    host.session.moderation.allow("recording", False)
    await eve.sees(events.RoomState, lambda state: not state.policy["recording"])
    eve.session.set_devices(audio_out=str(tmp_path / "more.wav"))
    assert (await eve.sees(events.ErrorEvent)).code == "room.recording_forbidden"
    assert not (tmp_path / "more.wav").exists()
    recorded = heard.read_bytes()
    bob = place.join(host.session.link, "Bob", Configure("none", str(heard), "none"))
    assert (await bob.ends()).code == "room.recording_forbidden"
    assert heard.read_bytes() == recorded


async def test_a_program_that_says_so_is_seen_to_be_one(place: Place) -> None:
    host = place.host()
    await host.sees(events.Joined)
    rob = place.join(host.session.link, "Rob", bot=True)
    assert (await host.sees(events.BotState)).name == "Rob"
    await rob.sees(events.Joined)
    assert [person.bot for person in host.session.participants] == [False, True]
    assert [person.bot for person in rob.session.participants] == [False, True]


async def test_an_input_of_the_face_that_ends_is_told_as_that_of_the_media_is(place: Place) -> None:
    host = place.host()
    await host.sees(events.Joined)
    host.session.end_input("lines")
    assert (await host.sees(events.InputEnded)).kind == "lines"
