"""The key schedule, epoch after epoch, against the official vectors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from e2ee.errors import AuthenticationError
from e2ee.mls import key_schedule
from e2ee.mls.cipher_suite import CLASSIC
from e2ee.mls.group_context import GroupContext
from e2ee.mls.key_schedule import EpochSecrets, WelcomeKey


def test_epochs_are_those_of_the_official_vectors(
    vectors: Callable[[str], list[dict[str, Any]]],
) -> None:
    for case in vectors("key-schedule"):
        init, group_id = (bytes.fromhex(case[k]) for k in ("initial_init_secret", "group_id"))
        for number, epoch in enumerate(case["epochs"]):
            init = check_epoch(epoch, number, init, group_id)


def check_epoch(epoch: dict[str, Any], number: int, init: bytes, group_id: bytes) -> bytes:
    given = {k: bytes.fromhex(v) for k, v in epoch.items() if isinstance(v, str)}
    context = GroupContext(
        group_id, number, given["tree_hash"], given["confirmed_transcript_hash"], {}
    )
    assert context.encoded == given["group_context"]
    joiner = key_schedule.joiner_secret(init, given["commit_secret"], context)
    assert joiner == given["joiner_secret"]
    schedule = key_schedule.schedule(joiner, given["psk_secret"], context)
    kept = schedule.kept
    for holder, names in (
        (schedule, "welcome_secret encryption_secret external_secret confirmation_key"),
        (kept, "sender_data_secret exporter_secret membership_key resumption_psk"),
        (kept, "epoch_authenticator init_secret"),
    ):
        for name in names.split():
            assert getattr(holder, name) == given[name], name
    assert key_schedule.welcome_secret(joiner, given["psk_secret"]) == given["welcome_secret"]
    assert schedule.external_key_pair(CLASSIC).public == given["external_pub"]
    exporter = epoch["exporter"]
    # The vectors write the label as hex digits and mean these digits.
    context_bytes = bytes.fromhex(exporter["context"])
    exported = kept.export(exporter["label"], context_bytes, exporter["length"])
    assert exported.hex() == exporter["secret"]
    return kept.init_secret


def test_the_encryption_secret_is_not_kept_and_nothing_kept_is_shown() -> None:
    kept = EpochSecrets(*[bytes([n]) * 32 for n in range(6)])
    assert "encryption_secret" not in EpochSecrets.__dataclass_fields__
    assert repr(kept) == "EpochSecrets()"


def test_a_group_info_opens_with_its_welcome_secret_only() -> None:
    key = WelcomeKey.of(b"a" * 32)
    sealed = key.seal(b"info")
    assert key.open(sealed) == b"info"
    with pytest.raises(AuthenticationError):
        WelcomeKey.of(b"b" * 32).open(sealed)
