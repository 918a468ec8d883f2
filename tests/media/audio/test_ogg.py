"""What we write is read by somebody else's reader: FFmpeg's, through PyAV."""

from __future__ import annotations

import io
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

import av
import numpy as np
import pytest
from needing import need

from media.audio.ogg import PAGE_FRAMES, OggOpus, checksum
from media.audio.pcm import FRAME_SAMPLES, SAMPLE_RATE, SILENCE, Pcm
from media.audio.synthetic import speak

WORDS = speak(1)[: 2 * SAMPLE_RATE]


def frames(samples: Pcm) -> Iterator[Pcm]:
    return iter(samples.reshape(-1, FRAME_SAMPLES))


def whole(stream: OggOpus, spoken: Iterable[Pcm]) -> bytes:
    return stream.begin() + b"".join(stream.write(frame) for frame in spoken) + stream.finish()


def read(data: bytes) -> Pcm:
    with av.open(io.BytesIO(data)) as container:
        assert container.format.name == "ogg"
        assert container.streams.audio[0].codec_context.name == "opus"
        decoded = [frame.to_ndarray().reshape(-1) for frame in container.decode(audio=0)]
    return np.concatenate(decoded) if decoded else np.zeros(0, np.float32)


def pages(data: bytes) -> list[bytes]:
    starts = [at for at in range(len(data)) if data.startswith(b"OggS\0", at)]
    return [data[at:end] for at, end in zip(starts, [*starts[1:], len(data)])]


def test_words_come_back_in_their_place_and_no_sample_more() -> None:
    heard = read(whole(OggOpus(), frames(WORDS)))
    assert len(heard) == len(WORDS)
    together = np.fft.rfft(heard) * np.conj(np.fft.rfft(WORDS.astype(float)))
    assert int(np.argmax(np.fft.irfft(together))) == 0
    assert np.corrcoef(heard, WORDS)[0, 1] > 0.94  # less with what Opus does to voices for calls


@pytest.mark.parametrize("count", [0, 1, PAGE_FRAMES - 1, PAGE_FRAMES, PAGE_FRAMES + 1])
def test_it_ends_with_the_last_sample_wherever_that_is(count: int) -> None:
    assert len(read(whole(OggOpus(), [WORDS[:FRAME_SAMPLES]] * count))) == count * FRAME_SAMPLES


def test_the_tools_of_its_makers_find_nothing_wrong(tmp_path: Path) -> None:
    need("opusinfo")
    stream, path = OggOpus(), tmp_path / "words.ogg"
    begun = stream.begin() + b"".join(stream.write(frame) for frame in frames(WORDS))
    path.write_bytes(begun + b"".join(stream.silence(200)) + stream.finish())
    done = subprocess.run(["opusinfo", str(path)], capture_output=True, text=True, check=True)
    assert "Playback length: 0m:06.000s" in done.stdout
    assert "WARNING" not in done.stdout + done.stderr


def test_each_page_is_whole_and_says_so() -> None:
    data = whole(OggOpus(), frames(WORDS))
    found = pages(data)
    assert b"".join(found) == data
    assert [page[5] for page in found] == [2, *[0] * (len(found) - 2), 4]
    assert [int.from_bytes(page[18:22], "little") for page in found] == list(range(len(found)))
    for page in found:
        assert checksum(page[:22] + bytes(4) + page[26:]) == int.from_bytes(page[22:26], "little")


def test_the_checksum_is_that_of_the_standard() -> None:
    """Of one byte, bit by bit: polynomial 0x04c11db7, nothing reversed (RFC 3533 section 6)."""
    value = 0x0000_00A5 << 24
    for _ in range(8):
        value = (value << 1 ^ (0x04C1_1DB7 if value >> 31 else 0)) & 0xFFFF_FFFF
    assert checksum(b"\xa5") == value


def test_a_killed_process_leaves_a_file_that_plays() -> None:
    stream = OggOpus()
    data = stream.begin() + b"".join(stream.write(frame) for frame in frames(WORDS))
    for end in (len(data), len(data) - 1, len(data) // 2):
        heard = read(data[:end])
        assert len(heard) >= SAMPLE_RATE // 2
        assert np.abs(heard).max() > 0.05


def test_long_silence_takes_hardly_a_byte_and_is_silent() -> None:
    stream = OggOpus()
    begun = stream.begin() + b"".join(stream.write(frame) for frame in frames(WORDS))
    silence = b"".join(stream.silence(60 * 50))
    ended = b"".join(stream.write(frame) for frame in frames(WORDS)) + stream.finish()
    assert len(silence) < 60 * 200
    heard = read(begun + silence + ended)
    assert len(heard) == 2 * len(WORDS) + 60 * SAMPLE_RATE
    quiet = heard[len(WORDS) + SAMPLE_RATE // 2 : -len(WORDS) - FRAME_SAMPLES]
    assert np.abs(quiet).max() < 0.001
    assert np.corrcoef(heard[-len(WORDS) :], WORDS)[0, 1] > 0.9


def test_silence_may_come_frame_by_frame() -> None:
    heard = read(whole(OggOpus(), [SILENCE] * 100))
    assert (len(heard), np.abs(heard).max() < 0.001) == (100 * FRAME_SAMPLES, True)
