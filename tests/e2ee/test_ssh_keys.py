"""SSH keys of every type: their signatures verify, and nothing that only looks like one does."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from hypothesis import given
from hypothesis import strategies as st

from e2ee import ssh_keys, ssh_private
from e2ee.errors import AuthenticationError, KeysError, MalformedError
from e2ee.ssh_keys import check_key, check_signature
from e2ee.ssh_wire import join_strings, positive

DATA = b"what is signed"
APPLICATION = b"ssh:"
ED = Ed25519PrivateKey.generate()
P256 = ec.generate_private_key(ec.SECP256R1())
P384 = ec.generate_private_key(ec.SECP384R1())
P521 = ec.generate_private_key(ec.SECP521R1())
RSA = rsa.generate_private_key(65537, 2048)
SOFT = {"ed25519": ED, "p256": P256, "p384": P384, "p521": P521, "rsa": RSA}

ED_BLOB = ssh_private.public_blob(ED)
RSA_BLOB = ssh_private.public_blob(RSA)
POINT = ssh_private.public_blob(P256)[-65:]
SK_ED_BLOB = join_strings(ssh_keys.SK_ED25519, ED.public_key().public_bytes_raw(), APPLICATION)
SK_EC_BLOB = join_strings(ssh_keys.SK_ECDSA, b"nistp256", POINT, APPLICATION)


def touched(flags: int, application: bytes = APPLICATION) -> tuple[bytes, bytes]:
    """What a security key signs (PROTOCOL.u2f), and the flags and counter behind the signature."""
    tail = bytes([flags]) + (7).to_bytes(4, "big")
    return hashlib.sha256(application).digest() + tail + hashlib.sha256(DATA).digest(), tail


def sk_ed25519(flags: int = 1, application: bytes = APPLICATION) -> bytes:
    message, tail = touched(flags, application)
    return join_strings(ssh_keys.SK_ED25519, ED.sign(message)) + tail


def sk_ecdsa(flags: int = 1, application: bytes = APPLICATION) -> bytes:
    message, tail = touched(flags, application)
    r, s = decode_dss_signature(P256.sign(message, ec.ECDSA(hashes.SHA256())))
    return join_strings(ssh_keys.SK_ECDSA, join_strings(positive(r), positive(s))) + tail


def rsa_signed(algorithm: bytes, digest: hashes.HashAlgorithm) -> bytes:
    return join_strings(algorithm, RSA.sign(DATA, PKCS1v15(), digest))


SIGNED = {name: (ssh_private.public_blob(k), ssh_private.sign(k, DATA)) for name, k in SOFT.items()}
SIGNED |= {
    "rsa-sha2-256": (RSA_BLOB, rsa_signed(b"rsa-sha2-256", hashes.SHA256())),
    "sk-ed25519": (SK_ED_BLOB, sk_ed25519()),
    "sk-ecdsa": (SK_EC_BLOB, sk_ecdsa()),
}


@pytest.mark.parametrize("name", SIGNED)
def test_a_signature_of_each_type_verifies_and_over_other_data_does_not(name: str) -> None:
    blob, signature = SIGNED[name]
    check_key(blob)
    check_signature(blob, signature, DATA)
    with pytest.raises(AuthenticationError):
        check_signature(blob, signature, DATA + b".")


@pytest.mark.parametrize("name", SIGNED)
def test_flipped_bit_in_a_signature_or_key_of_each_type_is_refused(name: str) -> None:
    blob, signature = SIGNED[name]
    for position in range(0, len(signature) * 8, 3):
        changed = bytearray(signature)
        changed[position // 8] ^= 1 << position % 8
        with pytest.raises(KeysError):
            check_signature(blob, bytes(changed), DATA)
    for position in range(0, len(blob) * 8, 11):
        changed = bytearray(blob)
        changed[position // 8] ^= 1 << position % 8
        with pytest.raises(KeysError):
            check_signature(bytes(changed), signature, DATA)


@pytest.mark.parametrize("name", SIGNED)
def test_truncated_or_extended_signature_or_key_is_refused(name: str) -> None:
    blob, signature = SIGNED[name]
    for cut in range(0, len(signature), 5):
        with pytest.raises(MalformedError):
            check_signature(blob, signature[:cut], DATA)
    for cut in range(0, len(blob), 5):
        with pytest.raises(MalformedError):
            check_key(blob[:cut])
    for key, proof in ((blob + b"\0", signature), (blob, signature + b"\0")):
        with pytest.raises(MalformedError):
            check_signature(key, proof, DATA)


def test_signature_of_one_type_never_counts_for_a_key_of_another() -> None:
    for name, (blob, _) in SIGNED.items():
        for other, (_, signature) in SIGNED.items():
            if name.partition("-")[0] != other.partition("-")[0]:
                with pytest.raises(KeysError):
                    check_signature(blob, signature, DATA)


def test_rsa_signature_with_sha1_is_refused() -> None:
    for algorithm in (b"ssh-rsa", b"rsa-sha2-256", b"rsa-sha2-512"):
        with pytest.raises(KeysError):
            check_signature(RSA_BLOB, rsa_signed(algorithm, hashes.SHA1()), DATA)


@pytest.mark.parametrize("flags", [0x00, 0x04, 0xFE])
def test_signature_of_a_security_key_nobody_touched_is_refused(flags: int) -> None:
    for blob, signature in ((SK_ED_BLOB, sk_ed25519(flags)), (SK_EC_BLOB, sk_ecdsa(flags))):
        with pytest.raises(AuthenticationError, match="without being touched"):
            check_signature(blob, signature, DATA)


def test_user_presence_claimed_afterwards_is_refused() -> None:
    for blob, signature in ((SK_ED_BLOB, sk_ed25519(0)), (SK_EC_BLOB, sk_ecdsa(0))):
        claimed = signature[:-5] + b"\1" + signature[-4:]
        with pytest.raises(AuthenticationError):
            check_signature(blob, claimed, DATA)


def test_signature_of_a_security_key_for_another_application_is_refused() -> None:
    web = b"https://example.org"
    for blob, signature in (
        (SK_ED_BLOB, sk_ed25519(application=web)),
        (SK_EC_BLOB, sk_ecdsa(application=web)),
    ):
        with pytest.raises(AuthenticationError):
            check_signature(blob, signature, DATA)


def weak_rsa(bits: int) -> bytes:
    return join_strings(b"ssh-rsa", positive(65537), positive((1 << (bits - 1)) + 1))


BAD_KEYS = {
    "RSA of 1024 bits": weak_rsa(1024),
    "RSA of 2047 bits": weak_rsa(2047),
    "RSA of 8192 bits": weak_rsa(8192),
    "RSA exponent 1": join_strings(b"ssh-rsa", positive(1), positive((1 << 2047) + 1)),
    "RSA exponent even": join_strings(b"ssh-rsa", positive(4), positive((1 << 2047) + 1)),
    "RSA exponent huge": join_strings(
        b"ssh-rsa", positive((1 << 64) + 1), positive((1 << 2047) + 1)
    ),
    "RSA padded": join_strings(b"ssh-rsa", b"\0" + positive(65537), positive((1 << 2047) + 1)),
    "DSA": join_strings(b"ssh-dss", b"p", b"q", b"g", b"y"),
    "a certificate": join_strings(b"ssh-ed25519-cert-v01@openssh.com", bytes(32), bytes(32)),
    "unknown curve": join_strings(b"ecdsa-sha2-nistp192", b"nistp192", bytes(49)),
    "other curve than said": join_strings(b"ecdsa-sha2-nistp384", b"nistp256", POINT),
    "no point": join_strings(b"ecdsa-sha2-nistp256", b"nistp256", b"\4" + b"\1" * 64),
    "compressed point": join_strings(b"ecdsa-sha2-nistp256", b"nistp256", b"\2" + POINT[1:33]),
    "point at infinity": join_strings(b"ecdsa-sha2-nistp256", b"nistp256", b"\0"),
    "sk without application": join_strings(ssh_keys.SK_ED25519, bytes(32), b""),
    "sk with a long application": join_strings(ssh_keys.SK_ECDSA, b"nistp256", POINT, b"a" * 256),
    "sk on another curve": join_strings(
        ssh_keys.SK_ECDSA, b"nistp384", ssh_private.public_blob(P384)[-97:], b"ssh:"
    ),
    "short Ed25519": join_strings(b"ssh-ed25519", bytes(31)),
}


@pytest.mark.parametrize("name", BAD_KEYS)
def test_key_that_is_weak_malformed_or_of_another_type_is_refused(name: str) -> None:
    with pytest.raises(MalformedError):
        check_key(BAD_KEYS[name])
    for _, signature in SIGNED.values():
        with pytest.raises(KeysError):
            check_signature(BAD_KEYS[name], signature, DATA)


KINDS = st.sampled_from([*ssh_keys.KEY_TYPES, *ssh_keys.ALGORITHMS, b"ssh-dss"])


@given(KINDS, st.lists(st.binary(max_size=70), max_size=4), st.binary(max_size=8))
def test_random_keys_and_signatures_raise_only_keys_errors(
    kind: bytes, parts: list[bytes], tail: bytes
) -> None:
    junk = join_strings(kind, *parts) + tail
    attempts: list[Callable[[], None]] = [lambda: check_key(junk)]
    for blob, signature in SIGNED.values():
        attempts.append(lambda blob=blob: check_signature(blob, junk, DATA))  # type: ignore[misc]
        attempts.append(lambda s=signature: check_signature(junk, s, DATA))  # type: ignore[misc]
    for attempt in attempts[1:]:
        with pytest.raises(KeysError):
            attempt()
