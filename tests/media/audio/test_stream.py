from __future__ import annotations

import asyncio
import io
import os
import threading
from collections.abc import Callable, Iterator

import av
import numpy as np
import pytest

from media.audio.ogg import OggOpus
from media.audio.pcm import FRAME_SAMPLES, SAMPLE_RATE, Pcm, to_bytes
from media.audio.stream import StreamReader, has_header
from media.audio.synthetic import speak
from media.audio.wav import wav_header
from media.errors import DeviceError

WORDS = speak(1)[: SAMPLE_RATE + 100]


@pytest.fixture
def piped() -> Iterator[Callable[[bytes], int]]:
    """Write into a pipe, piece by piece, as another program would; return its reading end."""
    opened: list[int] = []

    def through(data: bytes, piece: int = 4000) -> int:
        reader, writer = os.pipe()
        opened.append(reader)

        def write() -> None:
            try:
                for start in range(0, len(data), piece):
                    os.write(writer, data[start : start + piece])
            except OSError:
                pass
            os.close(writer)

        threading.Thread(target=write, daemon=True).start()
        return reader

    yield through
    for descriptor in opened:
        os.close(descriptor)


async def read(descriptor: int, rate: int = SAMPLE_RATE, channels: int = 1) -> Pcm:
    reader = StreamReader(descriptor, rate, channels)
    frames = []
    while (frame := await reader.read()) is not None:
        assert frame.shape == (FRAME_SAMPLES,)
        assert frame.dtype == np.int16
        frames.append(frame)
    assert await reader.read() is None
    await reader.close()
    return np.concatenate(frames)


def encoded(form: str, codec: str, rate: int = SAMPLE_RATE) -> bytes:
    """Return words in a form that PyAV writes, to something that cannot be rewound."""
    file = io.BytesIO()
    with av.open(file, "w", format=form) as container:
        stream = container.add_stream(codec, rate=rate, layout="mono")
        resampler = av.AudioResampler(format=stream.codec_context.format, layout="mono", rate=rate)
        frame = av.AudioFrame.from_ndarray(WORDS.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate = SAMPLE_RATE
        for resampled in resampler.resample(frame):
            for packet in stream.encode(resampled):
                container.mux(packet)
        for packet in stream.encode(None):
            container.mux(packet)
    return file.getvalue()


async def test_bare_samples_are_taken_bit_for_bit_whatever_the_pieces(piped) -> None:
    for piece in (1, 7, 100_000):
        samples = WORDS[:5000]
        heard = await read(piped(to_bytes(samples) + b"\x01", piece))
        assert np.array_equal(heard[:5000], samples)
        assert not heard[5000:].any()


async def test_rates_and_channels_of_bare_samples_become_ours(piped) -> None:
    time = np.arange(44_100) / 44_100
    tone = (8000 * np.sin(2 * np.pi * 440 * time)).astype("<i2")
    heard = await read(piped(np.repeat(tone, 2).tobytes(), 4001), 44_100, 2)
    assert len(heard) / SAMPLE_RATE == pytest.approx(1.0, abs=0.025)
    spectrum = np.abs(np.fft.rfft(heard[: SAMPLE_RATE // 2].astype(float)))
    assert int(np.argmax(spectrum)) * 2 == 440


async def test_channels_are_mixed(piped) -> None:
    pairs = np.tile(np.array([1000, 3000], "<i2"), 960)
    assert set((await read(piped(pairs.tobytes()), SAMPLE_RATE, 2)).tolist()) == {2000}


async def test_a_wav_of_unknown_length_is_played_to_its_end(piped) -> None:
    """What espeak-ng and others write into a pipe."""
    heard = await read(piped(wav_header(0x7FFF_F000) + to_bytes(WORDS)))
    assert np.array_equal(heard[: len(WORDS)], WORDS)


@pytest.mark.parametrize(
    ("form", "codec", "rate"),
    [("wav", "pcm_s16le", 22_050), ("flac", "flac", 44_100), ("matroska", "libopus", 48_000)],
)
async def test_forms_with_a_header_are_known_by_it(piped, form: str, codec: str, rate: int) -> None:
    heard = await read(piped(encoded(form, codec, rate)), 8000, 2)  # which are for bare samples
    assert len(heard) == pytest.approx(len(WORDS), abs=2000)
    assert np.abs(heard).max() > 1000


async def test_our_own_ogg_comes_in_as_it_went_out(piped) -> None:
    stream = OggOpus()
    whole = WORDS[:SAMPLE_RATE].reshape(-1, FRAME_SAMPLES)
    data = stream.begin() + b"".join(stream.write(one) for one in whole) + stream.finish()
    heard = await read(piped(data))
    assert np.corrcoef(heard[:SAMPLE_RATE], WORDS[:SAMPLE_RATE])[0, 1] > 0.9


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "there is no sound on standard input"),
        (b"RIFF....WAVEjunk and more junk", "cannot be played"),
        (b"OggS" + bytes(100), "cannot be played"),
    ],
)
async def test_what_is_no_sound_is_one_clear_error(piped, data: bytes, message: str) -> None:
    reader = StreamReader(piped(data), SAMPLE_RATE, 1)
    with pytest.raises(DeviceError, match=message):
        await reader.read()
    assert await reader.read() is None
    await reader.close()


async def test_a_form_that_breaks_off_ends_there(piped) -> None:
    data = encoded("flac", "flac")
    heard = await read(piped(data[: len(data) // 2]))
    assert 0 < len(heard) < len(WORDS)


async def test_a_source_is_read_no_faster_than_it_is_spoken() -> None:
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    stream = StreamReader(reader, SAMPLE_RATE, 1)
    sent = os.write(writer, bytes(60_000))
    assert await stream.read() is not None
    for _ in range(10):
        await asyncio.sleep(0.01)
        try:
            sent += os.write(writer, bytes(60_000))
        except BlockingIOError:
            break
    assert sent < 200_000
    await stream.close()
    os.close(writer)


async def test_a_source_that_says_nothing_keeps_nobody_from_closing() -> None:
    reader, writer = os.pipe()
    stream = StreamReader(reader, SAMPLE_RATE, 1)
    reading = asyncio.create_task(stream.read())
    await asyncio.sleep(0.01)
    reading.cancel()
    await stream.close()
    os.close(writer)


def test_bare_samples_have_no_header() -> None:
    assert not has_header(bytes(12))
    assert not has_header(to_bytes(WORDS[20_000:20_006]))
    assert has_header(b"\x00\x00\x00\x20ftypisom")
