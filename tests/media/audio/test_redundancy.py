import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.audio.redundancy import pack, unpack
from media.errors import CodecError


def test_the_layout() -> None:
    assert pack(b"ab", b"cde") == b"\x02abcde"
    assert pack(None, b"cde") == b"\x00cde"


@given(st.none() | st.binary(min_size=1, max_size=255), st.binary(min_size=1, max_size=300))
def test_round_trip(previous: bytes | None, current: bytes) -> None:
    assert unpack(pack(previous, current)) == (previous, current)


def test_a_previous_frame_too_long_is_left_out() -> None:
    assert unpack(pack(bytes(256), b"now")) == (None, b"now")


def test_nothing_is_not_packed() -> None:
    with pytest.raises(CodecError):
        pack(b"before", b"")


@pytest.mark.parametrize("hostile", [b"", b"\x00", b"\x01", b"\x01a", b"\xffabc"])
def test_hostile_payloads_are_refused(hostile: bytes) -> None:
    with pytest.raises(CodecError):
        unpack(hostile)


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        previous, current = unpack(data)
    except CodecError:
        return
    assert pack(previous, current) == data
