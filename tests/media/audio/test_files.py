import asyncio
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import pytest

from media.audio.files import BatchReader, open_file
from media.audio.pcm import FRAME_SAMPLES, SAMPLE_RATE, Pcm
from media.audio.synthetic import speak
from media.errors import DeviceError


def write_sound(path: Path, samples: Pcm, *, rate: int, layout: str, codec: str) -> None:
    """Encode mono samples (of `rate`) with PyAV, the same on every channel."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate, layout=layout)
        channels = 2 if layout == "stereo" else 1
        for start in range(0, len(samples), 1024):
            part = np.repeat(samples[start : start + 1024], channels).reshape(1, -1)
            frame = av.AudioFrame.from_ndarray(part, format="s16", layout=layout)
            frame.sample_rate = rate
            frame.pts = start
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


async def read_all(path: Path) -> list[Pcm]:
    reader = open_file(path)
    frames = []
    while (frame := await reader.read()) is not None:
        frames.append(frame)
    assert await reader.read() is None
    await reader.close()
    return frames


async def test_a_wav_of_ours_is_read_back_bit_for_bit(tmp_path: Path) -> None:
    path = tmp_path / "voice.wav"
    samples = speak(1)[: 2 * SAMPLE_RATE + 100]
    write_sound(path, samples, rate=SAMPLE_RATE, layout="mono", codec="pcm_s16le")
    frames = await read_all(path)
    assert {frame.shape for frame in frames} == {(FRAME_SAMPLES,)}
    assert {frame.dtype for frame in frames} == {np.dtype(np.int16)}
    joined = np.concatenate(frames)
    assert np.array_equal(joined[: len(samples)], samples)
    assert len(joined) - len(samples) < FRAME_SAMPLES
    assert not joined[len(samples) :].any()


@pytest.mark.parametrize(
    ("name", "rate", "layout", "codec"),
    [
        ("a.wav", 8000, "mono", "pcm_s16le"),
        ("b.wav", 44100, "stereo", "pcm_s16le"),
        ("c.flac", 48000, "stereo", "flac"),
        ("d.mkv", 22050, "mono", "pcm_s16le"),
    ],
)
async def test_rates_and_layouts_become_48_khz_mono(
    tmp_path: Path, name: str, rate: int, layout: str, codec: str
) -> None:
    seconds = 1.5
    time = np.arange(int(seconds * rate)) / rate
    tone = (8000 * np.sin(2 * np.pi * 440 * time)).astype(np.int16)
    write_sound(tmp_path / name, tone, rate=rate, layout=layout, codec=codec)
    heard = np.concatenate(await read_all(tmp_path / name))
    assert len(heard) / SAMPLE_RATE == pytest.approx(seconds, abs=0.025)
    middle = heard[SAMPLE_RATE // 2 : SAMPLE_RATE].astype(float)
    spectrum = np.abs(np.fft.rfft(middle))
    assert np.argmax(spectrum) * 2 == 440
    assert np.sqrt(np.mean(middle**2)) == pytest.approx(8000 / np.sqrt(2), rel=0.02)


@pytest.mark.parametrize("content", [b"", b"this is no sound at all\n" * 50, bytes(5000)])
def test_what_is_no_sound_is_one_clear_error(
    tmp_path: Path, content: bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "note.txt"
    path.write_bytes(content)
    with pytest.raises(DeviceError, match=r"/note\.txt cannot be played"):
        open_file(path)
    assert capfd.readouterr() == ("", "")


def test_a_missing_file_a_folder_and_an_address_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DeviceError, match="No such file"):
        open_file(tmp_path / "missing.wav")
    with pytest.raises(DeviceError, match="no ordinary file"):
        open_file(tmp_path)
    with pytest.raises(DeviceError, match="cannot be played"):
        open_file(Path("http://127.0.0.1:9/sound.wav"))


def test_a_picture_has_no_sound(tmp_path: Path) -> None:
    path = tmp_path / "film.mkv"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=10)
        stream.width, stream.height = 32, 32
        picture = av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8), format="rgb24")
        container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    with pytest.raises(DeviceError, match="no sound"):
        open_file(path)


@pytest.mark.parametrize("name", ["list.m3u8", "list.ffconcat", "list.sdp"])
def test_a_playlist_opens_no_address(tmp_path: Path, name: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        port = server.getsockname()[1]
        text = {
            "list.m3u8": f"#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:{port}/a.ts\n#EXT-X-ENDLIST\n",
            "list.ffconcat": f"ffconcat version 1.0\nfile 'tcp://127.0.0.1:{port}'\n",
            "list.sdp": f"v=0\nc=IN IP4 127.0.0.1\nm=audio {port} RTP/AVP 0\n",
        }
        path = tmp_path / name
        path.write_text(text[name])
        with pytest.raises(DeviceError):
            open_file(path)
        with pytest.raises(BlockingIOError):
            server.accept()


async def test_a_file_that_breaks_off_ends_there(tmp_path: Path) -> None:
    whole = tmp_path / "whole.flac"
    write_sound(whole, speak(1), rate=SAMPLE_RATE, layout="mono", codec="flac")
    data = bytearray(whole.read_bytes())
    data[len(data) // 3 : len(data) // 3 + 200] = bytes(200)
    broken = tmp_path / "broken.flac"
    broken.write_bytes(data[: len(data) // 2])
    frames = await read_all(broken)
    assert 50 < len(frames) < 400


async def test_a_cancelled_read_loses_nothing() -> None:
    gate = threading.Event()

    def frames() -> Iterator[Pcm]:
        gate.wait(5)
        for index in range(30):
            yield np.full(FRAME_SAMPLES, index, np.int16)

    closed: list[bool] = []
    reader = BatchReader(frames(), lambda: closed.append(True))
    waiting = asyncio.create_task(reader.read())
    await asyncio.sleep(0.01)
    waiting.cancel()
    await asyncio.wait([waiting])
    gate.set()
    got = []
    while (frame := await reader.read()) is not None:
        got.append(int(frame[0]))
    assert got == list(range(30))
    await reader.close()
    assert closed == [True]


async def test_closing_waits_for_the_thread_to_let_go() -> None:
    gate = threading.Event()
    order: list[str] = []

    def frames() -> Iterator[Pcm]:
        gate.wait(5)
        order.append("read")
        yield np.zeros(FRAME_SAMPLES, np.int16)

    reader = BatchReader(frames(), lambda: order.append("closed"))
    waiting = asyncio.create_task(reader.read())
    await asyncio.sleep(0.01)
    waiting.cancel()
    asyncio.get_running_loop().call_later(0.01, gate.set)
    await reader.close()
    assert order == ["read", "closed"]


# --- WAV ---

SILENCE = np.zeros(FRAME_SAMPLES, np.int16)
LOUD = np.full(FRAME_SAMPLES, 16_000, np.int16)
