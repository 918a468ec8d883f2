import gc
import weakref

import numpy as np
import pytest

from media.audio.levels import level
from media.audio.opus import Decoder, Encoder, check_packet, has_fec
from media.audio.pcm import FRAME_SAMPLES, SILENCE
from media.audio.synthetic import speak
from media.errors import CodecError

FRAMES = speak(3).reshape(-1, FRAME_SAMPLES)[:200]
LOOKAHEAD = 312
"""Samples by which libopus delays at 48 kHz (OPUS_GET_LOOKAHEAD, VOIP)."""


@pytest.fixture(scope="module")
def packets() -> list[bytes]:
    encoder = Encoder()
    return [encoder.encode(frame) for frame in FRAMES]


def test_sizes_do_not_leak_speech(packets: list[bytes]) -> None:
    encoder = Encoder()
    quiet = [encoder.encode(SILENCE) for _ in range(20)]
    assert {len(packet) for packet in packets + quiet} == {60}


def test_variable_bitrate_would_leak() -> None:
    encoder = Encoder(constant=False)
    assert len({len(encoder.encode(frame)) for frame in FRAMES}) > 20


def test_what_is_decoded_is_what_was_said(packets: list[bytes]) -> None:
    decoder = Decoder()
    heard = np.concatenate([decoder.decode(packet) for packet in packets])
    said = FRAMES.ravel()
    assert np.corrcoef(said[:-LOOKAHEAD], heard[LOOKAHEAD:])[0, 1] > 0.85


def test_a_lost_frame_is_concealed_and_the_stream_goes_on(packets: list[bytes]) -> None:
    whole, holed = Decoder(), Decoder()
    for packet in packets[:60]:
        whole.decode(packet)
        holed.decode(packet)
    whole.decode(packets[60])
    made_up = holed.decode(None)
    assert made_up.shape == (FRAME_SAMPLES,)
    assert level(made_up) > -45
    for packet in packets[61:80]:
        expected, got = whole.decode(packet), holed.decode(packet)
    assert np.corrcoef(expected, got)[0, 1] > 0.9


def test_fec_restores_the_frame_before() -> None:
    encoder = Encoder(expected_loss=20)
    sent = [encoder.encode(frame) for frame in FRAMES]
    index = next(i for i in range(60, 200) if has_fec(sent[i]) and level(FRAMES[i - 1]) > -25)
    whole, fec, plc = Decoder(), Decoder(), Decoder()
    for packet in sent[: index - 1]:
        for decoder in (whole, fec, plc):
            decoder.decode(packet)
    expected = whole.decode(sent[index - 1])
    copy = fec.decode(sent[index], fec=True)
    assert np.corrcoef(expected, copy)[0, 1] > 0.5
    assert abs(level(expected) - level(copy)) < 3


def test_without_loss_expected_there_is_no_fec(packets: list[bytes]) -> None:
    assert not any(has_fec(packet) for packet in packets)
    assert not has_fec(b"")


def test_dtx_is_off_unless_asked_for() -> None:
    encoder = Encoder(constant=False, dtx=True)
    assert min(len(encoder.encode(SILENCE)) for _ in range(50)) <= 2


@pytest.mark.parametrize(
    "hostile",
    [
        b"",
        b"\x00",  # 10 ms
        b"\xff" * 10,  # code 3, but the frame count does not fit
        b"\x03",  # code 3 without its count
        b"\x1b\xbf" + bytes(200),  # 63 frames: more than 120 ms
        b"\x19" + bytes(60),  # two frames of 60 ms
        bytes(1276),
        bytes(100_000),
    ],
)
def test_hostile_packets_are_refused_and_change_nothing(
    hostile: bytes, packets: list[bytes]
) -> None:
    tried, spared = Decoder(), Decoder()
    for packet in packets[:50]:
        tried.decode(packet)
        spared.decode(packet)
    for fec in (False, True):
        with pytest.raises(CodecError):
            tried.decode(hostile, fec=fec)
    for packet in packets[50:60]:
        assert np.array_equal(tried.decode(packet), spared.decode(packet))


def test_garbage_raises_nothing_but_codec_errors() -> None:
    rng = np.random.default_rng(5)
    decoder = Decoder()
    refused = 0
    for _ in range(500):
        packet = rng.bytes(int(rng.integers(1, 200)))
        try:
            assert decoder.decode(packet).shape == (FRAME_SAMPLES,)
        except CodecError:
            refused += 1
    assert 0 < refused < 500


def test_check_packet_accepts_what_we_send(packets: list[bytes]) -> None:
    check_packet(packets[0])


@pytest.mark.parametrize(
    "frame", [np.zeros(480, np.int16), np.zeros((960, 1), np.int16), np.zeros(960, np.float32)]
)
def test_an_encoder_takes_nothing_but_frames(frame: np.ndarray) -> None:
    with pytest.raises(CodecError, match="a frame is 960"):
        Encoder().encode(frame)


def test_a_refused_control_is_an_error() -> None:
    with pytest.raises(CodecError, match="SET_COMPLEXITY 11"):
        Encoder(complexity=11)


def test_closed_codecs_refuse_instead_of_crashing(packets: list[bytes]) -> None:
    encoder, decoder = Encoder(), Decoder()
    for codec in (encoder, decoder):
        codec.close()
        codec.close()
    with pytest.raises(CodecError, match="closed"):
        encoder.encode(SILENCE)
    with pytest.raises(CodecError, match="closed"):
        decoder.decode(packets[0])


def test_native_state_is_freed_with_the_object() -> None:
    encoder, decoder = Encoder(), Decoder()
    finalizers = [encoder._free, decoder._free]
    alive = [weakref.ref(encoder), weakref.ref(decoder)]
    del encoder, decoder
    gc.collect()
    assert [reference() for reference in alive] == [None, None]
    assert not any(finalizer.alive for finalizer in finalizers)
