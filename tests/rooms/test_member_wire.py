"""What members say survives the wire, its padding hides lengths, and all else is refused."""

from __future__ import annotations

import typing
from typing import Any

import hypothesis.strategies as st
import msgspec
import pytest
from hypothesis import given, settings

from rooms import wire
from rooms.errors import WireError
from rooms.member_wire import (
    PADDING_SIZES,
    Chat,
    FileOffer,
    Goodbye,
    MemberMessage,
    Presence,
    Reaction,
    decode_member,
    encode_member,
)

fixed = settings(max_examples=80, deadline=None, derandomize=True, database=None)

numbers = st.integers(1, 0xFFFF_FFFF)
ids = st.binary(min_size=8, max_size=8)
hashes = st.binary(min_size=32, max_size=32)
chats = st.builds(
    Chat,
    ids,
    st.text(min_size=1, max_size=900),
    st.integers(0, 1 << 53),
    st.none() | ids,
)
MEMBER: dict[type, st.SearchStrategy[Any]] = {
    Chat: chats,
    Reaction: st.builds(Reaction, ids, st.text(min_size=1, max_size=16), st.booleans()),
    FileOffer: st.builds(
        FileOffer,
        st.binary(min_size=16, max_size=16),
        st.text(min_size=1, max_size=128),
        st.integers(0, 10 * 2**20),
        hashes,
        hashes,
    ),
    Presence: st.builds(Presence, numbers, st.booleans(), st.booleans(), st.booleans()),
    Goodbye: st.builds(Goodbye, st.sampled_from(["left", "ended"])),
}


def raw(**fields: object) -> bytes:
    """The bytes of a map as somebody else might write it."""
    return msgspec.msgpack.encode(fields)


def test_every_message_is_tried_and_tags_are_distinct() -> None:
    assert set(MEMBER) == set(typing.get_args(MemberMessage))
    assert len({kind.__struct_config__.tag for kind in MEMBER}) == len(MEMBER)


@fixed
@given(st.one_of(*MEMBER.values()))
def test_member_messages_round_trip(message: MemberMessage) -> None:
    assert decode_member(encode_member(message)) == message


@fixed
@given(st.binary(max_size=300))
def test_attack_random_bytes(data: bytes) -> None:
    with pytest.raises(WireError):
        decode_member(data)


# --- padding ---


@fixed
@given(chats)
def test_padding_leaves_only_the_class_of_size(chat: Chat) -> None:
    assert len(encode_member(chat)) in PADDING_SIZES


def test_short_messages_of_all_kinds_look_alike() -> None:
    messages = [
        Chat(bytes(8), "no", 0),
        Chat(bytes(8), "yes, and I will say it all again on Monday", 1 << 53),
        Chat(bytes(8), "an answer", 0, reply_to=bytes(8)),
        Reaction(bytes(8), "😀" * 16, on=True),
        Presence(1, muted=True, camera=False),
        Goodbye("ended"),
    ]
    assert {len(encode_member(message)) for message in messages} == {256}


def test_each_size_is_used_to_its_last_byte() -> None:
    # 2 bytes of length, then the map: it grows by one with each character.
    base = len(wire.encode(Chat(bytes(8), "x" * 100, 0))) - 100
    for size, larger in ((256, 1024), (1024, 4096)):
        header = 1 if size > 256 else 0  # msgpack: a longer text has a longer length
        room = size - 2 - base - header
        assert len(encode_member(Chat(bytes(8), "x" * room, 0))) == size
        assert len(encode_member(Chat(bytes(8), "x" * (room + 1), 0))) == larger


def test_the_longest_chat_fits_if_it_is_latin_and_is_refused_in_words_if_not() -> None:
    assert len(encode_member(Chat(bytes(8), "x" * 3500, 0))) == 4096
    with pytest.raises(WireError, match="too long") as error:
        encode_member(Chat(bytes(8), "\N{GRINNING FACE}" * 3500, 0))
    assert error.value.hint


def test_attack_a_covert_channel_in_the_padding() -> None:
    good = encode_member(Goodbye())
    with pytest.raises(WireError):
        decode_member(good[:-1] + b"\x01")


@pytest.mark.parametrize("length", [255, 300, 0xFFFF])
def test_attack_a_length_beyond_the_padding(length: int) -> None:
    with pytest.raises(WireError):
        decode_member(length.to_bytes(2, "big") + bytes(254))


@pytest.mark.parametrize("size", [0, 1, 255, 257, 4095, 4097])
def test_attack_a_size_that_is_none(size: int) -> None:
    with pytest.raises(WireError):
        decode_member(bytes(size))


@pytest.mark.parametrize(
    "fields",
    [
        {"t": "chat", "id": bytes(8), "text": "", "sent": 0},
        {"t": "chat", "id": bytes(8), "text": "x" * 3501, "sent": 0},
        {"t": "chat", "id": bytes(7), "text": "x", "sent": 0},
        {"t": "chat", "id": bytes(8), "text": "x", "sent": -1},
        {"t": "chat", "id": bytes(8), "text": "x", "sent": (1 << 53) + 1},
        {"t": "chat", "id": bytes(8), "text": "x", "sent": 0, "reply_to": bytes(9)},
        {"t": "chat", "id": bytes(8), "text": "x", "sent": 0, "reply_to": ""},
        {"t": "reaction", "chat": bytes(7), "emoji": "x", "on": True},
        {"t": "reaction", "chat": bytes(8), "emoji": "", "on": True},
        {"t": "reaction", "chat": bytes(8), "emoji": "x" * 17, "on": True},
        {"t": "reaction", "chat": bytes(8), "emoji": "x", "on": 1},
        {"t": "presence", "participant": 1, "muted": 1, "camera": False},
        {"t": "presence", "participant": 1, "muted": True, "camera": False, "recording": None},
        {"t": "goodbye", "reason": "bored"},
        {"t": "leave"},
    ],
    ids=str,
)
def test_attack_members_out_of_bounds(fields: dict[str, object]) -> None:
    body = raw(**fields)
    plaintext = len(body).to_bytes(2, "big") + body
    with pytest.raises(WireError):
        decode_member(plaintext + bytes(4096 - len(plaintext)))


OFFER = {"t": "file", "id": bytes(16), "name": "x", "size": 1, "first": bytes(32), "key": bytes(32)}


@pytest.mark.parametrize(
    "change",
    [{"size": 10 * 2**20 + 1}, {"size": -1}, {"name": ""}, {"name": "x" * 129}, {"key": bytes(31)}],
    ids=str,
)
def test_attack_a_file_that_is_announced_out_of_bounds(change: dict[str, object]) -> None:
    assert isinstance(decode_member(padded(raw(**OFFER))), FileOffer)
    with pytest.raises(WireError):
        decode_member(padded(raw(**OFFER | change)))


def padded(body: bytes) -> bytes:
    return (len(body).to_bytes(2, "big") + body).ljust(1024, bytes(1))


def test_a_file_that_is_announced_shows_neither_name_nor_key() -> None:
    offer = FileOffer(bytes(16), "secret-plan", 7, bytes(32), b"k" * 32)
    assert repr(offer) == "FileOffer(size=7, <hidden>)"
