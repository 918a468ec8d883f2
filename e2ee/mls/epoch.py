"""One member's state in one epoch: an immutable value, so that an epoch is swapped as a whole."""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from e2ee.errors import AuthenticationError, InvalidError, UnknownKeyError
from e2ee.mls.crypto import mac, verify_with_label
from e2ee.mls.framing import AuthenticatedContent, VerifiedContent
from e2ee.mls.group_context import GroupContext
from e2ee.mls.key_schedule import EpochSecrets, KeySchedule, joiner_secret, schedule
from e2ee.mls.leaf_node import LeafNode
from e2ee.mls.limits import MAX_PROPOSALS
from e2ee.mls.private_message import PrivateMessage
from e2ee.mls.proposal_list import SentProposal
from e2ee.mls.psk import PskId, psk_secret
from e2ee.mls.public_message import PublicMessage
from e2ee.mls.ratchet_tree import RatchetTree
from e2ee.mls.secret_tree import SecretTree
from e2ee.mls.signing_key import SigningKey
from e2ee.mls.transcript import confirmed_transcript_hash, interim_transcript_hash
from e2ee.mls.treekem import PrivateKeys


@dataclass(frozen=True)
class Member:
    """A member as the application sees it."""

    leaf: int
    identity: bytes
    signature_key: bytes

    @classmethod
    def of(cls, leaf: int, node: LeafNode) -> Member:
        """Return the member at a leaf."""
        return cls(leaf, node.credential.identity, node.signature_key)

    def verify(self, label: str, content: bytes, signature: bytes) -> None:
        """Check what the member made with `Group.sign`. Raises `AuthenticationError`."""
        verify_with_label(self.signature_key, label, content, signature, "a member")


@dataclass(frozen=True)
class Epoch:
    """Everything a member holds while an epoch lasts."""

    context: GroupContext
    tree: RatchetTree
    private: PrivateKeys
    signing_key: SigningKey = field(repr=False)
    secrets: EpochSecrets = field(repr=False)
    keys: SecretTree = field(repr=False)
    interim_transcript_hash: bytes
    proposals: Mapping[bytes, SentProposal] = field(default_factory=dict)
    """Proposals received in this epoch, by reference."""
    updates: Mapping[bytes, bytes] = field(default_factory=dict, repr=False)
    """Private keys of Updates we proposed, by public key."""
    welcomed_by: int | None = None
    """In the epoch we joined in, the leaf that signed the Welcome's GroupInfo."""

    @property
    def leaf(self) -> int:
        """Our own leaf."""
        return self.private.leaf

    @cached_property
    def members(self) -> tuple[Member, ...]:
        """All members, by leaf."""
        return tuple(Member.of(leaf, node) for leaf, node in self.tree.leaves())

    def open(self, message: PrivateMessage | PublicMessage) -> tuple[VerifiedContent, Epoch]:
        """Decrypt and verify a message; the returned epoch no longer has the key it used.

        Raises `UnknownKeyError` for another group or epoch, and whatever the message's own checks
        raise; then nothing was used up.
        """
        match message:
            case PrivateMessage():
                self._check_here(message.group_id, message.epoch)
                secret = self.secrets.sender_data_secret
                unverified, keys = message.unprotect(secret, self.keys)
            case PublicMessage():
                self._check_here(message.content.group_id, message.content.epoch)
                key = self.secrets.membership_key
                unverified, keys = message.unprotect(key, self.context), self.keys
        return unverified.verify(self.tree, self.context), replace(self, keys=keys)

    def seal(
        self, content: AuthenticatedContent, *, padded: bool = False
    ) -> tuple[PrivateMessage, Epoch]:
        """Encrypt what we signed; the returned epoch no longer has the key that was used."""
        secret = self.secrets.sender_data_secret
        message, keys = PrivateMessage.protect(content, secret, self.keys, padded=padded)
        return message, replace(self, keys=keys)

    def holding(self, reference: bytes, sent: SentProposal) -> Epoch:
        """Return it with a Proposal that a Commit may name. Raises `InvalidError` when full."""
        if len(self.proposals) >= MAX_PROPOSALS:
            raise InvalidError("an epoch has too many proposals")
        return replace(self, proposals={**self.proposals, reference: sent})

    def keys_in(self, tree: RatchetTree) -> PrivateKeys:
        """Our private keys that are still good once Proposals made `tree` of ours."""
        node = tree.member(self.leaf)
        update = self.updates.get(node.encryption_key)
        private = self.private.within(tree)
        return private if update is None else private.with_keys({2 * self.leaf: update})

    def _check_here(self, group_id: bytes, epoch: int) -> None:
        if (group_id, epoch) != (self.context.group_id, self.context.epoch):
            raise UnknownKeyError("a message is of another group or epoch")


@dataclass(frozen=True)
class Transition:
    """The start of the epoch after a Commit: computed, to be confirmed by its tag."""

    context: GroupContext
    schedule: KeySchedule = field(repr=False)
    confirmation_tag: bytes

    @classmethod
    def after(
        cls,
        epoch: Epoch,
        provisional: GroupContext,
        commit: AuthenticatedContent,
        *,
        commit_secret: bytes,
        psks: Sequence[tuple[PskId, bytes]],
    ) -> Transition:
        """Derive the next epoch; the confirmation tag `commit` may hold is not looked at."""
        confirmed = confirmed_transcript_hash(epoch.interim_transcript_hash, commit)
        context = provisional.confirmed(confirmed)
        joiner = joiner_secret(epoch.secrets.init_secret, commit_secret, context)
        return cls.from_joiner(context, joiner, psks)

    @classmethod
    def from_joiner(
        cls, context: GroupContext, joiner: bytes, psks: Sequence[tuple[PskId, bytes]]
    ) -> Transition:
        """Derive an epoch from its joiner secret, as one who joins does."""
        derived = schedule(joiner, psk_secret(psks), context)
        tag = mac(derived.confirmation_key, context.confirmed_transcript_hash)
        return cls(context, derived, tag)

    def check(self, tag: bytes | None) -> None:
        """Raise `AuthenticationError` unless `tag` is the confirmation tag of this epoch."""
        if tag is None or not hmac.compare_digest(tag, self.confirmation_tag):
            raise AuthenticationError("the confirmation tag of an epoch does not verify")

    def begin(self, tree: RatchetTree, private: PrivateKeys, signing_key: SigningKey) -> Epoch:
        """Return the epoch; only `schedule.kept` outlives this."""
        return Epoch(
            self.context,
            tree,
            private,
            signing_key,
            self.schedule.kept,
            SecretTree.start(self.schedule.encryption_secret, tree.width),
            interim_transcript_hash(self.context.confirmed_transcript_hash, self.confirmation_tag),
        )
