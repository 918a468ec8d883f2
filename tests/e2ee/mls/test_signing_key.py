"""The signing key: Ed25519 as RFC 8032 has it, and never shown."""

from __future__ import annotations

from e2ee.mls.signing_key import SigningKey


def test_keys_and_signatures_are_those_of_rfc_8032() -> None:
    key = SigningKey(
        bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
    )
    assert key.public.hex() == "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    assert key.sign(b"").hex().startswith("e5564300c360ac729086e2cc806e828a")


def test_every_key_is_another() -> None:
    assert SigningKey.generate() != SigningKey.generate()


def test_the_private_half_is_not_shown() -> None:
    key = SigningKey.generate()
    assert len(key.public) == 32
    assert repr(key) == "SigningKey()"
