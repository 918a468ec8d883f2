"""What every message is: a small, typed map, or refused in words that quote nothing."""

from __future__ import annotations

import msgspec
import pytest

from rooms.errors import WireError
from rooms.messages import Message, decode, encode_message


class Count(Message, frozen=True, tag="count"):
    """A message for these tests."""

    number: int = 0


DECODER = msgspec.msgpack.Decoder(Count)


def test_a_message_is_a_map_with_a_tag() -> None:
    data = encode_message(Count(7))
    assert msgspec.msgpack.decode(data) == {"t": "count", "number": 7}
    assert decode(DECODER, data, 100) == Count(7)


@pytest.mark.parametrize(
    "told",
    [
        {"t": "count", "number": "secret"},
        {"t": "count", "number": 1, "secret": 2},
        {"t": "secret"},
        ["secret"],
    ],
    ids=str,
)
def test_attack_what_is_no_message_is_refused_and_not_quoted(told: object) -> None:
    with pytest.raises(WireError) as error:
        decode(DECODER, msgspec.msgpack.encode(told), 100)
    assert "secret" not in f"{error.value.message} {error.value.hint}"


@pytest.mark.parametrize("data", [b"\x91" * 90_000, b"\xa1\xff", b""], ids=["deep", "text", "none"])
def test_attack_what_breaks_a_decoder_is_refused(data: bytes) -> None:
    with pytest.raises(WireError):
        decode(DECODER, data, 1 << 20)


def test_attack_more_bytes_than_allowed() -> None:
    data = encode_message(Count(7))
    with pytest.raises(WireError, match="larger"):
        decode(DECODER, data, len(data) - 1)
