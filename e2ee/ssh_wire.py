"""SSH's wire types: strings and integers, read bounded (RFC 4251 section 5)."""

from __future__ import annotations

from typing import Final

from e2ee.errors import MalformedError

MAX_STRING: Final = 4096
"""Longest string read, bytes; everything of a 4096-bit RSA key is far shorter."""


def join_strings(*parts: bytes) -> bytes:
    """Return the parts as SSH strings: each behind its length in 4 bytes."""
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def take_strings(data: bytes, count: int, limit: int = MAX_STRING) -> tuple[list[bytes], bytes]:
    """Read `count` SSH strings of at most `limit` bytes; return them and what follows.

    Raises `MalformedError`.
    """
    parts: list[bytes] = []
    position = 0
    for _ in range(count):
        length = int.from_bytes(data[position : position + 4], "big")
        start, position = position + 4, position + 4 + length
        if length > limit or position > len(data):
            raise MalformedError("an SSH key or signature is cut short")
        parts.append(data[start:position])
    return parts, data[position:]


def split_strings(data: bytes, count: int, limit: int = MAX_STRING) -> list[bytes]:
    """Read exactly `count` SSH strings and nothing after them. Raises `MalformedError`."""
    parts, rest = take_strings(data, count, limit)
    if rest:
        raise MalformedError("an SSH key or signature has bytes left over")
    return parts


def positive(value: int) -> bytes:
    """Return a positive integer as the content of an `mpint`."""
    return value.to_bytes(value.bit_length() // 8 + 1, "big")


def read_positive(content: bytes) -> int:
    """Read the content of an `mpint`. Raises `MalformedError` unless it is positive.

    Only the shortest spelling counts: a key has one blob, and so one fingerprint.
    """
    value = int.from_bytes(content, "big")
    if not value or content != positive(value):
        raise MalformedError("an SSH key or signature has a malformed number")
    return value
