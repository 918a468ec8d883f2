"""Our side: when microphone and camera run, and that nothing leaves while we rehearse."""

from __future__ import annotations

import asyncio
import wave
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from media import publishing
from media.control import (
    OWN,
    Configure,
    Connect,
    DeviceNote,
    Devices,
    Levels,
    Offered,
    Picture,
    Publishing,
    Rehearse,
    Renew,
    SetCamera,
    SetDevices,
    SetMeters,
    SetMuted,
    SetPrivacy,
    SetView,
    Speaking,
)
from media.video import vp8


@pytest.fixture(autouse=True)
def quick_ticks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("media.call.TICK", 0.02)


@pytest.fixture
def encoders(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Note each frame that any encoder of ours is given."""
    encoded: list[str] = []
    for kind in (publishing.OpusEncoder, vp8.Encoder):
        encode = kind.encode

        def noted(*args: object, _kind: type = kind, _encode: Callable = encode, **kw: object):
            encoded.append(_kind.__module__)
            return _encode(*args, **kw)

        monkeypatch.setattr(kind, "encode", noted)
    return encoded


async def knocking(room, **configure: object):
    """Return somebody whose media is there, and has neither a key nor a transport."""
    ada = room.person()
    specs = {"audio_in": "speech:1", "audio_out": "none", "video_in": "testsrc:1"}
    await ada.do(Configure(**{**specs, **configure}))
    await ada.until(Devices)
    return ada


def runs(ada) -> tuple[bool, bool]:
    """Whether microphone and camera run."""
    inputs = ada.call._sending.inputs
    return inputs._audio._on, inputs._video._on


async def until_runs(ada, audio: bool, video: bool) -> None:
    async with asyncio.timeout(5):
        while runs(ada) != (audio, video):
            await asyncio.sleep(0.005)


async def test_who_rehearses_sees_and_hears_of_himself_and_nothing_leaves(room, encoders) -> None:
    ada = await knocking(room)
    await ada.do(SetMeters(True), SetView(OWN, 40, 30))
    assert (await ada.until(Levels)).microphone is None
    assert runs(ada) == (False, False)
    await ada.do(Rehearse(True))
    picture = await ada.until(Picture)
    assert (picture.leaf, picture.width, picture.height) == (OWN, 40, 30)
    await ada.until(Levels, lambda level: (level.microphone or 0) > 0.5)
    await ada.until(Levels, lambda level: level.loudspeaker == 0.0)
    assert ada.count(Publishing) == ada.count(Speaking) == 0
    assert encoders == []
    assert room.packets == []
    assert ada.engine.stats().sent_packets == 0
    await ada.do(Rehearse(False))
    await until_runs(ada, False, False)


async def test_nothing_is_encoded_while_there_is_a_transport_and_no_key(room, encoders) -> None:
    ada = room.person()
    await ada.join(audio_in="speech:1", video_in="testsrc:1")
    await ada.do(Rehearse(True), SetMeters(True), SetView(OWN, 40, 30))
    await ada.until(Levels, lambda level: (level.microphone or 0) > 0.5)
    await ada.until(Picture)
    assert encoders == []
    assert room.packets == []


async def test_mute_and_camera_off_stop_the_devices_of_a_rehearsal(room) -> None:
    ada = await knocking(room)
    await ada.do(Rehearse(True), SetMeters(True))
    await until_runs(ada, True, True)
    await ada.do(SetMuted(True))
    await until_runs(ada, False, True)
    muted = len(ada.events)
    await ada.until(Levels, after=muted)
    last = await ada.until(Levels, after=len(ada.events))
    assert last.microphone is None
    await ada.do(SetCamera(False))
    await until_runs(ada, False, False)
    await ada.do(SetMuted(False), SetCamera(True))
    await until_runs(ada, True, True)


async def test_what_runs_goes_on_into_the_room_without_a_stop(room, monkeypatch) -> None:
    stops: list[str] = []
    ada = await knocking(room)
    await ada.do(Rehearse(True))
    await until_runs(ada, True, True)
    for switch in (ada.call._sending.inputs._audio, ada.call._sending.inputs._video):
        source, stop = switch._source, switch._source.stop
        monkeypatch.setattr(source, "stop", lambda stop=stop: stops.append("stopped") or stop())
    offered = await ada.until(Offered)
    await ada.do(Connect(await room.admin.join("room", 1, offered.offer)))
    await ada.key(1, {0}, send_after=0.1)
    await ada.until(Publishing, lambda event: event.audio and event.video)
    assert stops == []
    assert not ada.call._sending.rehearsing
    await ada.do(Renew())  # no transport: what ran for the others does not run for nobody
    await until_runs(ada, False, False)


async def test_who_comes_in_muted_has_the_microphone_off(room) -> None:
    ada = await knocking(room, muted=True)
    await ada.do(Rehearse(True))
    await until_runs(ada, False, True)
    offered = await ada.until(Offered)
    await ada.do(Connect(await room.admin.join("room", 1, offered.offer)))
    await ada.key(1, {0})
    await ada.until(Publishing, lambda event: event.video)
    assert runs(ada) == (False, True)


def sine(path: Path, decibels: float, seconds: float = 3.0) -> str:
    """Write a tone with a peak of so many dBFS."""
    samples = np.sin(np.arange(int(seconds * 48_000)) * 2 * np.pi / 96) * 10 ** (decibels / 20)
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 48_000, 0, "NONE", ""))
        file.writeframes(np.rint(32767 * samples).astype("<i2").tobytes())
    return str(path)


async def test_levels_follow_a_known_tone_in_and_out_and_another_file(room, tmp_path: Path) -> None:
    """A sine of -17 dBFS peak is -20 dBFS RMS: two thirds of a meter that begins at -60."""
    ada, bob = room.person(), room.person()
    await ada.join(audio_in=sine(tmp_path / "loud.wav", -16.99))
    await bob.join()
    await ada.do(SetMeters(True))
    await bob.do(SetMeters(True))
    for person in (ada, bob):
        await person.key(1, {0, 1})
    level = await ada.until(Levels, lambda level: level.microphone is not None)
    assert level.microphone == pytest.approx(2 / 3, abs=0.01)
    near = lambda wanted: lambda level: abs((level.loudspeaker or 0) - wanted) < 0.05  # noqa: E731
    await bob.until(Levels, near(2 / 3))
    await ada.do(SetDevices(audio_in=sine(tmp_path / "low.wav", -36.99)))
    await ada.until(Levels, lambda level: abs((level.microphone or 0) - 1 / 3) < 0.01)
    await bob.until(Levels, near(1 / 3), after=len(bob.events))
    await ada.do(SetMeters(False))
    told = ada.count(Levels)
    await asyncio.sleep(0.1)
    assert ada.count(Levels) == told


async def test_devices_are_switched_in_a_running_call(room, tmp_path: Path) -> None:
    ada = room.person()
    await ada.join(audio_in="speech:1", video_in="none", audio_out="none")
    await ada.key(1, {0, 1})
    await ada.until(Publishing, lambda event: event.audio)
    told = len(ada.events)
    out = str(tmp_path / "out.wav")
    await ada.do(SetDevices(audio_in="none", video_in="testsrc:1", audio_out=out))
    assert await ada.until(Devices, after=told) == Devices(False, True, True, True)
    await ada.until(Publishing, lambda event: event.video and not event.audio, after=told)


async def test_what_cannot_be_taken_is_a_note_and_the_call_goes_on(room) -> None:
    ada = room.person()
    await ada.join(audio_in="speech:1", video_in="testsrc:1")
    await ada.key(1, {0, 1})
    await ada.until(Publishing, lambda event: event.audio)
    told = len(ada.events)
    await ada.do(SetDevices(audio_in="no such.wav", video_in="device:no such camera"))
    assert await ada.until(Devices, after=told) == Devices(True, False, False)
    note = (await ada.until(DeviceNote, after=told)).text
    assert "no such.wav" in note
    assert "there is no camera called no such camera" in note
    assert ada.call._sending._audio.is_publishing(asyncio.get_running_loop().time())


async def test_a_mute_does_not_wait_for_a_device_to_be_found(room, monkeypatch) -> None:
    ada = room.person()
    await ada.join(audio_in="speech:1")
    await ada.key(1, {0, 1})
    await ada.until(Publishing)
    found = asyncio.Event()
    choose = ada.call._sending.choose_audio

    async def slow(spec: str) -> str:
        await found.wait()
        return await choose(spec)

    monkeypatch.setattr(ada.call._sending, "choose_audio", slow)
    await ada.do(SetDevices(audio_in="speech:2"), SetMuted(True))
    await ada.until(Publishing, lambda event: not event.audio)
    found.set()
    await ada.until(Devices, after=len(ada.events))
    assert not ada.call._sending.inputs._audio._on


async def test_bitrate_may_vary_from_one_moment_to_the_next(room) -> None:
    ada = room.person()
    await ada.join(audio_in="speech:1", constant_bitrate=True)
    await ada.key(1, {0, 1})
    sizes = await sizes_of(room, 40)
    assert len(sizes) == 1
    await ada.do(SetPrivacy(share_level=True, constant_bitrate=False))
    assert len(await sizes_of(room, 40)) > 3


async def sizes_of(room, count: int) -> set[int]:
    """Return the sizes of the next packets of sound, but for the first few."""
    start = len(room.packets) + 10
    async with asyncio.timeout(10):
        while len(room.packets) < start + count:
            await asyncio.sleep(0.02)
    return {len(packet) for packet in room.packets[start:]}
