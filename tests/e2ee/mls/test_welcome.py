"""Welcome, against the official vectors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from e2ee.mls.codec import decode
from e2ee.mls.crypto import check_mac
from e2ee.mls.group_info import GroupInfo
from e2ee.mls.key_package import KeyPackage, KeyPackageBundle
from e2ee.mls.key_schedule import WelcomeKey, schedule, welcome_secret
from e2ee.mls.message import decode_message
from e2ee.mls.psk import psk_secret
from e2ee.mls.signing_key import SigningKey
from e2ee.mls.welcome import Welcome


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
