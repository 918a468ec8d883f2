"""TreeKEM: paths of the official vectors are decrypted by everybody, and paths of ours too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from e2ee.mls import hpke
from e2ee.mls.codec import decode
from e2ee.mls.crypto import derive_secret
from e2ee.mls.group_context import GroupContext
from e2ee.mls.ratchet_tree import RatchetTree
from e2ee.mls.signing_key import SigningKey
from e2ee.mls.tree_hash import tree_hash
from e2ee.mls.treekem import PrivateKeys, create_path, decrypt_path, encrypt_path, merge_path
from e2ee.mls.update_path import UpdatePath


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
