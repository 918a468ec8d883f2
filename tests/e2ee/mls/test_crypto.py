"""The labelled cryptography, against the official vectors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from e2ee.errors import AuthenticationError
from e2ee.mls import crypto
from e2ee.mls.hpke import HpkeCiphertext, generate_key_pair
from e2ee.mls.signing_key import SigningKey


def unhex(case: dict[str, Any], *names: str) -> tuple[bytes, ...]:
    return tuple(bytes.fromhex(case[name]) for name in names)


@pytest.fixture
def basics(vectors: Callable[[str], list[dict[str, Any]]]) -> dict[str, Any]:
    return vectors("crypto-basics")[0]


def test_derivations_are_those_of_the_official_vectors(basics: dict[str, Any]) -> None:
    case = basics["ref_hash"]
    value, out = unhex(case, "value", "out")
    assert crypto.ref_hash(case["label"], value) == out
    case = basics["expand_with_label"]
    secret, context, out = unhex(case, "secret", "context", "out")
    assert crypto.expand_with_label(secret, case["label"], context, case["length"]) == out
    case = basics["derive_secret"]
    secret, out = unhex(case, "secret", "out")
    assert crypto.derive_secret(secret, case["label"]) == out
    case = basics["derive_tree_secret"]
    secret, out = unhex(case, "secret", "out")
    derived = crypto.derive_tree_secret(secret, case["label"], case["generation"], case["length"])
    assert derived == out


def test_signatures_are_those_of_the_official_vectors(basics: dict[str, Any]) -> None:
    case = basics["sign_with_label"]
    private, public, content, signature = unhex(case, "priv", "pub", "content", "signature")
    key = SigningKey(private)
    assert key.public == public
    crypto.verify_with_label(public, case["label"], content, signature, "x")
    ours = crypto.sign_with_label(key, case["label"], content)
    crypto.verify_with_label(public, case["label"], content, ours, "x")


def test_encryption_is_that_of_the_official_vectors(basics: dict[str, Any]) -> None:
    case, label = basics["encrypt_with_label"], basics["encrypt_with_label"]["label"]
    private, public, context, plaintext = unhex(case, "priv", "pub", "context", "plaintext")
    sealed = HpkeCiphertext(*unhex(case, "kem_output", "ciphertext"))
    assert crypto.decrypt_with_label(private, label, context, sealed) == plaintext
    ours = crypto.encrypt_with_label(public, label, context, plaintext)
    assert crypto.decrypt_with_label(private, label, context, ours) == plaintext


def test_a_signature_is_bound_to_its_label_content_and_key() -> None:
    key, other = SigningKey.generate(), SigningKey.generate()
    signature = crypto.sign_with_label(key, "A", b"content")
    for public, label, content in [
        (other.public, "A", b"content"),
        (key.public, "B", b"content"),
        (key.public, "A", b"another"),
        (b"short", "A", b"content"),
    ]:
        with pytest.raises(AuthenticationError, match="signature of a test"):
            crypto.verify_with_label(public, label, content, signature, "a test")
    with pytest.raises(AuthenticationError):
        crypto.verify_with_label(key.public, "A", b"content", b"", "a test")


def test_an_encryption_is_bound_to_its_label_and_context() -> None:
    pair = generate_key_pair()
    sealed = crypto.encrypt_with_label(pair.public, "A", b"context", b"secret")
    for label, context in [("B", b"context"), ("A", b"another")]:
        with pytest.raises(AuthenticationError):
            crypto.decrypt_with_label(pair.private, label, context, sealed)


def test_a_mac_and_an_aead_name_what_did_not_verify() -> None:
    crypto.check_mac(b"key", b"data", crypto.mac(b"key", b"data"), "a tag")
    with pytest.raises(AuthenticationError, match="a tag does not verify"):
        crypto.check_mac(b"key", b"data", bytes(32), "a tag")
    sealed = crypto.aead_seal(bytes(16), bytes(12), b"text", b"aad")
    assert crypto.aead_open(bytes(16), bytes(12), sealed, b"aad", "a box") == b"text"
    for ciphertext, aad in [(sealed, b"other"), (sealed[:-1], b"aad"), (b"", b"aad")]:
        with pytest.raises(AuthenticationError, match="a box does not decrypt"):
            crypto.aead_open(bytes(16), bytes(12), ciphertext, aad, "a box")


def test_extract_is_hmac_and_digest_is_sha256() -> None:
    assert crypto.extract(b"salt", b"ikm") == crypto.mac(b"salt", b"ikm")
    assert crypto.digest(b"").hex().startswith("e3b0c44298fc1c14")
