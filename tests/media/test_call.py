"""Two and three calls over a real engine: heard, seen, muted, re-keyed, ended."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
import threading
import wave
from pathlib import Path

import numpy as np
import pytest

from media import control
from media.call import MediaCall
from media.control import (
    Closed,
    Configure,
    Connect,
    Connected,
    DeviceNote,
    Devices,
    Disconnected,
    Failed,
    Heard,
    InputEnded,
    MediaStats,
    Offered,
    Picture,
    Publishing,
    Renew,
    ResumeSending,
    Seen,
    SetCamera,
    SetMuted,
    SetView,
    SetVolume,
    Shutdown,
    Speaking,
    StopSending,
)
from media.engine.embedded_admin import EmbeddedAdmin
from media.engine.embedded_session import EmbeddedSession
from media.engine.ports import MediaAnswer
from media.errors import DeviceError


@pytest.fixture(autouse=True)
def quick_ticks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("media.call.TICK", 0.02)


async def settled(seconds: float = 0.15) -> None:
    """Let what is on its way arrive."""
    await asyncio.sleep(seconds)


async def test_a_voice_is_heard_and_its_speaker_known(room) -> None:
    ada, bob = room.person(), room.person()
    await ada.join(audio_in="speech:1")
    await bob.join()
    for person in (bob, ada):
        await person.key(1, {0, 1})
    assert (await bob.until(Heard)).leaf == 0
    assert await bob.until(Speaking) == Speaking(0, on=True)
    assert await ada.until(Speaking) == Speaking(0, on=True)
    assert await ada.until(Publishing) == Publishing(audio=True, video=False)
    stats = await bob.until(MediaStats, lambda stats: stats.decrypted_frames.get(0, 0) > 10)
    assert stats.decrypt_failures == 0
    assert ada.count(Heard) == 0


async def test_a_voice_reaches_the_sink_at_its_volume(room, tmp_path: Path) -> None:
    ada, bob, eve = room.person(), room.person(), room.person()
    await ada.join(audio_in="speech:1")
    await bob.join(audio_out=str(tmp_path / "bob.wav"))
    await eve.join(audio_out=str(tmp_path / "eve.wav"))
    await eve.do(SetVolume(0, 0.0))
    for person in (ada, bob, eve):
        await person.key(1, {0, 1, 2})
    for person in (bob, eve):
        await person.until(Speaking)
        await person.do(Shutdown())
    assert peak(tmp_path / "bob.wav") > 1000
    assert not (tmp_path / "eve.wav").exists()


def peak(path: Path) -> int:
    with wave.open(str(path)) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2")
    assert len(samples) > 0
    return int(np.abs(samples.astype(int)).max())


async def test_a_face_is_seen_in_the_size_asked_for(room) -> None:
    ada, bob = room.person(), room.person()
    await ada.join(video_in="testsrc:1")
    await bob.join()
    await bob.do(SetView(0, 80, 48))
    for person in (ada, bob):
        await person.key(1, {0, 1})
    assert (await bob.until(Seen)).leaf == 0
    picture = await bob.until(Picture)
    assert (picture.leaf, picture.width, picture.height) == (0, 80, 48)
    assert len(picture.rgb) == 80 * 48 * 3
    assert len(set(picture.rgb)) > 10
    assert await ada.until(Publishing) == Publishing(audio=False, video=True)
    await bob.do(SetView(0, 0, 0))
    shown = bob.count(Picture)
    await settled(0.3)
    assert bob.count(Picture) == shown


async def test_who_joins_late_gets_a_key_frame(room) -> None:
    ada, bob = room.person(), room.person()
    await ada.join(video_in="testsrc:1")
    await ada.key(1, {0, 1})
    await ada.until(Publishing)
    await settled(0.6)
    await bob.join()
    await bob.key(1, {0, 1})
    await bob.until(Seen)


async def test_the_self_view_shows_our_own_pictures(room) -> None:
    ada = room.person()
    await ada.join(video_in="testsrc:1")
    await ada.do(SetView(0, 40, 30))
    await ada.key(1, {0})
    assert (await ada.until(Picture)).leaf == 0
    assert ada.count(Seen) == 0


async def test_mute_stops_every_packet(room) -> None:
    ada = room.person()
    await ada.join(audio_in="speech:1")
    await ada.key(1, {0, 1})
    await ada.until(Publishing, lambda event: event.audio)
    await ada.do(SetMuted(True))
    await settled()
    before = len(room.packets)
    assert before > 0
    await ada.until(Publishing, lambda event: not event.audio)
    await settled(0.3)
    assert len(room.packets) == before
    await ada.do(SetMuted(False))
    await ada.until(Publishing, lambda event: event.audio, after=len(ada.events))
    assert len(room.packets) > before


async def test_mute_drops_sound_from_the_very_next_frame(room) -> None:
    ada = room.person()
    await ada.join(audio_in="speech:1")
    await ada.key(1, {0, 1})
    await ada.until(Publishing)
    await ada.do(SetMuted(True))
    before = ada.engine.stats().sent_packets
    for _ in range(3):
        ada.call._sending._sound_captured(np.zeros(960, np.int16))  # still on its way from a device
    assert ada.engine.stats().sent_packets == before


async def test_mute_ends_our_own_speaking_mark(room) -> None:
    ada = room.person()
    await ada.join(audio_in="speech:1")
    await ada.key(1, {0, 1})
    await ada.until(Speaking)
    after = len(ada.events)
    await ada.do(SetMuted(True))
    assert await ada.until(Speaking, after=after) == Speaking(0, on=False)


async def test_camera_off_stops_every_packet(room) -> None:
    ada = room.person()
    await ada.join(video_in="testsrc:1")
    await ada.key(1, {0, 1})
    await ada.until(Publishing, lambda event: event.video)
    await ada.do(SetCamera(False))
    await settled()
    before = len(room.packets)
    await ada.until(Publishing, lambda event: not event.video)
    assert len(room.packets) == before > 0


async def test_nothing_is_sent_without_a_key(room) -> None:
    ada = room.person()
    await ada.join(audio_in="speech:1", video_in="testsrc:1")
    await settled(0.3)
    assert room.packets == []
    assert ada.count(Publishing) == 0
    await ada.key(1, {0}, send_after=0.3)
    await settled(0.1)
    assert room.packets == []
    await ada.until(Publishing)


async def test_the_server_sees_no_voice_and_no_picture(room) -> None:
    ada, eve = room.person(), room.person()
    await ada.join(audio_in="speech:1", video_in="testsrc:1")
    await eve.join()
    await ada.key(1, {0, 1})
    await eve.key(1, {0, 1}, secret=1)
    stats = await eve.until(MediaStats, lambda stats: stats.decrypt_failures > 10)
    assert stats.decrypted_frames == {}
    assert eve.count(Heard) == eve.count(Seen) == 0


async def test_a_key_change_is_not_heard(room) -> None:
    ada, bob = room.person(), room.person()
    await ada.join(audio_in="speech:1", video_in="testsrc:1")
    await bob.join()
    for person in (bob, ada):
        await person.key(1, {0, 1})
    await bob.until(Seen)
    for person in (bob, ada):
        await person.key(2, {0, 1}, send_after=0.3)
    before = await bob.until(MediaStats, after=len(bob.events))
    after = await bob.until(
        MediaStats,
        lambda stats: stats.decrypted_frames[0] > before.decrypted_frames[0] + 30,
    )
    assert after.decrypt_failures == 0


async def test_removed_member_hears_nothing_more(room) -> None:
    ada, eve = room.person(), room.person()
    await ada.join(audio_in="speech:1")
    await eve.join()
    for person in (ada, eve):
        await person.key(1, {0, 1})
    await eve.until(Heard)
    await ada.key(2, {0}, send_after=0.0)
    await settled(0.3)
    before = eve.call._frames[0]
    await settled(0.3)
    assert eve.call._frames[0] == before
    assert eve.call._failures > 5


async def test_frames_of_a_removed_member_are_dropped_at_once(room) -> None:
    ada, eve = room.person(), room.person()
    await ada.join()
    await eve.join(audio_in="speech:1")
    for person in (ada, eve):
        await person.key(1, {0, 1})
    await ada.until(Heard)
    await ada.key(2, {0}, send_after=5.0)
    await settled()
    assert ada.call._frames == {}
    await ada.key(3, {0, 1}, send_after=5.0)  # somebody new has the same leaf now
    await settled()
    assert ada.call._frames == {}


async def test_attack_a_removed_member_speaks_as_whom_the_same_commit_gave_its_leaf(room) -> None:
    ada, eve = room.person(), room.person()
    await ada.join()
    await eve.join(audio_in="speech:1")
    for person in (ada, eve):
        await person.key(1, {0, 1})
    await ada.until(Heard)
    await ada.key(2, {0, 1}, send_after=5.0, joined=frozenset({1}))
    await settled()
    assert ada.call._frames == {}


async def test_nothing_is_sent_while_stopped_whatever_key_comes(room) -> None:
    ada = room.person()
    await ada.join(audio_in="speech:1")
    await ada.key(1, {0, 1})
    await ada.until(Publishing)
    await ada.do(StopSending())
    await settled()
    before = len(room.packets)
    await settled(0.3)
    assert len(room.packets) == before
    await ada.key(2, {0, 1})
    await settled(0.3)
    assert len(room.packets) == before
    await ada.do(ResumeSending())
    await ada.until(Publishing, lambda event: event.audio, after=len(ada.events))


async def test_microphone_and_camera_stop_with_the_sending_and_others_are_heard_on(room) -> None:
    ada, bob = room.person(), room.person()
    await ada.join(audio_in="speech:1")
    await bob.join(audio_in="speech:2")
    for person in (ada, bob):
        await person.key(1, {0, 1})
    await ada.until(Publishing, lambda event: event.audio)
    await ada.do(StopSending())
    await ada.until(Publishing, lambda event: not event.audio)
    heard = len(ada.events)
    await ada.until(MediaStats, lambda event: event.decrypted_frames.get(1, 0) > 0, after=heard)


@pytest.mark.parametrize(
    ("members", "share", "told"), [(5, True, False), (6, True, True), (6, False, False)]
)
async def test_the_level_is_in_the_packets_of_large_rooms_unless_it_is_hidden(
    room, members: int, share: bool, told: bool
) -> None:
    ada = room.person()
    await ada.join(audio_in="speech:1", share_level=share)
    await ada.key(1, set(range(members)))
    await ada.until(Speaking)
    assert room.packets
    assert {bool(packet[0] & 0x10) for packet in room.packets} == {told}


async def test_attack_a_server_offers_one_slot_to_be_told_how_loud_people_are(
    room, monkeypatch
) -> None:
    monkeypatch.setattr("media.engine.embedded_admin.AUDIO_SLOTS", 1)
    ada = room.person()
    await ada.join(audio_in="speech:1")
    await ada.key(1, {0, 1, 2})
    await ada.until(Speaking)
    assert {bool(packet[0] & 0x10) for packet in room.packets} == {False}


async def test_the_end_of_a_file_is_told(room, tmp_path: Path) -> None:
    with wave.open(str(tmp_path / "a.wav"), "wb") as file:
        file.setparams((1, 2, 48_000, 0, "NONE", ""))
        file.writeframes(bytes(9600))
    ada = room.person()
    await ada.join(audio_in=str(tmp_path / "a.wav"))
    await ada.key(1, {0})
    assert await ada.until(InputEnded) == InputEnded("audio")


async def test_a_missing_file_ends_the_call_with_a_reason(room) -> None:
    ada = room.person()
    await ada.do(Configure(audio_in="no such file.wav", audio_out="none"))
    assert (await ada.until(Failed)).code == "media.device"
    assert isinstance(ada.events[-1], Closed)
    assert ada.call.closed


async def test_devices_that_are_missing_are_told_with_what_helps(
    room, monkeypatch, tmp_path: Path
) -> None:
    def find(direction: str, _name: str | None) -> object:
        raise DeviceError(f"no {direction} found", hint="buy one")

    monkeypatch.setattr("media.audio.soundcard.find", find)
    monkeypatch.setattr("media.video.cameras._DEV", tmp_path)
    ada = room.person()
    await ada.do(Configure(audio_in="default", audio_out="default", video_in="camera"))
    assert await ada.until(Devices) == Devices(microphone=False, camera=False, loudspeaker=False)
    assert await ada.until(DeviceNote) == DeviceNote("buy one")  # once, not for each
    assert (ada.count(Devices), ada.count(DeviceNote), ada.count(Failed)) == (1, 1, 0)


async def test_files_and_voices_are_devices_and_none_is_not(room, tmp_path: Path) -> None:
    for spec, there in (("none", False), ("speech", True)):
        ada = room.person()
        sink = str(tmp_path / "ada.wav") if there else "none"
        await ada.do(Configure(spec, sink, spec.replace("speech", "testsrc")))
        assert await ada.until(Devices) == Devices(there, there, there, there)
        assert ada.count(DeviceNote) == 0


async def test_a_server_that_does_not_answer_ends_the_call(room, monkeypatch) -> None:
    monkeypatch.setattr("media.transport.webrtc.CONNECT_TIMEOUT", 0.3)
    ada = room.person()
    await ada.do(Configure(audio_in="none", audio_out="none"))
    offered = await ada.until(Offered)
    other = EmbeddedAdmin(["127.0.0.1"])
    await other.start()
    answer = await other.join("room", 1, offered.offer)
    await other.close()
    await ada.do(Connect(answer))
    assert (await ada.until(Failed)).code == "media.transport"
    await ada.until(Closed)


async def test_a_lost_transport_is_told_and_stops_the_microphone(room) -> None:
    ada = room.person()
    await ada.join(audio_in="speech:1")
    await ada.key(1, {0, 1})
    await ada.until(Publishing)
    await room.admin.leave("room", 1)
    await ada.until(Disconnected)
    await ada.until(Publishing, lambda event: not event.audio)


async def test_a_transport_is_given_up_for_another_one(room) -> None:
    """A new connection to the server: keys, counters and devices stay, and sound flows again."""
    ada, bob = room.person(), room.person()
    await ada.join(audio_in="speech:1")
    await bob.join()
    for person in (ada, bob):
        await person.key(5, {0, 1})
    await bob.until(Heard)
    sent = ada.engine.stats().sent_packets
    told, heard = len(ada.events), len(bob.events)
    await ada.do(Renew())
    offered = await ada.until(Offered, after=told)
    assert ada.engine.stats().sent_packets >= sent
    assert ada.count(Disconnected) == 0
    await room.admin.leave("room", 1)
    await ada.do(Connect(await room.admin.join("room", 7, offered.offer)))
    await ada.until(Connected, after=told)
    await bob.key(2, {0, 1}, secret=9, anew=True)
    await ada.key(2, {0, 1}, secret=9, anew=True)
    assert (await bob.until(Heard, after=heard)).leaf == 0
    assert ada.call._keyring.epochs == (2,)
    assert ada.count(Failed) == 0


async def test_a_transport_that_is_still_connecting_is_given_up_too(room) -> None:
    ada = room.person()
    await ada.do(Configure(audio_in="none", audio_out="none"))
    offered = await ada.until(Offered)
    answer = await room.admin.join("room", 1, offered.offer)
    await room.admin.leave("room", 1)
    await ada.do(Connect(answer))
    await asyncio.sleep(0.05)
    told = len(ada.events)
    await ada.do(Renew())
    again = await ada.until(Offered, after=told)
    await ada.do(Connect(await room.admin.join("room", 1, again.offer)))
    await ada.until(Connected)
    assert ada.count(Failed) == 0


async def test_shutdown_leaves_no_task_thread_or_key() -> None:
    admin = EmbeddedAdmin(["127.0.0.1"])
    await admin.start()
    tasks, threads = asyncio.all_tasks(), set(threading.enumerate())
    events: list[control.Event] = []
    call = MediaCall(EmbeddedSession(), events.append)
    await call.handle(Configure("speech:1", "none", "testsrc:1"))
    offered = next(event for event in events if isinstance(event, Offered))
    await call.handle(Connect(await admin.join("room", 1, offered.offer)))
    await call.handle(control.InstallKey(1, bytes(16), 0, frozenset({0}), 0.0))
    while Publishing(audio=True, video=True) not in events:
        await asyncio.sleep(0.01)
    await call.handle(Shutdown())
    await call.handle(Shutdown())
    assert events.count(Closed()) == 1
    assert isinstance(events[-1], Closed)
    assert call._keyring.epochs == ()
    await admin.close()
    await asyncio.sleep(0)
    assert asyncio.all_tasks() - tasks == set()
    left = {thread.name for thread in threading.enumerate() if thread not in threads}
    assert not [name for name in left if not name.startswith("asyncio_")]  # the loop's own pool


async def test_shutdown_does_not_wait_for_a_handshake_that_lost_its_cancellation() -> None:
    class Deaf(EmbeddedSession):
        """A leg in a handshake that a cancellation does not reach, as happens in `wait_for`."""

        ended = asyncio.Event()

        async def connect(self, answer: MediaAnswer) -> None:
            with contextlib.suppress(asyncio.CancelledError):
                await self.ended.wait()
            await self.ended.wait()

        async def close(self) -> None:
            self.ended.set()
            await super().close()

    events: list[control.Event] = []
    admin, engine = EmbeddedAdmin(["127.0.0.1"]), Deaf()
    await admin.start()
    call = MediaCall(engine, events.append)
    await call.handle(Configure("none", "none", "none"))
    offered = next(event for event in events if isinstance(event, Offered))
    await call.handle(Connect(await admin.join("room", 1, offered.offer)))
    await asyncio.sleep(0)
    async with asyncio.timeout(5):
        await call.handle(Shutdown())
    assert isinstance(events[-1], Closed)
    await admin.close()


async def test_commands_after_the_end_do_nothing(room) -> None:
    ada = room.person()
    await ada.do(Configure(audio_in="none", audio_out="none"), Shutdown(), SetMuted(False))
    assert isinstance(ada.events[-1], Closed)


@pytest.mark.parametrize("epoch", [0, 1])
async def test_an_old_key_ends_the_call_with_a_reason(room, epoch: int) -> None:
    ada = room.person()
    await ada.join()
    await ada.key(1, {0})
    await ada.key(epoch, {0}, secret=1)
    assert (await ada.until(Failed)).code == "e2ee.refused"


async def test_who_only_hears_never_loads_the_codecs_of_pictures(tmp_path) -> None:
    code = """
import asyncio, sys
from media.call import MediaCall
from media.control import Configure, Shutdown
from media.engine.embedded_session import EmbeddedSession

async def main():
    call = MediaCall(EmbeddedSession(), lambda _event: None)
    await call.handle(Configure("none", sys.argv[1], "none", muted=False, camera=False))
    await asyncio.sleep(0.1)
    await call.handle(Shutdown())

asyncio.run(main())
print(*({"av", "aiortc"} & set(sys.modules)))
"""
    command = [sys.executable, "-c", code, str(tmp_path / "heard.wav")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
