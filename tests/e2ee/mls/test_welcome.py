"""Welcome, against the official vectors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from e2ee.errors import AuthenticationError, InvalidError, MalformedError, UnknownKeyError
from e2ee.mls.codec import decode
from e2ee.mls.crypto import check_mac, encrypt_with_label
from e2ee.mls.group_info import GroupInfo
from e2ee.mls.key_package import KeyPackage, KeyPackageBundle, new_key_package
from e2ee.mls.key_schedule import WelcomeKey, schedule, welcome_secret
from e2ee.mls.message import decode_message
from e2ee.mls.psk import ExternalPsk, psk_secret
from e2ee.mls.signing_key import SigningKey
from e2ee.mls.welcome import GroupSecrets, Welcome


def test_the_official_welcome_is_opened(vectors: Callable[[str], list[dict[str, Any]]]) -> None:
    for case in vectors("welcome"):
        given = {k: bytes.fromhex(v) for k, v in case.items() if isinstance(v, str)}
        welcome, key_package = map(decode_message, (given["welcome"], given["key_package"]))
        assert isinstance(welcome, Welcome)
        assert isinstance(key_package, KeyPackage)
        bundle = KeyPackageBundle(key_package, given["init_priv"], b"", SigningKey(bytes(32)))
        secrets = welcome.open_secrets(bundle)
        assert not secrets.psks
        key = WelcomeKey.of(welcome_secret(secrets.joiner_secret, psk_secret([])))
        info = decode(GroupInfo.read, key.open(welcome.encrypted_group_info))
        info.verify(given["signer_pub"])
        derived = schedule(secrets.joiner_secret, psk_secret([]), info.context)
        confirmed = info.context.confirmed_transcript_hash
        check_mac(derived.confirmation_key, confirmed, info.confirmation_tag, "the tag")


SECRETS = GroupSecrets(b"j" * 32, b"p" * 32, (ExternalPsk(b"link", bytes(32)),))
OURS, OTHER = (new_key_package(SigningKey.generate(), name, now=9) for name in (b"a", b"b"))
WELCOME = Welcome(tuple(SECRETS.seal(b.key_package, b"info") for b in (OTHER, OURS)), b"info")


@pytest.mark.parametrize("secrets", [SECRETS, replace(SECRETS, path_secret=None, psks=())])
def test_secrets_are_read_back_and_not_shown(secrets: GroupSecrets) -> None:
    assert decode(GroupSecrets.read, secrets.encode()) == secrets
    assert "jjj" not in repr(secrets)
    assert "ppp" not in repr(secrets)


def test_everybody_opens_the_secrets_meant_for_them() -> None:
    assert decode(Welcome.read, WELCOME.encode()) == WELCOME
    for bundle in (OURS, OTHER):
        assert WELCOME.open_secrets(bundle) == SECRETS


def test_secrets_for_another_key_package_or_suite_are_refused() -> None:
    stranger = new_key_package(SigningKey.generate(), b"c", now=9)
    with pytest.raises(UnknownKeyError):
        WELCOME.open_secrets(stranger)
    with pytest.raises(InvalidError):
        replace(WELCOME, cipher_suite=2).open_secrets(OURS)


def test_secrets_are_bound_to_their_group_info_and_key() -> None:
    with pytest.raises(AuthenticationError):
        replace(WELCOME, encrypted_group_info=b"else").open_secrets(OURS)
    with pytest.raises(AuthenticationError):
        WELCOME.open_secrets(replace(OURS, init_key=OTHER.init_key))


def test_secrets_that_do_not_decode_are_refused() -> None:
    sealed = encrypt_with_label(OURS.key_package.init_key, "Welcome", b"info", b"junk")
    bent = replace(WELCOME.secrets[1], sealed=sealed)
    with pytest.raises(MalformedError):
        replace(WELCOME, secrets=(bent,)).open_secrets(OURS)
