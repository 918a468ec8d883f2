"""The secret tree, against the official vectors, replays and exhaustion."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from e2ee.errors import InvalidError, ReplayError, UnknownKeyError
from e2ee.mls import secret_tree
from e2ee.mls.limits import FORWARD_WINDOW, SKIPPED_KEYS
from e2ee.mls.private_message import sender_data_key
from e2ee.mls.secret_tree import RatchetKind, SecretTree

APPLICATION, HANDSHAKE = RatchetKind.APPLICATION, RatchetKind.HANDSHAKE


@pytest.fixture
def tree() -> SecretTree:
    return SecretTree.start(b"s" * 32, 4)


def test_message_keys_are_those_of_the_official_vectors(
    vectors: Callable[[str], list[dict[str, Any]]],
) -> None:
    for case in vectors("secret-tree"):
        tree = SecretTree.start(bytes.fromhex(case["encryption_secret"]), len(case["leaves"]))
        for leaf, generations in enumerate(case["leaves"]):
            for expected in generations:
                for kind in RatchetKind:
                    key, tree = tree.take(leaf, kind, expected["generation"])
                    assert key.key.hex() == expected[f"{kind}_key"]
                    assert key.nonce.hex() == expected[f"{kind}_nonce"]


def test_sender_data_keys_are_those_of_the_official_vectors(
    vectors: Callable[[str], list[dict[str, Any]]],
) -> None:
    for case in vectors("secret-tree"):
        given = {k: bytes.fromhex(v) for k, v in case["sender_data"].items()}
        derived = sender_data_key(given["sender_data_secret"], given["ciphertext"])
        assert derived == (given["key"], given["nonce"])


def test_a_used_key_is_gone(tree: SecretTree) -> None:
    _, tree = tree.take(1, APPLICATION, 0)
    with pytest.raises(ReplayError):
        tree.take(1, APPLICATION, 0)
    tree.take(1, HANDSHAKE, 0)


def test_messages_may_overtake_each_other_within_the_window(tree: SecretTree) -> None:
    expected = {}
    ordered = tree
    for generation in range(5):
        expected[generation], ordered = ordered.take(0, APPLICATION, generation)
    for generation in (3, 1, 4, 0, 2):
        key, tree = tree.take(0, APPLICATION, generation)
        assert key == expected[generation]
    for generation in range(5):
        with pytest.raises(ReplayError):
            tree.take(0, APPLICATION, generation)


def test_keys_skipped_are_kept_up_to_a_bound(tree: SecretTree) -> None:
    _, tree = tree.take(0, APPLICATION, SKIPPED_KEYS + 10)
    assert len(tree.ratchets[0, APPLICATION].skipped) == SKIPPED_KEYS
    with pytest.raises(ReplayError, match="too old"):
        tree.take(0, APPLICATION, 9)
    tree.take(0, APPLICATION, 10)


def test_a_generation_far_ahead_is_refused_without_deriving_up_to_it(tree: SecretTree) -> None:
    tree.take(0, APPLICATION, FORWARD_WINDOW)
    for generation in (FORWARD_WINDOW + 1, (1 << 32) - 1):
        with pytest.raises(UnknownKeyError, match="too far ahead"):
            tree.take(0, APPLICATION, generation)


def test_taking_a_key_changes_nothing_until_the_new_tree_is_kept(tree: SecretTree) -> None:
    first, _ = tree.take(2, APPLICATION, 7)
    again, _ = tree.take(2, APPLICATION, 7)
    assert first == again
    assert not tree.ratchets


def test_secrets_above_a_used_leaf_are_gone(tree: SecretTree) -> None:
    _, tree = tree.take(1, APPLICATION, 0)
    # Left are the other leaf of the pair and the other half; neither gives leaf 1 again.
    assert set(tree.secrets) == {0, 5}
    for leaf in (0, 2, 3):
        _, tree = tree.take(leaf, HANDSHAKE, 0)
    assert not tree.secrets


@pytest.mark.parametrize("leaf", [4, 1 << 31])
def test_a_leaf_outside_the_tree_is_refused(tree: SecretTree, leaf: int) -> None:
    with pytest.raises(InvalidError):
        tree.take(leaf, APPLICATION, 0)


def test_no_key_is_given_out_after_the_last_generation(
    tree: SecretTree, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(secret_tree, "MAX_GENERATION", 1)
    for expected in (0, 1):
        generation, _, tree = tree.take_next(0, APPLICATION)
        assert generation == expected
    with pytest.raises(InvalidError, match="used all"):
        tree.take_next(0, APPLICATION)


def test_secrets_are_not_shown(tree: SecretTree) -> None:
    key, tree = tree.take(0, APPLICATION, 1)
    for shown in map(repr, (tree, key, tree.ratchets[0, APPLICATION])):
        assert key.key.hex() not in shown
        assert "b'" not in shown
