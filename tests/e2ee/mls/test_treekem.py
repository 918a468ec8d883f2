"""TreeKEM: paths of the official vectors are decrypted by everybody, and paths of ours too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from e2ee.errors import InvalidError
from e2ee.mls import hpke, treekem
from e2ee.mls.codec import decode
from e2ee.mls.crypto import derive_secret
from e2ee.mls.group_context import GroupContext
from e2ee.mls.ratchet_tree import RatchetTree
from e2ee.mls.signing_key import SigningKey
from e2ee.mls.tree_hash import tree_hash
from e2ee.mls.treekem import (
    PrivateKeys,
    create_path,
    decrypt_path,
    encrypt_path,
    learn_path,
    merge_path,
)
from e2ee.mls.update_path import UpdatePath, UpdatePathNode


def private_keys(case: dict[str, Any]) -> dict[int, PrivateKeys]:
    """Return what each leaf of a case holds."""
    found = {}
    for leaf in case["leaves_private"]:
        keys = {2 * leaf["index"]: bytes.fromhex(leaf["encryption_priv"])}
        for item in leaf["path_secrets"]:
            secret = derive_secret(bytes.fromhex(item["path_secret"]), "node")
            keys[item["node"]] = hpke.derive_key_pair(secret).private
        found[leaf["index"]] = PrivateKeys(leaf["index"], keys)
    return found


def context_of(case: dict[str, Any], tree: RatchetTree) -> GroupContext:
    group_id, transcript = (
        bytes.fromhex(case[k]) for k in ("group_id", "confirmed_transcript_hash")
    )
    return GroupContext(group_id, case["epoch"], tree_hash(tree), transcript, {})


def test_the_official_paths_are_decrypted_by_everybody(
    vectors: Callable[[str], list[dict[str, Any]]],
) -> None:
    for case in vectors("treekem"):
        tree = RatchetTree.decode(bytes.fromhex(case["ratchet_tree"]))
        held = private_keys(case)
        for leaf, private in held.items():
            for node, key in private.keys.items():
                found = tree.nodes[node]
                assert found is not None, leaf
                assert found.encryption_key == hpke.key_pair_of(key).public
        for given in case["update_paths"]:
            sender = given["sender"]
            path = decode(UpdatePath.read, bytes.fromhex(given["update_path"]))
            merged = merge_path(tree, sender, path, bytes.fromhex(case["group_id"]))
            assert tree_hash(merged).hex() == given["tree_hash_after"]
            context = context_of(case, merged).encoded
            for leaf in held.keys() - {sender}:
                commit_secret, _ = decrypt_path(
                    merged, sender, path, held[leaf], group_context=context, added=set()
                )
                assert commit_secret.hex() == given["commit_secret"]


def test_paths_of_ours_in_the_official_trees_are_decrypted_by_everybody(
    vectors: Callable[[str], list[dict[str, Any]]],
) -> None:
    for case in vectors("treekem"):
        tree = RatchetTree.decode(bytes.fromhex(case["ratchet_tree"]))
        group_id, held = bytes.fromhex(case["group_id"]), private_keys(case)
        for given in case["leaves_private"]:
            sender = given["index"]
            key = SigningKey(bytes.fromhex(given["signature_priv"]))
            ours = create_path(tree, held[sender], key, group_id)
            context = context_of(case, ours.tree).encoded
            path = decode(UpdatePath.read, encrypt_path(ours, context, set()).encode())
            merged = merge_path(tree, sender, path, group_id)
            assert merged == ours.tree
            for leaf in held.keys() - {sender}:
                commit_secret, _ = decrypt_path(
                    merged, sender, path, held[leaf], group_context=context, added=set()
                )
                assert commit_secret == ours.commit_secret


def test_one_who_is_added_in_the_same_commit_is_left_out_of_the_path(people: Any) -> None:
    host, ann, bob = people.trio()
    state = people.state_of(host)
    ours = create_path(state.tree, state.private, state.signing_key, b"room")
    full, less = (encrypt_path(ours, b"context", added) for added in (set(), {bob.leaf}))
    assert [len(node.encrypted_path_secrets) for node in full.nodes] == [1, 1]
    assert [len(node.encrypted_path_secrets) for node in less.nodes] == [1, 0]
    options: dict[str, Any] = {"group_context": b"context", "added": {bob.leaf}}
    private = people.state_of(ann).private
    secret, keys = decrypt_path(ours.tree, host.leaf, less, private, **options)
    assert secret == ours.commit_secret
    assert keys.keys.keys() == {2, 1, 3}
    with pytest.raises(InvalidError, match="cannot decrypt"):
        decrypt_path(ours.tree, host.leaf, less, people.state_of(bob).private, **options)


def test_a_key_planted_to_stop_everybody_from_committing_is_refused(people: Any) -> None:
    """A consistent path, but for a key of low order: X25519 to it fails for ever after."""
    host, _, _ = people.trio()
    state = people.state_of(host)
    filtered = state.tree.filtered_path(host.leaf)
    publics = {node: bytes([at] + [0] * 31) for at, (node, _) in enumerate(filtered)}
    _, above = treekem._with_parent_hashes(state.tree, filtered, publics)
    key = hpke.generate_key_pair().public
    leaf = state.tree.member(host.leaf).for_commit(key, above)
    leaf = leaf.signed(state.signing_key, b"room", host.leaf)
    path = UpdatePath(leaf, tuple(UpdatePathNode(publics[node], ()) for node, _ in filtered))
    with pytest.raises(InvalidError, match="cannot be encrypted to"):
        merge_path(state.tree, host.leaf, path, b"room")


def test_a_member_without_a_key_of_its_own_is_refused(people: Any) -> None:
    host, ann, _ = people.trio()
    state = people.state_of(host)
    ours = create_path(state.tree, state.private, state.signing_key, b"room")
    path = encrypt_path(ours, b"context", set())
    with pytest.raises(InvalidError, match="cannot decrypt"):
        decrypt_path(
            ours.tree,
            host.leaf,
            path,
            PrivateKeys(ann.leaf, {}),
            group_context=b"context",
            added=set(),
        )


def test_secrets_that_do_not_give_the_keys_in_the_tree_are_refused(people: Any) -> None:
    host, ann, _ = people.trio()
    state, private = people.state_of(host), people.state_of(ann).private
    ours = create_path(state.tree, state.private, state.signing_key, b"room")
    secret = ours.path_secrets[1]
    assert learn_path(ours.tree, host.leaf, private, secret)[0] == ours.commit_secret
    with pytest.raises(InvalidError, match="does not give"):
        learn_path(ours.tree, host.leaf, private, bytes(32))
    with pytest.raises(InvalidError, match="wrong length"):
        learn_path(ours.tree, host.leaf, private, secret + b"x")


def test_keys_of_nodes_that_became_blank_are_dropped(people: Any) -> None:
    host, ann, bob = people.trio()
    pending = host.commit(path=True, now=people.now)
    host.merge(pending)
    people.follow(ann, pending.message)
    state = people.state_of(ann)
    assert set(state.private.keys) == {2, 1, 3}
    assert set(state.private.within(state.tree.without(bob.leaf)).keys) == {2, 1}
    assert set(state.private.within(state.tree.without(host.leaf)).keys) == {2}


def test_a_path_shows_no_secret(people: Any) -> None:
    host, _, _ = people.trio()
    state = people.state_of(host)
    shown = repr(create_path(state.tree, state.private, state.signing_key, b"room"))
    for hidden in ("path_secrets", "commit_secret", "keys="):
        assert hidden not in shown
