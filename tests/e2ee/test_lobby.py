"""Knocks: only the link opens them, in their own room, unchanged."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from e2ee.errors import AuthenticationError, KeysError, MalformedError
from e2ee.lobby import PADDED_SIZES, open_knock, seal_knock

KEY = bytes(range(16))
ROOM = bytes(range(16, 32))


@pytest.mark.parametrize("length", [0, 1, 300, 1021, 1022, 8189])
def test_a_knock_opens_with_the_link(length: int) -> None:
    package = bytes(7 for _ in range(length))
    assert open_knock(KEY, ROOM, seal_knock(KEY, ROOM, [package])) == (package,)


def test_knocks_of_long_and_short_names_have_one_size() -> None:
    sizes = {len(seal_knock(KEY, ROOM, [bytes(length)])) for length in (400, 700, 1000)}
    assert sizes == {PADDED_SIZES[0] + 28}


def test_a_knock_offers_one_package_or_more_in_order() -> None:
    packages = (b"hybrid" * 400, b"", b"classic")
    assert open_knock(KEY, ROOM, seal_knock(KEY, ROOM, packages)) == packages


def test_the_same_knock_never_looks_the_same() -> None:
    assert seal_knock(KEY, ROOM, [b"package"]) != seal_knock(KEY, ROOM, [b"package"])


def test_knock_without_the_link_or_for_another_room_is_refused() -> None:
    sealed = seal_knock(KEY, ROOM, [b"package"])
    for key, room in ((bytes(16), ROOM), (KEY, bytes(16))):
        with pytest.raises(AuthenticationError):
            open_knock(key, room, sealed)


def test_flipped_bits_in_a_knock_are_refused() -> None:
    sealed = seal_knock(KEY, ROOM, [b"package"])
    for position in range(0, len(sealed) * 8, 7):
        changed = bytearray(sealed)
        changed[position // 8] ^= 1 << position % 8
        with pytest.raises(AuthenticationError):
            open_knock(KEY, ROOM, bytes(changed))


def test_knock_with_false_padding_is_refused() -> None:
    for padded in (
        b"\1\xff\xff" + bytes(1021),
        b"\1\0\1x" + bytes(1019) + b"!",
        b"\2\0\1x\xff\xff" + bytes(1018),
        bytes(1024),
        b"\x09" + bytes(1023),
        b"\xff" * 1024,
    ):
        nonce = bytes(12)
        sealed = nonce + AESGCM(KEY).encrypt(nonce, padded, b"sottovoce knock" + ROOM)
        with pytest.raises(MalformedError):
            open_knock(KEY, ROOM, sealed)


def test_package_too_long_to_knock_with_is_refused() -> None:
    with pytest.raises(KeysError, match="too long"):
        seal_knock(KEY, ROOM, [bytes(PADDED_SIZES[-1])])


@given(st.binary(max_size=64) | st.binary(min_size=1052, max_size=1052))
def test_random_bytes_raise_only_keys_errors(data: bytes) -> None:
    with pytest.raises(KeysError):
        open_knock(KEY, ROOM, data)
