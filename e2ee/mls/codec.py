"""The TLS presentation language as MLS uses it (RFC 9420 section 2).

Encoders are functions from a value to bytes; decoding is a `Reader` that is moved forward. Every
value has exactly one encoding and any other is refused, so what was decoded encodes to the very
bytes that were signed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import IntEnum
from typing import Final, TypeVar

from e2ee.errors import MalformedError

T = TypeVar("T")
E = TypeVar("E", bound=IntEnum)

MAX_LENGTH: Final = (1 << 30) - 1
"""Longest variable-size vector, bytes (RFC 9420 section 2.1.2)."""


def u8(value: int) -> bytes:
    """Encode a uint8."""
    return value.to_bytes(1, "big")


def u16(value: int) -> bytes:
    """Encode a uint16."""
    return value.to_bytes(2, "big")


def u32(value: int) -> bytes:
    """Encode a uint32."""
    return value.to_bytes(4, "big")


def u64(value: int) -> bytes:
    """Encode a uint64."""
    return value.to_bytes(8, "big")


def length_prefix(length: int) -> bytes:
    """Encode the length of a vector in its shortest form (RFC 9420 section 2.1.2).

    Raises `ValueError` for a length over 30 bits.
    """
    if length < 1 << 6:
        return length.to_bytes(1, "big")
    if length < 1 << 14:
        return (0x4000 | length).to_bytes(2, "big")
    if length <= MAX_LENGTH:
        return (0x80000000 | length).to_bytes(4, "big")
    raise ValueError("a vector is longer than 30 bits can tell")


def opaque(data: bytes) -> bytes:
    """Encode `opaque data<V>`."""
    return length_prefix(len(data)) + data


def vector(items: Iterable[bytes]) -> bytes:
    """Encode a vector `<V>` of items encoded already."""
    return opaque(b"".join(items))


def optional(encoded: bytes | None) -> bytes:
    """Encode `optional<T>` of a value encoded already (RFC 9420 section 2.1.1)."""
    return b"\x00" if encoded is None else b"\x01" + encoded


class Reader:
    """Takes values off the front of bytes; every method raises `MalformedError` when it cannot."""

    __slots__ = ("_at", "_data")

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def has_more(self) -> bool:
        """Whether bytes are left."""
        return self._at < len(self._data)

    def take(self, length: int) -> bytes:
        """Take `length` bytes."""
        end = self._at + length
        if end > len(self._data):
            raise MalformedError("an MLS message is cut short")
        taken = self._data[self._at : end]
        self._at = end
        return taken

    def rest(self) -> bytes:
        """Take everything that is left."""
        return self.take(len(self._data) - self._at)

    def u8(self) -> int:
        """Take a uint8."""
        return self.take(1)[0]

    def u16(self) -> int:
        """Take a uint16."""
        return int.from_bytes(self.take(2), "big")

    def u32(self) -> int:
        """Take a uint32."""
        return int.from_bytes(self.take(4), "big")

    def u64(self) -> int:
        """Take a uint64."""
        return int.from_bytes(self.take(8), "big")

    def enum8(self, kind: type[E]) -> E:
        """Take a uint8 that must be a known value of `kind`."""
        return _known(kind, self.u8())

    def enum16(self, kind: type[E]) -> E:
        """Take a uint16 that must be a known value of `kind`."""
        return _known(kind, self.u16())

    def length(self) -> int:
        """Take the length of a vector; only the shortest form is taken."""
        first = self.u8()
        if first < 1 << 6:  # most vectors by far: thousands in a tree that one who joins reads
            return first
        size = 1 << (first >> 6)
        if size == 8:
            raise MalformedError("an MLS message has a vector length of no known form")
        value = int.from_bytes(bytes((first & 0x3F,)) + self.take(size - 1), "big")
        if len(length_prefix(value)) != size:
            raise MalformedError("an MLS message has a vector length in a longer form than needed")
        return value

    def opaque(self) -> bytes:
        """Take `opaque data<V>`; its length can never exceed what is left."""
        return self.take(self.length())

    def vector(self, read: Callable[[Reader], T]) -> tuple[T, ...]:
        """Take a vector `<V>` of items, each taken by `read`."""
        inner = Reader(self.opaque())
        items = []
        while inner.has_more:
            items.append(read(inner))
        return tuple(items)

    def optional(self, read: Callable[[Reader], T]) -> T | None:
        """Take `optional<T>`; the presence octet is 0 or 1 and nothing else."""
        presence = self.u8()
        if presence > 1:
            raise MalformedError("an MLS message has a presence octet that is neither 0 nor 1")
        return read(self) if presence else None


def decode(read: Callable[[Reader], T], data: bytes) -> T:
    """Decode the whole of `data` with `read`.

    Raises `MalformedError` if it does not decode or bytes are left over.
    """
    reader = Reader(data)
    value = read(reader)
    if reader.has_more:
        raise MalformedError("an MLS message has bytes after its end")
    return value


def _known(kind: type[E], value: int) -> E:
    try:
        return kind(value)
    except ValueError:
        raise MalformedError(f"an MLS message has {value} as {kind.__name__}") from None
