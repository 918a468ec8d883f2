"""Lists of extensions, as they stand in every MLS object (RFC 9420 section 13)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from e2ee.errors import MalformedError
from e2ee.mls.codec import Reader, opaque, u16, vector

Extensions = Mapping[int, bytes]
"""Extension type to opaque data, in the order they are encoded."""


def encode_extensions(extensions: Extensions) -> bytes:
    """Encode `Extension extensions<V>`."""
    return vector(u16(kind) + opaque(data) for kind, data in extensions.items())


def read_extensions(reader: Reader) -> Extensions:
    """Take `Extension extensions<V>` off `reader`.

    Raises `MalformedError` when one type appears twice.
    """
    items = reader.vector(lambda inner: (inner.u16(), inner.opaque()))
    extensions = dict(items)
    if len(extensions) != len(items):
        raise MalformedError("an MLS message has one extension twice")
    return MappingProxyType(extensions)
