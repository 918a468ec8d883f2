"""The codec: one encoding for each value, and nothing read beyond the end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from e2ee.errors import MalformedError
from e2ee.mls import codec
from e2ee.mls.codec import Reader, decode
from e2ee.mls.constants import ContentType, WireFormat


def test_vector_lengths_are_those_of_the_official_vectors(
    vectors: Callable[[str], list[dict[str, Any]]],
) -> None:
    for case in vectors("deserialization"):
        header = bytes.fromhex(case["vlbytes_header"])
        assert Reader(header).length() == case["length"]
        assert codec.length_prefix(case["length"]) == header


@given(st.integers(0, codec.MAX_LENGTH))
def test_every_length_is_read_back(length: int) -> None:
    assert decode(Reader.length, codec.length_prefix(length)) == length


@pytest.mark.parametrize("header", ["4000", "403f", "80000000", "80003fff"])
def test_a_length_in_a_longer_form_than_needed_is_refused(header: str) -> None:
    with pytest.raises(MalformedError, match="longer form"):
        Reader(bytes.fromhex(header)).length()


def test_a_length_of_no_known_form_is_refused() -> None:
    with pytest.raises(MalformedError, match="no known form"):
        Reader(bytes.fromhex("c0000000000000ff")).length()


def test_a_length_over_thirty_bits_cannot_be_written() -> None:
    with pytest.raises(ValueError, match="30 bits"):
        codec.length_prefix(codec.MAX_LENGTH + 1)


def test_a_vector_that_claims_a_gigabyte_is_refused_at_once() -> None:
    with pytest.raises(MalformedError, match="cut short"):
        Reader(bytes.fromhex("bfffffff") + bytes(64)).opaque()


def test_a_vector_ends_with_an_item_not_within_one() -> None:
    assert decode(lambda r: r.vector(Reader.u16), bytes.fromhex("0400010002")) == (1, 2)
    with pytest.raises(MalformedError, match="cut short"):
        decode(lambda r: r.vector(Reader.u16), bytes.fromhex("03000100"))


def test_presence_is_zero_or_one() -> None:
    assert decode(lambda r: r.optional(Reader.u8), b"\x00") is None
    assert decode(lambda r: r.optional(Reader.u8), b"\x01\x07") == 7
    with pytest.raises(MalformedError, match="presence"):
        decode(lambda r: r.optional(Reader.u8), b"\x02\x07")


def test_bytes_after_the_end_are_refused() -> None:
    with pytest.raises(MalformedError, match="after its end"):
        decode(Reader.u8, b"\x00\x00")


def test_an_enumeration_takes_known_values_only() -> None:
    assert Reader(b"\x03").enum8(ContentType) is ContentType.COMMIT
    assert Reader(b"\x00\x03").enum16(WireFormat) is WireFormat.WELCOME
    with pytest.raises(MalformedError, match="as ContentType"):
        Reader(b"\x00").enum8(ContentType)
    with pytest.raises(MalformedError, match="as WireFormat"):
        Reader(b"\x00\x06").enum16(WireFormat)


def test_integers_are_big_endian() -> None:
    reader = Reader(codec.u8(1) + codec.u16(2) + codec.u32(3) + codec.u64(4))
    assert (reader.u8(), reader.u16(), reader.u32(), reader.u64()) == (1, 2, 3, 4)
    assert not reader.has_more


@given(st.lists(st.binary(max_size=100), max_size=20))
def test_vectors_of_byte_strings_are_read_back(items: list[bytes]) -> None:
    encoded = codec.vector(map(codec.opaque, items))
    assert decode(lambda r: r.vector(Reader.opaque), encoded) == tuple(items)
    assert decode(Reader.opaque, encoded) == b"".join(map(codec.opaque, items))


def test_optional_marks_presence() -> None:
    assert codec.optional(None) == b"\x00"
    assert codec.optional(b"x") == b"\x01x"
