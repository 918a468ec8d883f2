"""The start of an encoded VP8 frame (RFC 6386 section 9.1), read without a codec."""

from __future__ import annotations

CLEAR_BYTES_KEY, CLEAR_BYTES_INTER = 10, 3
"""A 3-byte frame tag, then on key frames a start code and the dimensions."""


def is_key_frame(data: bytes) -> bool:
    """Read the inverse key frame bit of the frame tag (RFC 6386 section 9.1)."""
    return bool(data) and not data[0] & 1


def clear_bytes(data: bytes) -> int:
    """Return how many leading bytes engines must be able to read: 10 on key frames, 3 on others.

    Never more than there are. See the frame encryption decision in the design.
    """
    return min(len(data), CLEAR_BYTES_KEY if is_key_frame(data) else CLEAR_BYTES_INTER)
