"""SSH's wire types: what is read is bounded, and every value has one spelling."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from e2ee.errors import MalformedError
from e2ee.ssh_wire import (
    MAX_STRING,
    join_strings,
    positive,
    read_positive,
    split_strings,
    take_strings,
)


@given(st.lists(st.binary(max_size=20), max_size=5), st.binary(max_size=5))
def test_strings_come_back(parts: list[bytes], rest: bytes) -> None:
    assert take_strings(join_strings(*parts) + rest, len(parts)) == (parts, rest)


def test_string_cut_short_too_long_or_with_more_behind_it_is_refused() -> None:
    whole = join_strings(b"ssh")
    for data in (whole[:-1], b"", whole + b"\0", join_strings(bytes(MAX_STRING + 1))):
        with pytest.raises(MalformedError):
            split_strings(data, 1)


@given(st.integers(min_value=1, max_value=1 << 64))
def test_numbers_come_back(value: int) -> None:
    assert read_positive(positive(value)) == value


@pytest.mark.parametrize("content", [b"", b"\0", b"\0\1", b"\x80", b"\xff\xff"])
def test_number_that_is_zero_negative_or_spelt_longer_is_refused(content: bytes) -> None:
    with pytest.raises(MalformedError):
        read_positive(content)
