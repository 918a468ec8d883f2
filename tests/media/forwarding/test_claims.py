"""Whom packets say they are of: real frames, and what a member could make of its own."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from e2ee.media_keys import MediaKeyring, Stream
from media.forwarding.claims import is_audio_of, is_video_of
from media.video.packets import packetize

LEAF = 5
KEY_FRAME = bytes(3) + b"\x9d\x01\x2a" + bytes(3000)
INTER_FRAME = b"\x01" + bytes(3000)


def sealed(stream: Stream, frame: bytes, clear: int, *, leaf: int = LEAF, epoch: int = 1) -> bytes:
    keyring = MediaKeyring()
    keyring.install(epoch, bytes(16), leaf, frozenset({leaf}), now=0.0, send_after=0.0)
    data = keyring.seal(stream, frame, clear=clear, now=0.0)
    assert data is not None
    return data


@pytest.mark.parametrize("epoch", [0, 1, 255, 256, 70_000])
@pytest.mark.parametrize("leaf", [0, 1, LEAF, 4095])
def test_own_audio_is_known_in_every_epoch(leaf: int, epoch: int) -> None:
    payload = sealed(Stream.AUDIO, b"sound", 0, leaf=leaf, epoch=epoch)
    assert is_audio_of(leaf, payload)
    assert not is_audio_of((leaf + 1) % 4096, payload)


@pytest.mark.parametrize(("frame", "clear"), [(KEY_FRAME, 10), (INTER_FRAME, 3)])
def test_own_video_is_known_by_its_first_packet(frame: bytes, clear: int) -> None:
    packets = packetize(sealed(Stream.VIDEO, frame, clear), 1)
    assert len(packets) > 2
    assert all(is_video_of(LEAF, packet) for packet in packets)
    assert not is_video_of(LEAF + 1, packets[0])


def test_one_stream_never_passes_for_the_other() -> None:
    assert not is_audio_of(LEAF, sealed(Stream.VIDEO, b"picture", 0))
    assert not is_video_of(LEAF, packetize(sealed(Stream.AUDIO, INTER_FRAME, 3), 1)[0])


def test_a_first_packet_too_short_to_name_anybody_is_nobodys() -> None:
    whole = sealed(Stream.VIDEO, KEY_FRAME, 10)
    assert not is_video_of(LEAF, packetize(whole[:11], 1)[0])


@given(st.binary(max_size=80))
def test_garbage_is_nobodys_and_raises_nothing(data: bytes) -> None:
    is_video_of(LEAF, data)
    if is_audio_of(LEAF, data):
        assert data[0] & 0x80
