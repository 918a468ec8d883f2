"""Telling datagrams apart."""

from __future__ import annotations

import pytest

from media.rtp import feedback
from media.rtp.demux import MAX_DATAGRAM, Datagram, classify, sender_ssrc
from media.rtp.packet import HEADER


@pytest.mark.parametrize(
    ("first", "second", "kind"),
    [
        (0, 1, Datagram.STUN),
        (3, 0, Datagram.STUN),
        (4, 0, Datagram.OTHER),
        (19, 0, Datagram.OTHER),
        (20, 254, Datagram.DTLS),
        (63, 254, Datagram.DTLS),
        (64, 0, Datagram.OTHER),
        (127, 0, Datagram.OTHER),
        (128, 111, Datagram.RTP),
        (128, 111 | 0x80, Datagram.RTP),
        (191, 96, Datagram.RTP),
        (128, 200, Datagram.RTCP),
        (129, 206, Datagram.RTCP),
        (192, 0, Datagram.OTHER),
    ],
)
def test_first_bytes(first: int, second: int, kind: Datagram) -> None:
    assert classify(bytes([first, second]) + bytes(18)) is kind


@pytest.mark.parametrize("size", [0, 1, 11, MAX_DATAGRAM + 1])
def test_too_short_and_too_long_is_nothing(size: int) -> None:
    assert classify(bytes(size)) is Datagram.OTHER


def test_the_sender_is_read_without_decrypting() -> None:
    rtp = HEADER.pack(0x80, 111, 1, 2, 0xDEAD_BEEF) + b"x"
    rtcp = feedback.key_frame_request(0xDEAD_BEEF, 7)
    assert sender_ssrc(rtp, Datagram.RTP) == 0xDEAD_BEEF
    assert sender_ssrc(rtcp, Datagram.RTCP) == 0xDEAD_BEEF
