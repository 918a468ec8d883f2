"""VP8: bitrate, key frames, clear bytes, and a decoder that survives anything."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from media.errors import CodecError
from media.video import Rgb, vp8
from media.video.synthetic import SyntheticFace
from media.video.vp8 import BITRATE, FPS, Decoder, Encoder


@pytest.fixture(scope="module")
def pictures() -> list[Rgb]:
    face = SyntheticFace(3)
    return [face.draw(i / FPS) for i in range(110)]


@pytest.fixture(scope="module")
def encoded(pictures: list[Rgb]) -> list[vp8.EncodedFrame]:
    encoder = Encoder()
    return [encoder.encode(picture) for picture in pictures]


def psnr(a: Rgb, b: Rgb) -> float:
    return float(10 * np.log10(255**2 / np.mean((a.astype(float) - b.astype(float)) ** 2)))


def test_ten_seconds_stay_within_a_quarter_of_the_bitrate(
    encoded: list[vp8.EncodedFrame],
) -> None:
    steady = encoded[-10 * FPS :]
    rate = sum(len(frame.data) for frame in steady) * 8 * FPS / len(steady)
    assert 0.75 * BITRATE < rate < 1.25 * BITRATE


def test_noise_does_not_break_the_bitrate() -> None:
    rng = np.random.default_rng(1)
    encoder = Encoder()
    noise = [rng.integers(0, 256, (120, 160, 3), np.uint8) for _ in range(100)]
    sizes = [len(encoder.encode(picture).data) for picture in noise]
    assert sum(sizes[20:]) * 8 * FPS / 80 < 2 * BITRATE


def test_every_picture_gives_one_frame_that_looks_like_it(
    pictures: list[Rgb], encoded: list[vp8.EncodedFrame]
) -> None:
    decoder = Decoder()
    for picture, frame in zip(pictures, encoded, strict=True):
        decoded = decoder.decode(frame.data)
        assert decoded is not None
        assert decoded.shape == picture.shape
        assert psnr(decoded, picture) > 28


def test_only_the_first_frame_and_forced_ones_are_key_frames(pictures: list[Rgb]) -> None:
    encoder = Encoder()
    keys = [encoder.encode(p, key=i in {7, 8}).is_key for i, p in enumerate(pictures[:40])]
    assert [i for i, key in enumerate(keys) if key] == [0, 7, 8]


def test_a_key_frame_fits_a_handful_of_packets(pictures: list[Rgb]) -> None:
    encoder = Encoder()
    for picture in pictures[:30]:
        encoder.encode(picture)
    assert len(encoder.encode(pictures[30], key=True).data) < 6 * 1096


def test_decoding_resumes_at_a_key_frame_after_loss(pictures: list[Rgb]) -> None:
    encoder, decoder = Encoder(), Decoder()
    encoder.encode(pictures[0])
    assert decoder.decode(encoder.encode(pictures[1]).data) is None
    assert decoder.needs_key_frame
    assert decoder.decode(encoder.encode(pictures[2], key=True).data) is not None
    assert not decoder.needs_key_frame


def test_a_picture_of_another_size_is_refused() -> None:
    with pytest.raises(CodecError):
        Encoder().encode(np.zeros((10, 10, 3), np.uint8))


def test_an_encoder_of_no_size_is_refused() -> None:
    with pytest.raises(CodecError):
        Encoder(width=0, height=0)


def test_other_sizes_and_rates_work() -> None:
    encoder = Encoder(width=100, height=60, fps=15, bitrate=25_000)
    frame = encoder.encode(SyntheticFace(1, 100, 60).draw(0.0))
    decoded = Decoder().decode(frame.data)
    assert decoded is not None
    assert decoded.shape == (60, 100, 3)


def test_decompression_bomb_is_refused(encoded: list[vp8.EncodedFrame]) -> None:
    """A key frame that claims 16383 x 16383 pixels must not make us allocate them."""
    bomb = bytearray(encoded[0].data)
    bomb[6:10] = b"\xff\x3f\xff\x3f"
    decoder = Decoder()
    assert decoder.decode(bytes(bomb)) is None
    assert decoder.decode(encoded[0].data) is not None


def test_picture_larger_than_the_limit_is_refused() -> None:
    frame = Encoder(width=1600, height=912).encode(np.zeros((912, 1600, 3), np.uint8))
    decoder = Decoder()
    assert decoder.decode(frame.data) is None
    assert decoder.needs_key_frame


def test_after_a_broken_frame_only_a_key_frame_is_decoded(
    encoded: list[vp8.EncodedFrame],
) -> None:
    decoder = Decoder()
    assert decoder.decode(encoded[0].data) is not None
    assert decoder.decode(encoded[1].data[:3]) is None
    assert decoder.needs_key_frame
    assert decoder.decode(encoded[1].data) is None
    assert decoder.decode(encoded[0].data) is not None


def test_oversized_frame_is_refused() -> None:
    assert Decoder().decode(bytes(vp8.MAX_ENCODED_BYTES + 1)) is None


@given(position=st.integers(0, 2000), flip=st.integers(1, 255), cut=st.integers(0, 3000))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_corrupted_frames_leave_a_decoder_that_resumes(
    encoded: list[vp8.EncodedFrame], position: int, flip: int, cut: int
) -> None:
    decoder = Decoder()
    for frame in encoded[:3]:
        broken = bytearray(frame.data)
        broken[position % len(broken)] ^= flip
        decoder.decode(bytes(broken[: len(broken) - cut % len(broken)]))
    assert decoder.decode(encoded[0].data) is not None


@given(garbage=st.lists(st.binary(max_size=300), max_size=5))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_garbage_leaves_a_decoder_that_resumes(
    encoded: list[vp8.EncodedFrame], garbage: list[bytes]
) -> None:
    decoder = Decoder()
    for data in garbage:
        decoder.decode(data)
        decoder.decode(encoded[0].data[:10] + data)
    assert decoder.decode(encoded[0].data) is not None


def test_garbage_writes_nothing_to_the_terminal(
    encoded: list[vp8.EncodedFrame], capfd: pytest.CaptureFixture[str]
) -> None:
    decoder = Decoder()
    for seed in range(20):
        noise = np.random.default_rng(seed).bytes(400)
        decoder.decode(encoded[0].data[:10] + noise)
    assert capfd.readouterr() == ("", "")


def test_no_picture_is_in_a_repr(encoded: list[vp8.EncodedFrame]) -> None:
    assert repr(encoded[0]) == "EncodedFrame(is_key=True)"
