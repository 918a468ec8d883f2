"""A group as the room uses it: all messages private, state changed in `apply` and `merge` only."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from e2ee.errors import InvalidError, MalformedError
from e2ee.mls.capabilities import Capabilities
from e2ee.mls.cipher_suite import CLASSIC, CipherSuite
from e2ee.mls.commit import Commit, ProposalOrRef
from e2ee.mls.committing import PendingCommit, build_commit
from e2ee.mls.constants import HASH_LENGTH, LeafNodeSource, WireFormat
from e2ee.mls.credential import Credential
from e2ee.mls.crypto import sign_with_label
from e2ee.mls.epoch import Epoch, Member, Transition
from e2ee.mls.extensions import Extensions
from e2ee.mls.framing import AuthenticatedContent, Content, FramedContent, Sender
from e2ee.mls.group_context import GroupContext
from e2ee.mls.joining import join
from e2ee.mls.key_package import KeyPackageBundle, read_key_package
from e2ee.mls.leaf_node import LeafNode, Lifetime
from e2ee.mls.message import decode_message, encode_message
from e2ee.mls.private_message import PrivateMessage
from e2ee.mls.proposal_list import SentProposal, check_proposal
from e2ee.mls.proposals import Add, GroupContextExtensions, PreSharedKey, Proposal, Remove, Update
from e2ee.mls.psk import ExternalPsk, external_psks
from e2ee.mls.ratchet_tree import RatchetTree
from e2ee.mls.signing_key import SigningKey
from e2ee.mls.staging import StagedCommit, stage_commit
from e2ee.mls.tree_hash import tree_hash
from e2ee.mls.treekem import PrivateKeys
from e2ee.mls.welcome import Welcome

__all__ = [
    "ApplicationMessage",
    "Group",
    "Member",
    "PendingCommit",
    "ReceivedProposal",
    "SigningKey",
    "StagedCommit",
]

NO_PSKS: Mapping[bytes, bytes] = MappingProxyType({})


@dataclass(frozen=True)
class ApplicationMessage:
    """What a member said: authenticated by its signature, not only by the group's keys."""

    sender: int
    plaintext: bytes


@dataclass(frozen=True)
class ReceivedProposal:
    """A Proposal that verified; once `hold` has it, `commit` takes its reference."""

    sender: int
    reference: bytes
    proposal: Proposal
    base: GroupContext = field(repr=False)


class Group:
    """One member's view of a group; every method that refuses leaves it exactly as it was."""

    def __init__(self, epoch: Epoch) -> None:
        self._epoch: Epoch | None = epoch

    @classmethod
    def create(
        cls,
        *,
        group_id: bytes,
        signing_key: SigningKey,
        identity: bytes,
        extensions: Extensions,
        now: int,
        suite: CipherSuite = CLASSIC,
    ) -> Group:
        """Start a group of one; `extensions` are the GroupContext's, `now` in Unix seconds.

        Raises a `KeysError` if `extensions` require what we do not support.
        """
        own = suite.generate_key_pair()
        capabilities = Capabilities.ours(tuple(extensions), suite)
        capabilities.check_group(extensions, suite)
        leaf = LeafNode(
            own.public,
            signing_key.public,
            Credential(identity),
            capabilities,
            LeafNodeSource.KEY_PACKAGE,
            Lifetime.starting(now),
        )
        tree = RatchetTree([leaf.signed(signing_key)])
        extensions = MappingProxyType(dict(extensions))
        context = GroupContext(group_id, 0, tree_hash(tree), b"", extensions, cipher_suite=suite.id)
        start = Transition.from_joiner(context, secrets.token_bytes(HASH_LENGTH), ())
        return cls(start.begin(tree, PrivateKeys(0, {0: own.private}), signing_key))

    @classmethod
    def join(
        cls,
        welcome: bytes,
        *bundles: KeyPackageBundle,
        psks: Mapping[bytes, bytes] = NO_PSKS,
        required_psk: bytes | None,
    ) -> Group:
        """Join by an MLSMessage that holds a Welcome, for one of `bundles`; drop them all
        afterwards.

        `psks` are external PSKs by id; the one named `required_psk` has to be mixed in.
        Raises a `KeysError`: forged, without the PSK, or with a tree, tag or signature that is bad.
        """
        message = decode_message(welcome)
        if not isinstance(message, Welcome):
            raise MalformedError("an MLS message holds something other than a Welcome")
        bundle = message.choose(bundles)
        return cls(join(message, bundle, external_psks(psks), required_psk=required_psk))

    @property
    def group_id(self) -> bytes:
        """Id of the group."""
        return self._state.context.group_id

    @property
    def suite(self) -> CipherSuite:
        """Cipher suite of the group."""
        return self._state.context.suite

    @property
    def epoch(self) -> int:
        """Number of the epoch."""
        return self._state.context.epoch

    @property
    def leaf(self) -> int:
        """Our own leaf."""
        return self._state.leaf

    @property
    def members(self) -> tuple[Member, ...]:
        """All members, ourselves included, by leaf."""
        return self._state.members

    @property
    def welcomed_by(self) -> int | None:
        """The leaf whose signed Welcome we joined by; None once that epoch is over.

        Any member can make a Welcome that is valid in MLS, into a branch of the group that only it
        follows: whether this one may add people is for the application to judge.
        """
        return self._state.welcomed_by

    @property
    def extensions(self) -> Extensions:
        """The GroupContext extensions, type to opaque data."""
        return self._state.context.extensions

    @property
    def epoch_authenticator(self) -> bytes:
        """32 bytes that are equal for two members exactly if they are in the same epoch."""
        return self._state.secrets.epoch_authenticator

    @property
    def signing_key(self) -> SigningKey:
        """The key of our leaf; what is signed with it directly must be mistaken for nothing else.

        All that MLS signs begins with a length and `MLS 1.0 ` (RFC 9420 section 5.1.2).
        """
        return self._state.signing_key

    def sign(self, label: str, content: bytes) -> bytes:
        """Sign something for the application with our leaf's key (RFC 9420 section 5.1.2).

        `Member.verify` checks it. `label` is one that MLS does not use.
        """
        return sign_with_label(self.signing_key, label, content)

    def export(self, label: str, context: bytes, length: int) -> bytes:
        """Derive a key of `length` bytes for the application (RFC 9420 section 8.5)."""
        return self._state.secrets.export(label, context, length)

    def protect(self, plaintext: bytes) -> bytes:
        """Return an application message, padded so that its length tells little."""
        message, self._epoch = self._state.seal(self._signed(plaintext), padded=True)
        return encode_message(message)

    def propose_remove(self, leaf: int) -> bytes:
        """Return a message that proposes to remove a member, for instance ourselves."""
        return self._propose(Remove(leaf), self._state)

    def propose_update(self) -> bytes:
        """Return a message that proposes a fresh key for our leaf."""
        state = self._state
        own = state.context.suite.generate_key_pair()
        leaf = state.tree.member(state.leaf).for_update(own.public)
        leaf = leaf.signed(state.signing_key, state.context.group_id, state.leaf)
        updates = {**state.updates, own.public: own.private}
        return self._propose(Update(leaf), replace(state, updates=updates))

    def commit(
        self,
        *,
        adds: Sequence[bytes] = (),
        removes: Sequence[int] = (),
        psks: Mapping[bytes, bytes] = NO_PSKS,
        extensions: Extensions | None = None,
        proposals: Sequence[bytes] = (),
        path: bool = False,
        now: int,
    ) -> PendingCommit:
        """Build a Commit without entering its epoch; `now` in Unix seconds.

        `adds` are KeyPackage messages, `removes` leaves, `psks` external PSKs to mix in by id,
        `extensions` the whole new set, `proposals` references of received ones. A path is always
        there when members are removed or extensions changed. The only thing that changes is our
        own ratchet: a message key is never used twice, not even when the Commit is dropped.
        Raises a `KeysError` when the group would refuse it.
        """
        items: list[ProposalOrRef] = list(proposals)
        items += [Remove(leaf) for leaf in removes]
        items += [Add(read_key_package(message, now=now)) for message in adds]
        items += [PreSharedKey(ExternalPsk.fresh(psk_id)) for psk_id in psks]
        if extensions is not None:
            items.append(GroupContextExtensions(MappingProxyType(dict(extensions))))
        lookup = external_psks(psks)
        pending, self._epoch = build_commit(self._state, items, lookup, path=path, now=now)
        return pending

    def restart(self, suite: CipherSuite, *, now: int) -> None:
        """Begin again with another suite, in a later epoch; `now` in Unix seconds.

        Keys of the application belong to epochs, so no number is used a second time.
        Raises `InvalidError` unless we are alone, at the first leaf.
        """
        state = self._state
        if [member.leaf for member in state.members] != [0] or state.leaf != 0:
            raise InvalidError("a group that has members keeps its cipher suite")
        fresh = Group.create(
            group_id=state.context.group_id,
            signing_key=state.signing_key,
            identity=state.members[0].identity,
            extensions=state.context.extensions,
            now=now,
            suite=suite,
        )
        while fresh.epoch <= state.context.epoch:
            fresh.merge(fresh.commit(path=True, now=now))
        self._epoch = fresh._epoch

    def merge(self, pending: PendingCommit) -> None:
        """Enter the epoch of our own Commit, now that it was accepted.

        Raises `InvalidError` if it was built in another epoch.
        """
        self._check_base(pending.base)
        self._epoch = pending.next

    def process(
        self, message: bytes, *, psks: Mapping[bytes, bytes] = NO_PSKS, now: int
    ) -> StagedCommit | ApplicationMessage | ReceivedProposal:
        """Decrypt and verify a message of another member; `now` in Unix seconds.

        A Commit is only staged: nothing changes until `apply`. A Proposal counts for nothing until
        `hold`: members who hold too few of them refuse Commits, so which are held is a rule of the
        application's, the same for all. Raises a `KeysError`: not a
        PrivateMessage, of another epoch, replayed, unauthentic, or against the rules.
        """
        state, body = self._state, decode_message(message)
        if not isinstance(body, PrivateMessage):
            raise InvalidError("a room takes private messages only")
        verified, after = state.open(body)
        match verified.authenticated.content.content:
            case bytes() as plaintext:
                self._epoch = after
                return ApplicationMessage(verified.sender, plaintext)
            case Commit():
                return stage_commit(state, verified, external_psks(psks), now)
            case proposal:
                sent = SentProposal(proposal, verified.sender)
                check_proposal(sent, state.tree, state.context, now)
                reference = verified.authenticated.reference
                self._epoch = after
                return ReceivedProposal(verified.sender, reference, proposal, state.context)

    def hold(self, received: ReceivedProposal) -> None:
        """Keep a Proposal until the epoch ends: Commits may name it from now on.

        Raises `InvalidError` if it is of another epoch, or too many are held.
        """
        self._check_base(received.base)
        sent = SentProposal(received.proposal, received.sender)
        self._epoch = self._state.holding(received.reference, sent)

    def apply(self, staged: StagedCommit) -> None:
        """Enter the epoch of a staged Commit; if it removes us, all keys are dropped.

        Raises `InvalidError` if it was staged in another epoch.
        """
        self._check_base(staged.base)
        self._epoch = staged.next

    @property
    def _state(self) -> Epoch:
        if self._epoch is None:
            raise InvalidError("we are no longer in the group")
        return self._epoch

    def _check_base(self, base: GroupContext) -> None:
        if base != self._state.context:
            raise InvalidError("a Commit or Proposal is of another epoch")

    def _signed(self, content: Content) -> AuthenticatedContent:
        state = self._state
        framed = FramedContent(
            state.context.group_id, state.context.epoch, Sender.member(state.leaf), content
        )
        return AuthenticatedContent.sign(
            framed, state.context, state.signing_key, WireFormat.PRIVATE_MESSAGE
        )

    def _propose(self, proposal: Proposal, state: Epoch) -> bytes:
        signed, sent = self._signed(proposal), SentProposal(proposal, state.leaf)
        message, after = state.holding(signed.reference, sent).seal(signed)
        self._epoch = after
        return encode_message(message)
