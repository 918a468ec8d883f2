"""Lists of extensions keep their order and hold each type once."""

from __future__ import annotations

import pytest

from e2ee.errors import MalformedError
from e2ee.mls.codec import decode, opaque, u16, vector
from e2ee.mls.extensions import encode_extensions, read_extensions


def test_a_list_is_read_back_in_its_order() -> None:
    extensions = {0xF0A0: b"state", 1: b"", 3: bytes(100)}
    encoded = encode_extensions(extensions)
    read = decode(read_extensions, encoded)
    assert list(read.items()) == list(extensions.items())
    assert encode_extensions(read) == encoded


def test_one_type_twice_is_refused() -> None:
    encoded = vector([u16(1) + opaque(b"a"), u16(1) + opaque(b"b")])
    with pytest.raises(MalformedError, match="twice"):
        decode(read_extensions, encoded)


def test_what_was_read_cannot_be_changed() -> None:
    read = decode(read_extensions, encode_extensions({1: b""}))
    with pytest.raises(TypeError):
        read[1] = b"x"  # type: ignore[index]
