"""SFrame against the official vectors, and against whoever changes a frame on its way."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from e2ee import sframe
from e2ee.errors import AuthenticationError, KeysError, MalformedError

VECTORS = Path(__file__).parents[3] / "shared" / "vectors" / "sframe" / "test-vectors.json"
BASE_KEY = bytes(range(16))


def vectors(section: str) -> list[dict[str, Any]]:
    if not VECTORS.exists():
        pytest.skip("the official SFrame vectors are not beside this checkout")
    cases: list[dict[str, Any]] = json.loads(VECTORS.read_text())[section]
    assert cases
    return cases


def test_headers_are_those_of_the_official_vectors() -> None:
    for case in vectors("header"):
        encoded = bytes.fromhex(case["encoded"])
        assert sframe.encode_header(case["kid"], case["ctr"]) == encoded
        assert sframe.parse_header(encoded + b"x") == (case["kid"], case["ctr"], len(encoded))


@pytest.mark.parametrize("section", ["aes_ctr_hmac", "aes_256_ctr_hmac"])
def test_counter_mode_is_that_of_the_official_vectors(section: str) -> None:
    for case in vectors(section):
        suite = sframe.SUITES[case["cipher_suite"]]
        aead = sframe.CtrHmac(bytes.fromhex(case["key"]), suite)
        nonce, aad, pt, ct = (bytes.fromhex(case[k]) for k in ("nonce", "aad", "pt", "ct"))
        assert aead.encrypt(nonce, pt, aad) == ct
        assert aead.decrypt(nonce, ct, aad) == pt


def test_whole_frames_are_those_of_the_official_vectors() -> None:
    for case in vectors("sframe"):
        base_key, metadata, pt, ct = (
            bytes.fromhex(case[k]) for k in ("base_key", "metadata", "pt", "ct")
        )
        key = sframe.derive_key(base_key, case["kid"], case["cipher_suite"])
        assert key.salt.to_bytes(12, "big").hex() == case["sframe_salt"]
        assert sframe.encrypt(key, case["ctr"], pt, metadata) == ct
        assert sframe.decrypt(key, ct, metadata) == pt


@pytest.mark.parametrize("suite", sorted(sframe.SUITES))
def test_every_suite_opens_what_it_sealed_and_adds_header_and_tag_only(suite: int) -> None:
    key = sframe.derive_key(BASE_KEY, 0x0102, suite)
    frame = sframe.encrypt(key, 77, b"voice", b"meta")
    assert sframe.decrypt(key, frame, b"meta") == b"voice"
    assert len(frame) == 1 + 2 + 1 + len(b"voice") + sframe.SUITES[suite].tag_length


@pytest.mark.parametrize("suite", sorted(sframe.SUITES))
def test_flipped_bit_anywhere_in_a_frame_is_refused(suite: int) -> None:
    key = sframe.derive_key(BASE_KEY, 0x0102, suite)
    frame = sframe.encrypt(key, 77, b"voice", b"meta")
    for position in range(len(frame) * 8):
        changed = bytearray(frame)
        changed[position // 8] ^= 1 << position % 8
        with pytest.raises(KeysError):
            sframe.decrypt(key, bytes(changed), b"meta")


def test_flipped_bit_in_metadata_is_refused() -> None:
    key = sframe.derive_key(BASE_KEY, 5)
    frame = sframe.encrypt(key, 0, b"picture", b"\x10\x20\x30")
    with pytest.raises(AuthenticationError):
        sframe.decrypt(key, frame, b"\x11\x20\x30")


def test_frame_of_another_key_id_is_refused_before_decryption() -> None:
    frame = sframe.encrypt(sframe.derive_key(BASE_KEY, 5), 0, b"voice")
    with pytest.raises(AuthenticationError, match="another key"):
        sframe.decrypt(sframe.derive_key(BASE_KEY, 6), frame)


def test_truncated_frame_is_refused_at_every_length() -> None:
    for suite in sframe.SUITES:
        key = sframe.derive_key(BASE_KEY, 1000, suite)
        frame = sframe.encrypt(key, 1000, b"voice")
        for length in range(len(frame)):
            with pytest.raises(KeysError):
                sframe.decrypt(key, frame[:length])


def test_two_counters_never_give_the_same_ciphertext() -> None:
    key = sframe.derive_key(BASE_KEY, 1)
    assert len({sframe.encrypt(key, ctr, bytes(20))[-36:] for ctr in range(100)}) == 100


def test_secrets_are_hidden_in_repr() -> None:
    key = sframe.derive_key(BASE_KEY, 1)
    assert repr(key) == "SFrameKey(kid=1, suite=4)"


@pytest.mark.parametrize(("kid", "ctr"), [(1 << 64, 0), (0, 1 << 64), (-1, 0), (0, -1)])
def test_values_over_64_bits_are_our_own_mistake(kid: int, ctr: int) -> None:
    with pytest.raises(ValueError, match="64 bits"):
        sframe.encode_header(kid, ctr)


def test_unregistered_suite_is_our_own_mistake() -> None:
    with pytest.raises(ValueError, match="not registered"):
        sframe.derive_key(BASE_KEY, 0, 9)


def test_empty_frame_has_no_header() -> None:
    with pytest.raises(MalformedError):
        sframe.parse_header(b"")


@given(st.integers(0, sframe.MAX_VALUE), st.integers(0, sframe.MAX_VALUE))
def test_header_round_trip(kid: int, ctr: int) -> None:
    encoded = sframe.encode_header(kid, ctr)
    assert sframe.parse_header(encoded) == (kid, ctr, len(encoded))


@given(st.binary(max_size=64), st.binary(max_size=12), st.sampled_from(sorted(sframe.SUITES)))
def test_random_bytes_raise_only_keys_errors(data: bytes, metadata: bytes, suite: int) -> None:
    key = sframe.derive_key(BASE_KEY, 3, suite)
    with pytest.raises(KeysError):
        sframe.decrypt(key, data, metadata)
