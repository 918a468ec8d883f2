"""Each audio payload carries the frame before it again, inside what SFrame encrypts.

Layout: one byte, the length of the previous encoded frame (0: none), that frame, the current one.
The idea is RFC 2198's; the copy is inside the ciphertext, so only one timestamp is needed: the
previous frame is the one exactly 960 samples earlier.
"""

from __future__ import annotations

from media.errors import CodecError

MAX_PREVIOUS_BYTES = 255
"""What the length byte can say."""


def pack(previous: bytes | None, current: bytes) -> bytes:
    """Return the payload; `previous` is None when the frame 20 ms earlier was not sent.

    A previous frame too long for the length byte is left out: redundancy is never worth an error.
    """
    if not current:
        raise CodecError("an empty encoded frame cannot be sent")
    if previous is None or len(previous) > MAX_PREVIOUS_BYTES:
        previous = b""
    return bytes([len(previous)]) + previous + current


def unpack(payload: bytes) -> tuple[bytes | None, bytes]:
    """Return (previous or None, current). Raises `CodecError` when the layout does not hold."""
    if not payload:
        raise CodecError("an empty audio payload")
    end = 1 + payload[0]
    if end >= len(payload):
        raise CodecError("an audio payload shorter than it says")
    return payload[1:end] or None, payload[end:]
