"""The hybrid HPKE: X-Wing as its draft has it, and keys and ciphertexts that are none."""

from __future__ import annotations

import hashlib
import hmac

import pytest
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from e2ee.errors import AuthenticationError, MalformedError
from e2ee.mls import hybrid_hpke
from e2ee.mls.hpke import HpkeCiphertext

SUITE_ID = b"HPKE\x64\x7a\x00\x01\x00\x01"
SEED = bytes.fromhex("7f9c2ba4e88f827d616045507605853ed73b8093f6efbc88eb1a6eacfa66ef26")


def test_a_seed_gives_the_public_key_of_the_x_wing_draft() -> None:
    public = hybrid_hpke.key_pair_of(SEED).public
    assert len(public) == hybrid_hpke.PUBLIC_KEY_LENGTH
    assert public.hex().startswith(
        "e2236b35a8c24b39b10aa1323a96a919a2ced88400633a7b07131713fc14b2b5"
        "b19cfc3da5fa1a92c49f25513e0fd30d6b1611c9ab9635d7086727a4b7d21d34"
    )


def test_a_key_pair_is_derived_through_a_labelled_seed() -> None:
    labelled = SEED + b"HPKE-v1KEM\x64\x7a\x00\x0dDeriveKeyPair\x00\x20"
    pair = hybrid_hpke.derive_key_pair(SEED)
    assert pair.private == hashlib.shake_256(labelled).digest(32)
    assert pair == hybrid_hpke.key_pair_of(pair.private)
    assert pair != hybrid_hpke.key_pair_of(SEED)


def test_what_is_sealed_opens_by_x_wing_and_rfc_9180_alone() -> None:
    pair = hybrid_hpke.key_pair_of(SEED)
    sealed = hybrid_hpke.seal(pair.public, b"info", b"secret")
    secret = _labelled_extract(b"secret", b"", salt=_decapsulate(SEED, sealed.kem_output))
    hashes = _labelled_extract(b"psk_id_hash", b"") + _labelled_extract(b"info_hash", b"info")
    context = b"\x00" + hashes
    key = _labelled_expand(secret, b"key", context, 16)
    nonce = _labelled_expand(secret, b"base_nonce", context, 12)
    assert AESGCM(key).decrypt(nonce, sealed.ciphertext, b"") == b"secret"


def test_what_is_sealed_opens_with_the_key_and_the_info_only() -> None:
    pair, other = hybrid_hpke.generate_key_pair(), hybrid_hpke.generate_key_pair()
    sealed = hybrid_hpke.seal(pair.public, b"info", b"secret")
    assert hybrid_hpke.unseal(pair.private, b"info", sealed) == b"secret"
    for private, info in [(other.private, b"info"), (pair.private, b"else")]:
        with pytest.raises(AuthenticationError):
            hybrid_hpke.unseal(private, info, sealed)


@pytest.mark.parametrize("place", [0, 1087, 1088, 1118])
def test_either_half_changed_does_not_open(place: int) -> None:
    pair = hybrid_hpke.generate_key_pair()
    sealed = hybrid_hpke.seal(pair.public, b"", b"secret")
    output = bytearray(sealed.kem_output)
    output[place] ^= 1
    with pytest.raises(AuthenticationError):
        hybrid_hpke.unseal(pair.private, b"", HpkeCiphertext(bytes(output), sealed.ciphertext))


@pytest.mark.parametrize("length", [0, 32, 1119, 1120, 1121])
def test_a_ciphertext_of_another_size_or_without_a_usable_key_does_not_open(length: int) -> None:
    private = hybrid_hpke.generate_key_pair().private
    with pytest.raises(AuthenticationError):
        hybrid_hpke.unseal(private, b"", HpkeCiphertext(bytes(length), bytes(48)))


def test_a_key_with_either_half_unusable_is_refused() -> None:
    public = hybrid_hpke.generate_key_pair().public
    assert hybrid_hpke.is_usable(public)
    unreduced = b"\xff" * 1184 + public[1184:]  # coefficients above the modulus
    low_order = public[:1184] + bytes(32)
    for bad in (unreduced, low_order, public[:-1], public + b"\x00", public[1184:], b""):
        assert not hybrid_hpke.is_usable(bad)
        with pytest.raises(MalformedError):
            hybrid_hpke.seal(bad, b"", b"")


def test_a_private_key_is_a_seed_of_thirty_two_bytes() -> None:
    for length in (0, 31, 33, 64):
        with pytest.raises(ValueError, match="32 bytes"):
            hybrid_hpke.key_pair_of(bytes(length))


def _decapsulate(seed: bytes, output: bytes) -> bytes:
    """X-Wing, draft-connolly-cfrg-xwing-kem section 5.5."""
    expanded = hashlib.shake_256(seed).digest(96)
    x25519 = X25519PrivateKey.from_private_bytes(expanded[64:])
    first = MLKEM768PrivateKey.from_seed_bytes(expanded[:64]).decapsulate(output[:1088])
    second = x25519.exchange(X25519PublicKey.from_public_bytes(output[1088:]))
    public = x25519.public_key().public_bytes_raw()
    return hashlib.sha3_256(first + second + output[1088:] + public + b"\\.//^\\").digest()


def _labelled_extract(label: bytes, ikm: bytes, salt: bytes = b"") -> bytes:
    return hmac.digest(salt, b"HPKE-v1" + SUITE_ID + label + ikm, "sha256")


def _labelled_expand(secret: bytes, label: bytes, context: bytes, length: int) -> bytes:
    info = length.to_bytes(2, "big") + b"HPKE-v1" + SUITE_ID + label + context
    return HKDFExpand(SHA256(), length, info).derive(secret)
