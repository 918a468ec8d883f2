from __future__ import annotations

import asyncio
import os
import select
import wave
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from media.audio import pipes, soundcard
from media.audio.devices import open_sink, open_source
from media.audio.pacing import PacedSink, PacedSource
from media.audio.pcm import FRAME_SAMPLES, Pcm, to_bytes
from media.audio.synthetic import speak
from media.audio.voices import Voice
from media.audio.wav import WavWriter
from media.errors import DeviceError


def ignore(*_arguments: object) -> None:
    pass


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.001)


def is_empty(pipe: int) -> bool:
    return not select.select([pipe], [], [], 0)[0]


@pytest.fixture
def no_card(monkeypatch: pytest.MonkeyPatch) -> None:
    def find(direction: str, _name: str | None) -> soundcard.Card:
        raise DeviceError(f"no {direction} found", hint="buy one")

    monkeypatch.setattr(soundcard, "find", find)


async def test_no_source_is_no_source() -> None:
    assert open_source("none", on_frame=ignore, on_end=ignore) == (None, "")


@pytest.mark.parametrize(("spec", "seed"), [("speech", 0), ("speech:0", 0), ("speech:42", 42)])
async def test_a_voice_speaks_in_real_time(spec: str, seed: int) -> None:
    got: list[Pcm] = []
    source, note = open_source(spec, on_frame=got.append, on_end=ignore)
    assert source is not None
    assert note == ""
    await source.start()
    await until(lambda: len(got) >= 3)
    await source.close()
    said = speak(seed)[: len(got) * FRAME_SAMPLES]
    assert np.array_equal(np.concatenate(got), said)


@pytest.mark.parametrize("spec", ["speech:x", "speech:-1", "speech:1.5", "speech:9999999999"])
def test_a_seed_is_a_small_number(spec: str) -> None:
    with pytest.raises(DeviceError, match="seed"):
        open_source(spec, on_frame=ignore, on_end=ignore)


async def test_a_recording_is_played_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "said.wav"
    said = speak(1)[FRAME_SAMPLES : 11 * FRAME_SAMPLES]
    writer = WavWriter(path)
    for frame in said.reshape(-1, FRAME_SAMPLES):
        await writer.write(frame)
    await writer.close()
    got, ends = list[Pcm](), list[bool]()
    source, _ = open_source(str(path), on_frame=got.append, on_end=lambda _: ends.append(True))
    assert isinstance(source, PacedSource)
    await source.start()
    await until(lambda: bool(ends))
    assert np.array_equal(np.concatenate(got), said)
    await source.close()


def test_a_missing_file_is_a_persons_error() -> None:
    with pytest.raises(DeviceError, match="cannot be played"):
        open_source("no-such-file.wav", on_frame=ignore, on_end=ignore)


async def test_standard_input_is_a_live_source(monkeypatch: pytest.MonkeyPatch) -> None:
    out, into = os.pipe()
    try:
        reader = pipes.open_reader(out)
        monkeypatch.setattr(pipes, "open_reader", lambda: reader)
        got, ends = list[Pcm](), list[bool]()
        source, _ = open_source("-", on_frame=got.append, on_end=lambda _: ends.append(True))
        assert source is not None
        os.write(into, to_bytes(speak(1)[:FRAME_SAMPLES]))
        await source.start()
        await until(lambda: len(got) == 1)
        await source.stop()
        os.write(into, to_bytes(speak(1)[FRAME_SAMPLES : 2 * FRAME_SAMPLES]))
        assert isinstance(reader, pipes.PipeReader)
        await until(lambda: is_empty(out) and not reader._stream._buffer)
        await source.start()
    finally:
        os.close(into)
    await until(lambda: bool(ends))
    assert len(got) == 1
    await source.close()
    os.close(out)


async def test_a_stream_is_played_from_its_first_sample_and_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reader, writer = os.pipe()
    monkeypatch.setattr(pipes, "STDIN", reader)
    got, ends = list[Pcm](), list[str]()
    source, note = open_source("stream:24000:1", on_frame=got.append, on_end=ends.append)
    assert isinstance(source, PacedSource)
    assert note == ""
    os.write(writer, bytes(4800))  # 0.1 s, before anybody wants it
    await source.start()
    await until(lambda: len(got) >= 3)
    assert ends == []
    os.write(writer, bytes(4800))  # and more, later than it would be spoken
    os.close(writer)
    await until(lambda: ends == [""])
    assert len(got) in (10, 11)
    await source.close()
    os.close(reader)


@pytest.mark.parametrize("numbers", ["8000", "0:1", "8000:0", "8000:99", "x:1", "8000:1:1", ""])
def test_a_stream_that_cannot_be_is_a_persons_error(
    numbers: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader, writer = os.pipe()
    monkeypatch.setattr(pipes, "STDIN", reader)
    with pytest.raises(DeviceError, match="samples"):
        open_source(f"stream:{numbers}", on_frame=ignore, on_end=ignore)
    os.close(reader)
    os.close(writer)


async def test_without_a_microphone_the_note_is_what_helps(no_card: None) -> None:
    source, note = open_source("default", on_frame=ignore, on_end=ignore)
    assert source is None
    assert note == "buy one"


async def test_without_a_loudspeaker_frames_are_pulled_all_the_same(no_card: None) -> None:
    pulls: list[int] = []

    def pull(now: float) -> Pcm:
        pulls.append(1)
        return speak(1)[:FRAME_SAMPLES]

    sink, plays, note = open_sink("default", pull=pull)
    assert isinstance(sink, PacedSink)
    assert (plays, note) == (False, "buy one")
    await sink.start()
    await until(lambda: len(pulls) >= 2)
    await sink.stop()


def test_with_a_card_the_note_names_the_device(monkeypatch: pytest.MonkeyPatch) -> None:
    def find(direction: str, name: str | None) -> soundcard.Card:
        return soundcard.Card(None, 0, name or f"USB {direction}")

    monkeypatch.setattr(soundcard, "find", find)
    source, note = open_source("default", on_frame=ignore, on_end=ignore)
    assert isinstance(source, soundcard.Microphone)
    assert note == "microphone: USB input"
    sink, plays, note = open_sink("default", pull=lambda _now: speak(1)[:FRAME_SAMPLES])
    assert isinstance(sink, soundcard.Loudspeaker)
    assert (plays, note) == (True, "loudspeaker: USB output")
    source, note = open_source("device:My mic: left", on_frame=ignore, on_end=ignore)
    assert note == "microphone: My mic: left"
    sink, plays, note = open_sink("device:Hall", pull=lambda _now: speak(1)[:FRAME_SAMPLES])
    assert (plays, note) == (True, "loudspeaker: Hall")


async def test_what_is_pulled_becomes_a_wav(tmp_path: Path) -> None:
    path = tmp_path / "heard.wav"
    frames = iter(speak(1)[FRAME_SAMPLES:].reshape(-1, FRAME_SAMPLES))
    pulled: list[Pcm] = []

    def pull(now: float) -> Pcm:
        pulled.append(next(frames))
        return pulled[-1]

    sink, plays, note = open_sink(str(path), pull=pull)
    assert (plays, note) == (True, "")
    await sink.start()
    await until(lambda: len(pulled) >= 3)
    await sink.stop()
    with wave.open(str(path)) as file:
        data = file.readframes(file.getnframes())
    assert data == to_bytes(np.concatenate(pulled))


@pytest.mark.parametrize(
    ("spec", "name", "begins"),
    [
        ("heard.ogg", "heard.ogg", b"OggS"),
        ("heard.OPUS", "heard.OPUS", b"OggS"),
        ("ogg:heard", "heard", b"OggS"),
        ("wav:heard", "heard", b"RIFF"),
        ("pcm:heard.wav", "heard.wav", to_bytes(speak(1)[FRAME_SAMPLES : 2 * FRAME_SAMPLES])[:4]),
        ("other:heard", "other:heard", b"RIFF"),
        ("split:.", "Ada.ogg", b"OggS"),
    ],
)
async def test_what_is_pulled_takes_the_form_that_is_asked_for(
    spec: str, name: str, begins: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    pulled: list[Pcm] = []

    def pull(now: float) -> Pcm:
        pulled.append(speak(1)[FRAME_SAMPLES : 2 * FRAME_SAMPLES])
        return pulled[-1]

    apart = [(Voice("SHA256:Ada", "Ada"), speak(1)[FRAME_SAMPLES : 2 * FRAME_SAMPLES])]
    sink, plays, _ = open_sink(spec, pull=pull, apart=lambda: apart)
    assert plays
    await sink.start()
    await until(lambda: len(pulled) >= 2)
    await sink.stop()
    assert (tmp_path / name).read_bytes().startswith(begins)


def test_a_wav_that_cannot_be_made_is_a_persons_error(tmp_path: Path) -> None:
    with pytest.raises(DeviceError, match="cannot be written"):
        open_sink(str(tmp_path / "no" / "heard.wav"), pull=lambda _now: speak(1)[:FRAME_SAMPLES])
