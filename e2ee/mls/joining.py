"""Joining by a Welcome: everything is checked before anything is held (RFC 9420 12.4.3.1)."""

from __future__ import annotations

from dataclasses import replace

from e2ee.errors import AuthenticationError, InvalidError
from e2ee.mls.codec import decode
from e2ee.mls.constants import HASH_LENGTH, ExtensionType, ProtocolVersion
from e2ee.mls.epoch import Epoch, Transition
from e2ee.mls.group_info import GroupInfo
from e2ee.mls.key_package import KeyPackageBundle
from e2ee.mls.key_schedule import WelcomeKey, welcome_secret
from e2ee.mls.limits import MAX_PSKS
from e2ee.mls.psk import ExternalPsk, PskId, PskLookup, check_psk_ids, find_psks, psk_secret
from e2ee.mls.ratchet_tree import RatchetTree
from e2ee.mls.tree_hash import tree_hash
from e2ee.mls.tree_validation import validate_tree
from e2ee.mls.treekem import PrivateKeys, learn_path
from e2ee.mls.welcome import GroupSecrets, Welcome


def join(
    welcome: Welcome,
    bundle: KeyPackageBundle,
    lookup: PskLookup,
    *,
    required_psk: bytes | None,
    tree: RatchetTree | None = None,
) -> Epoch:
    """Return our first epoch; `tree` only if it does not come inside the Welcome.

    With `required_psk`, a Welcome that does not mix in the external PSK of that id is refused:
    anyone who has our KeyPackage can build a group and welcome us to it, and nothing in MLS tells
    that group from the one we meant. Raises a `KeysError` for whatever is wrong.
    """
    secrets = welcome.open_secrets(bundle)
    if len(secrets.joiner_secret) != HASH_LENGTH:
        raise InvalidError("a joiner secret has the wrong length")
    _check_psks(secrets.psks, required_psk)
    psks = find_psks(secrets.psks, lookup)
    key = WelcomeKey.of(welcome_secret(secrets.joiner_secret, psk_secret(psks)))
    info = decode(GroupInfo.read, key.open(welcome.encrypted_group_info))
    tree = _validated_tree(info, tree, welcome.cipher_suite)
    transition = Transition.from_joiner(info.context, secrets.joiner_secret, psks)
    transition.check(info.confirmation_tag)
    private = _own_keys(tree, bundle, info, secrets)
    epoch = transition.begin(tree, private, bundle.signing_key)
    return replace(epoch, welcomed_by=info.signer)


def _check_psks(psks: tuple[PskId, ...], required: bytes | None) -> None:
    if len(psks) > MAX_PSKS:
        raise InvalidError("a Welcome has too many pre-shared keys")
    check_psk_ids(psks)
    mixed_in = {psk.psk_id for psk in psks if isinstance(psk, ExternalPsk)}
    if required is not None and required not in mixed_in:
        raise AuthenticationError("a Welcome does not prove that its sender has the link")


def _validated_tree(info: GroupInfo, given: RatchetTree | None, suite: int) -> RatchetTree:
    """Return the ratchet tree, checked against the GroupInfo and its signer."""
    context = info.context
    if (context.version, context.cipher_suite) != (ProtocolVersion.MLS10, suite):
        raise InvalidError("a group is of another version or cipher suite")
    data = info.extensions.get(ExtensionType.RATCHET_TREE)
    if data is not None:
        given = RatchetTree.decode(data)
    if given is None:
        raise InvalidError("a Welcome comes without the ratchet tree")
    info.verify(given.member(info.signer).signature_key)
    if tree_hash(given) != context.tree_hash:
        raise InvalidError("a Welcome has a ratchet tree other than the group's")
    validate_tree(given, context.group_id, context.extensions, context.suite)
    return given


def _own_keys(
    tree: RatchetTree, bundle: KeyPackageBundle, info: GroupInfo, secrets: GroupSecrets
) -> PrivateKeys:
    """Find our leaf, and learn the keys above it if the Commit that added us had a path."""
    own = bundle.key_package.leaf_node
    leaf = next((index for index, node in tree.leaves() if node.encoded == own.encoded), None)
    if leaf is None or leaf == info.signer:
        raise InvalidError("a Welcome is to a group that does not have us in it")
    suite = info.context.suite
    if suite.key_pair_of(bundle.encryption_key).public != own.encryption_key:
        raise InvalidError("a key package does not go with its private keys")
    private = PrivateKeys(leaf, {2 * leaf: bundle.encryption_key})
    if secrets.path_secret is None:
        return private
    _, private = learn_path(tree, info.signer, private, secrets.path_secret, suite)
    return private
