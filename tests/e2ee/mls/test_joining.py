"""Joining as the official passive client does, and refusing what a server could build."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import pytest

from e2ee.errors import AuthenticationError, InvalidError, KeysError, UnknownKeyError
from e2ee.mls import hpke
from e2ee.mls.codec import decode
from e2ee.mls.commit import Commit
from e2ee.mls.constants import CIPHER_SUITE, ExtensionType
from e2ee.mls.epoch import Epoch
from e2ee.mls.group import Group
from e2ee.mls.group_info import GroupInfo
from e2ee.mls.joining import join
from e2ee.mls.key_package import KeyPackage, KeyPackageBundle
from e2ee.mls.key_schedule import WelcomeKey, welcome_secret
from e2ee.mls.message import decode_message, encode_message
from e2ee.mls.private_message import PrivateMessage
from e2ee.mls.proposal_list import SentProposal
from e2ee.mls.psk import ExternalPsk, PskId, external_psks, find_psks, psk_secret
from e2ee.mls.public_message import PublicMessage
from e2ee.mls.ratchet_tree import RatchetTree
from e2ee.mls.signing_key import SigningKey
from e2ee.mls.staging import stage_commit
from e2ee.mls.tree_hash import tree_hash
from e2ee.mls.welcome import GroupSecrets, Welcome


class PassiveClient:
    """One who joins and follows, as the vectors describe; knows resumption PSKs too."""

    def __init__(self, case: dict[str, Any]) -> None:
        self.external = {
            bytes.fromhex(p["psk_id"]): bytes.fromhex(p["psk"]) for p in case["external_psks"]
        }
        self.past: dict[int, bytes] = {}
        key_package, welcome = (
            decode_message(bytes.fromhex(case[k])) for k in ("key_package", "welcome")
        )
        assert isinstance(key_package, KeyPackage)
        assert isinstance(welcome, Welcome)
        init, encryption, signature = (
            bytes.fromhex(case[k]) for k in ("init_priv", "encryption_priv", "signature_priv")
        )
        bundle = KeyPackageBundle(key_package, init, encryption, SigningKey(signature))
        tree = case["ratchet_tree"] and RatchetTree.decode(bytes.fromhex(case["ratchet_tree"]))
        lifetime = key_package.leaf_node.lifetime
        assert lifetime is not None
        self.now = lifetime.not_before
        self.enter(join(welcome, bundle, self.lookup, required_psk=None, tree=tree))
        assert self.authenticator == case["initial_epoch_authenticator"]

    def enter(self, epoch: Epoch) -> None:
        self.epoch = epoch
        self.past[epoch.context.epoch] = epoch.secrets.resumption_psk

    @property
    def authenticator(self) -> str:
        return self.epoch.secrets.epoch_authenticator.hex()

    def lookup(self, psk: PskId) -> bytes | None:
        if isinstance(psk, ExternalPsk):
            return self.external.get(psk.psk_id)
        return self.past.get(psk.epoch)

    def follow(self, given: dict[str, Any]) -> None:
        for proposal in given["proposals"]:
            self.receive(bytes.fromhex(proposal))
        self.receive(bytes.fromhex(given["commit"]))
        assert self.authenticator == given["epoch_authenticator"]

    def receive(self, data: bytes) -> None:
        message = decode_message(data)
        assert isinstance(message, PublicMessage | PrivateMessage)
        verified, self.epoch = self.epoch.open(message)
        content = verified.authenticated.content.content
        if isinstance(content, Commit):
            following = stage_commit(self.epoch, verified, self.lookup, self.now).next
            assert following is not None
            self.enter(following)
        else:
            assert not isinstance(content, bytes)
            reference = verified.authenticated.reference
            self.epoch = self.epoch.holding(reference, SentProposal(content, verified.sender))


@pytest.mark.usefixtures("any_lifetime")
@pytest.mark.parametrize("name", ["passive-client-welcome", "passive-client-handling-commit"])
def test_the_official_passive_client_joins_and_follows(
    vectors: Callable[[str], list[dict[str, Any]]], name: str
) -> None:
    for case in vectors(name):
        client = PassiveClient(case)
        for epoch in case["epochs"]:
            client.follow(epoch)


class Invitation:
    """A genuine Welcome, and the means to bend it as one who has the link could."""

    def __init__(self, people: Any, *, path: bool = True) -> None:
        self.people, self.bundle = people, people.bundle("cat")
        self.host, self.ann, self.bob = people.trio()
        self.pending = self.host.commit(
            adds=[self.bundle.message], psks=people.psks, path=path, now=people.now
        )
        assert self.pending.welcome is not None
        self.message = self.pending.welcome
        welcome = decode_message(self.message)
        assert isinstance(welcome, Welcome)
        self.welcome = welcome
        self.secrets = welcome.open_secrets(self.bundle)
        self.key = WelcomeKey.of(
            welcome_secret(
                self.secrets.joiner_secret,
                psk_secret(find_psks(self.secrets.psks, external_psks(people.psks))),
            )
        )
        self.info = decode(GroupInfo.read, self.key.open(welcome.encrypted_group_info))

    def join(self, message: bytes, required: bytes | None = b"link") -> Group:
        return Group.join(message, self.bundle, psks=self.people.psks, required_psk=required)

    def bent(self, *, info: GroupInfo | None = None, secrets: GroupSecrets | None = None) -> bytes:
        """Return the Welcome with other contents, signed by the host."""
        signing_key = self.people.state_of(self.host).signing_key
        sealed_info = self.key.seal((info or self.info).signed(signing_key).encode())
        sealed = (secrets or self.secrets).seal(self.bundle.key_package, sealed_info)
        return encode_message(Welcome((sealed,), sealed_info))

    def with_tree(self, tree: RatchetTree) -> bytes:
        return self.bent(
            info=replace(self.info, extensions={ExtensionType.RATCHET_TREE: tree.encode()})
        )


@pytest.fixture
def invitation(people: Any) -> Invitation:
    return Invitation(people)


@pytest.mark.parametrize("path", [False, True])
def test_one_who_joins_agrees_with_the_others(people: Any, path: bool) -> None:
    invitation = Invitation(people, path=path)
    joined = invitation.join(invitation.message)
    invitation.host.merge(invitation.pending)
    for group in (invitation.ann, invitation.bob):
        people.follow(group, invitation.pending.message)
    groups = [invitation.host, invitation.ann, invitation.bob, joined]
    people.agree(*groups)
    for author in groups:
        pending = author.commit(path=True, now=people.now)
        author.merge(pending)
        for group in groups:
            if group is not author:
                people.follow(group, pending.message)
        people.agree(*groups)


def test_who_vouched_for_the_group_is_told_in_the_epoch_we_joined_in_only(people: Any) -> None:
    host, ann, bob = people.trio()
    bundle = people.bundle("cat")
    pending = ann.commit(adds=[bundle.message], psks=people.psks, now=people.now)
    cat = Group.join(pending.welcome, bundle, psks=people.psks, required_psk=b"link")
    assert cat.welcomed_by == ann.leaf
    assert host.welcomed_by is None
    for group in (host, bob):
        people.follow(group, pending.message)
    host.process(cat.protect(b"hello"), now=people.now)
    assert cat.welcomed_by == ann.leaf
    people.follow(cat, host.commit(path=True, now=people.now).message)
    assert cat.welcomed_by is None


def test_a_forged_welcome_by_a_server_that_knows_only_key_packages_is_refused(people: Any) -> None:
    bundle = people.bundle("cat")
    server = people.found("host")
    pending = server.commit(adds=[bundle.message], now=people.now)
    with pytest.raises(AuthenticationError, match="has the link"):
        Group.join(pending.welcome, bundle, psks=people.psks, required_psk=b"link")


def test_a_group_built_by_the_server_is_refused_even_if_it_names_the_link_psk(people: Any) -> None:
    bundle = people.bundle("cat")
    server = people.found("host")
    pending = server.commit(adds=[bundle.message], psks={b"link": b"guess"}, now=people.now)
    with pytest.raises(AuthenticationError, match="does not decrypt"):
        Group.join(pending.welcome, bundle, psks=people.psks, required_psk=b"link")


def test_a_welcome_without_the_link_psk_is_refused(people: Any) -> None:
    host, _, _ = people.trio()
    for psks in ({}, {b"other": b"secret"}):
        bundle = people.bundle("cat")
        pending = host.commit(adds=[bundle.message], psks=psks, now=people.now)
        with pytest.raises(AuthenticationError, match="has the link"):
            Group.join(pending.welcome, bundle, psks={**people.psks, **psks}, required_psk=b"link")


def test_a_welcome_with_an_unknown_psk_is_refused(invitation: Invitation) -> None:
    with pytest.raises(UnknownKeyError, match="pre-shared key"):
        Group.join(invitation.message, invitation.bundle, psks={}, required_psk=b"link")


def test_a_welcome_for_somebody_else_is_refused(people: Any, invitation: Invitation) -> None:
    with pytest.raises(UnknownKeyError, match="not for our"):
        Group.join(invitation.message, people.bundle("cat"), psks=people.psks, required_psk=b"link")


def check_flips(invitation: Invitation, bits: Iterable[int]) -> None:
    for bit in bits:
        flipped = bytearray(invitation.message)
        flipped[bit // 8] ^= 1 << bit % 8
        with pytest.raises(KeysError):
            invitation.join(bytes(flipped))
    invitation.join(invitation.message)


def test_bit_flips_over_a_welcome_are_refused(invitation: Invitation) -> None:
    check_flips(invitation, range(0, len(invitation.message) * 8, 61))


@pytest.mark.slow
def test_all_bit_flips_over_a_welcome_are_refused(invitation: Invitation) -> None:
    check_flips(invitation, range(len(invitation.message) * 8))


def check_flips_inside(invitation: Invitation, step: int) -> None:
    """Flip bits of the GroupInfo inside the encryption, as an insider without the key could."""
    plain = invitation.info.encode()
    for bit in range(0, len(plain) * 8, step):
        flipped = bytearray(plain)
        flipped[bit // 8] ^= 1 << bit % 8
        sealed_info = invitation.key.seal(bytes(flipped))
        sealed = invitation.secrets.seal(invitation.bundle.key_package, sealed_info)
        with pytest.raises(KeysError):
            invitation.join(encode_message(Welcome((sealed,), sealed_info)))


def test_bit_flips_inside_the_encryption_of_a_welcome_are_refused(invitation: Invitation) -> None:
    check_flips_inside(invitation, 61)


@pytest.mark.slow
def test_all_bit_flips_inside_a_welcome_are_refused(invitation: Invitation) -> None:
    check_flips_inside(invitation, 1)


def test_a_welcome_with_a_bad_tag_tree_or_signer_is_refused(invitation: Invitation) -> None:
    info, context = invitation.info, invitation.info.context
    assert invitation.join(invitation.bent()).epoch == context.epoch
    for bent, match in [
        (replace(info, confirmation_tag=bytes(32)), "confirmation tag"),
        (replace(info, signer=1), "group info"),
        (replace(info, signer=9), "not in the group"),
        (replace(info, extensions={}), "without the ratchet tree"),
        (replace(info, context=replace(context, tree_hash=bytes(32))), "other than the group's"),
        (replace(info, context=replace(context, cipher_suite=2)), "another version"),
        (replace(info, context=replace(context, version=2)), "another version"),
        (replace(info, context=replace(context, epoch=9)), "confirmation tag"),
        (replace(info, context=replace(context, extensions={7: b""})), "extension"),
        (replace(info, context=replace(context, extensions={})), "confirmation tag"),
    ]:
        with pytest.raises(KeysError, match=match):
            invitation.join(invitation.bent(info=bent))


def test_a_welcome_with_bad_secrets_is_refused(invitation: Invitation) -> None:
    secrets = invitation.secrets
    psk = secrets.psks[0]
    for bent, match in [
        (replace(secrets, joiner_secret=b""), "wrong length"),
        (replace(secrets, joiner_secret=bytes(32)), "does not decrypt"),
        (replace(secrets, path_secret=b""), "wrong length"),
        (replace(secrets, path_secret=bytes(32)), "does not give the keys"),
        (replace(secrets, psks=(psk, psk)), "twice"),
        (replace(secrets, psks=tuple(ExternalPsk.fresh(b"link") for _ in range(17))), "too many"),
    ]:
        with pytest.raises(KeysError, match=match):
            invitation.join(invitation.bent(secrets=bent))


def test_a_welcome_to_a_group_that_does_not_have_us_is_refused(people: Any) -> None:
    invitation = Invitation(people)
    other = people.bundle("dan")
    sealed = invitation.secrets.seal(other.key_package, invitation.welcome.encrypted_group_info)
    message = encode_message(Welcome((sealed,), invitation.welcome.encrypted_group_info))
    with pytest.raises(InvalidError, match="does not have us"):
        Group.join(message, other, psks=people.psks, required_psk=b"link")


def test_a_welcome_that_claims_we_vouch_for_the_group_is_refused(invitation: Invitation) -> None:
    leaf = invitation.pending.added[0]
    info = replace(invitation.info, signer=leaf).signed(invitation.bundle.signing_key)
    sealed_info = invitation.key.seal(info.encode())
    sealed = invitation.secrets.seal(invitation.bundle.key_package, sealed_info)
    with pytest.raises(InvalidError, match="does not have us"):
        invitation.join(encode_message(Welcome((sealed,), sealed_info)))


def test_a_bundle_with_the_wrong_private_key_does_not_join(invitation: Invitation) -> None:
    private = hpke.generate_key_pair().private
    invitation.bundle = replace(invitation.bundle, encryption_key=private)
    with pytest.raises(InvalidError, match="private keys"):
        invitation.join(invitation.message)


def test_a_tree_with_an_intruder_is_refused(people: Any, invitation: Invitation) -> None:
    """A host's signature alone makes no member: the tree hash is part of the confirmed epoch."""
    tree = RatchetTree.decode(invitation.info.extensions[ExtensionType.RATCHET_TREE])
    intruder, _ = tree.with_added(people.bundle("eve").key_package.leaf_node)
    with pytest.raises(InvalidError, match="other than the group's"):
        invitation.join(invitation.with_tree(intruder))
    context = replace(invitation.info.context, tree_hash=tree_hash(intruder))
    extensions = {ExtensionType.RATCHET_TREE: intruder.encode()}
    info = replace(invitation.info, context=context, extensions=extensions)
    with pytest.raises(AuthenticationError, match="confirmation tag"):
        invitation.join(invitation.bent(info=info))


def test_what_is_no_welcome_or_of_another_suite_is_refused(invitation: Invitation) -> None:
    with pytest.raises(KeysError, match="something other"):
        invitation.join(invitation.bundle.message)
    other = replace(invitation.welcome, cipher_suite=CIPHER_SUITE + 1)
    with pytest.raises(InvalidError, match="cipher suite"):
        invitation.join(encode_message(other))
    twice = replace(invitation.welcome, secrets=invitation.welcome.secrets * 2)
    with pytest.raises(UnknownKeyError):
        invitation.join(encode_message(twice))
