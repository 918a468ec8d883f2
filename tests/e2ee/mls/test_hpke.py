"""HPKE: key derivation by RFC 9180, and public keys that lead nowhere."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from e2ee.errors import AuthenticationError, MalformedError
from e2ee.mls import hpke
from e2ee.mls.codec import decode
from e2ee.mls.hpke import HpkeCiphertext


def test_a_key_pair_is_derived_as_in_rfc_9180_appendix_a_1() -> None:
    ikm = bytes.fromhex("7268600d403fce431561aef583ee1613527cff655c1343f29812e66706df3234")
    pair = hpke.derive_key_pair(ikm)
    assert pair.private.hex() == "52c4a758a802cd8b936eceea314432798d5baf2d7e9235dc084ab1b9cfa2f736"
    assert pair.public.hex() == "37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431"


def test_what_is_sealed_opens_with_the_key_and_the_info_only() -> None:
    pair, other = hpke.generate_key_pair(), hpke.generate_key_pair()
    sealed = hpke.seal(pair.public, b"info", b"secret")
    assert hpke.unseal(pair.private, b"info", sealed) == b"secret"
    for private, info in [(other.private, b"info"), (pair.private, b"else")]:
        with pytest.raises(AuthenticationError):
            hpke.unseal(private, info, sealed)


@pytest.mark.parametrize("cut", [HpkeCiphertext(b"", b""), HpkeCiphertext(bytes(32), bytes(48))])
def test_a_ciphertext_without_a_usable_key_does_not_open(cut: HpkeCiphertext) -> None:
    with pytest.raises(AuthenticationError):
        hpke.unseal(hpke.generate_key_pair().private, b"", cut)


@pytest.mark.parametrize("length", [0, 1, 15, 16])
def test_a_ciphertext_that_is_too_short_does_not_open(length: int) -> None:
    pair = hpke.generate_key_pair()
    cut = HpkeCiphertext(hpke.generate_key_pair().public, bytes(length))
    with pytest.raises(AuthenticationError):
        hpke.unseal(pair.private, b"", cut)


def test_every_key_of_low_order_is_known_and_refused() -> None:
    private = X25519PrivateKey.generate()
    for point in hpke._LOW_ORDER:
        for top in (0, 1 << 255):
            public = (point | top).to_bytes(32, "little")
            assert not hpke.is_usable(public)
            with pytest.raises(MalformedError):
                hpke.seal(public, b"", b"")
            # The reason: X25519 gives zeros, and the library says so.
            with pytest.raises(ValueError, match="shared key"):
                private.exchange(X25519PublicKey.from_public_bytes(public))


def test_a_key_is_thirty_two_bytes() -> None:
    public = hpke.generate_key_pair().public
    assert hpke.is_usable(public)
    assert not hpke.is_usable(public[:31])
    assert not hpke.is_usable(public + b"\x00")


def test_private_keys_are_not_shown() -> None:
    pair = hpke.generate_key_pair()
    assert pair.private.hex() not in repr(pair)
    assert repr(pair.private) not in repr(pair)


def test_a_ciphertext_is_read_back() -> None:
    sealed = HpkeCiphertext(b"kem", b"text")
    assert decode(HpkeCiphertext.read, sealed.encode()) == sealed
