"""Framed content and the signature over it (RFC 9420 sections 6 and 6.1).

A message that arrives is `UnverifiedContent`; the only way to the `VerifiedContent` that the group
acts upon is `UnverifiedContent.verify`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from e2ee.errors import InvalidError
from e2ee.mls.codec import Reader, opaque, u8, u16, u32, u64
from e2ee.mls.commit import Commit
from e2ee.mls.constants import ContentType, ProtocolVersion, SenderType, WireFormat
from e2ee.mls.crypto import ref_hash, sign_with_label, verify_with_label
from e2ee.mls.group_context import GroupContext
from e2ee.mls.proposals import Proposal, encode_proposal, read_proposal
from e2ee.mls.ratchet_tree import RatchetTree
from e2ee.mls.signing_key import SigningKey

Content = bytes | Proposal | Commit
"""Application data, a Proposal or a Commit."""


@dataclass(frozen=True)
class Sender:
    """Who sent a message: a member by leaf, an external sender by its place in the list, or one
    who is about to join."""

    type: SenderType
    index: int = 0

    @classmethod
    def member(cls, leaf: int) -> Sender:
        """Return the member at a leaf."""
        return cls(SenderType.MEMBER, leaf)

    @property
    def _has_index(self) -> bool:
        return self.type in (SenderType.MEMBER, SenderType.EXTERNAL)

    def encode(self) -> bytes:
        """Return the encoding."""
        return u8(self.type) + (u32(self.index) if self._has_index else b"")

    @classmethod
    def read(cls, reader: Reader) -> Sender:
        """Take one off `reader`."""
        sender = cls(reader.enum8(SenderType))
        return replace(sender, index=reader.u32()) if sender._has_index else sender


@dataclass(frozen=True)
class FramedContent:
    """What a message says, and where and from whom."""

    group_id: bytes
    epoch: int
    sender: Sender
    content: Content
    authenticated_data: bytes = b""

    @property
    def content_type(self) -> ContentType:
        """What kind of content it is."""
        match self.content:
            case bytes():
                return ContentType.APPLICATION
            case Commit():
                return ContentType.COMMIT
            case _:
                return ContentType.PROPOSAL

    def encode(self) -> bytes:
        """Return the encoding."""
        return b"".join(
            (
                opaque(self.group_id),
                u64(self.epoch),
                self.sender.encode(),
                opaque(self.authenticated_data),
                u8(self.content_type),
                encode_content(self.content),
            )
        )

    @classmethod
    def read(cls, reader: Reader) -> FramedContent:
        """Take one off `reader`."""
        group_id, epoch, sender = reader.opaque(), reader.u64(), Sender.read(reader)
        data = reader.opaque()
        content = read_content(reader, reader.enum8(ContentType))
        return cls(group_id, epoch, sender, content, data)

    def signed_bytes(self, wire_format: WireFormat, context: GroupContext) -> bytes:
        """FramedContentTBS: with the group's state, for those who know it (section 6.1)."""
        head = u16(ProtocolVersion.MLS10) + u16(wire_format) + self.encode()
        inside = self.sender.type in (SenderType.MEMBER, SenderType.NEW_MEMBER_COMMIT)
        return head + (context.encoded if inside else b"")


@dataclass(frozen=True)
class ContentAuth:
    """FramedContentAuthData: the signature, and of a Commit the confirmation tag."""

    signature: bytes
    confirmation_tag: bytes | None = None

    def encode(self) -> bytes:
        """Return the encoding."""
        tag = b"" if self.confirmation_tag is None else opaque(self.confirmation_tag)
        return opaque(self.signature) + tag

    @classmethod
    def read(cls, reader: Reader, content_type: ContentType) -> ContentAuth:
        """Take one off `reader`."""
        signature = reader.opaque()
        return cls(signature, reader.opaque() if content_type is ContentType.COMMIT else None)


@dataclass(frozen=True)
class AuthenticatedContent:
    """Content with its proof, and the wire format the proof is bound to."""

    wire_format: WireFormat
    content: FramedContent
    auth: ContentAuth

    @classmethod
    def sign(
        cls, content: FramedContent, context: GroupContext, key: SigningKey, wire: WireFormat
    ) -> AuthenticatedContent:
        """Sign content; a Commit gets its confirmation tag later, when it is known."""
        signed = content.signed_bytes(wire, context)
        return cls(wire, content, ContentAuth(sign_with_label(key, "FramedContentTBS", signed)))

    def with_confirmation(self, tag: bytes) -> AuthenticatedContent:
        """Return a Commit with its confirmation tag."""
        return replace(self, auth=replace(self.auth, confirmation_tag=tag))

    def encode(self) -> bytes:
        """Return the encoding."""
        return u16(self.wire_format) + self.content.encode() + self.auth.encode()

    @classmethod
    def read(cls, reader: Reader) -> AuthenticatedContent:
        """Take one off `reader`."""
        wire_format, content = reader.enum16(WireFormat), FramedContent.read(reader)
        return cls(wire_format, content, ContentAuth.read(reader, content.content_type))

    @property
    def reference(self) -> bytes:
        """ProposalRef, by which a Commit names a Proposal (section 5.2)."""
        return ref_hash("MLS 1.0 Proposal Reference", self.encode())


_PROOF: Final = object()


class VerifiedContent:
    """Content whose signature was verified; made by `UnverifiedContent.verify` and nobody else."""

    __slots__ = ("authenticated", "sender")

    def __init__(self, authenticated: AuthenticatedContent, proof: object) -> None:
        if proof is not _PROOF:
            raise TypeError("content is verified by UnverifiedContent.verify only")
        self.authenticated = authenticated
        self.sender = authenticated.content.sender.index
        """Leaf of the member who sent it."""


@dataclass(frozen=True)
class UnverifiedContent:
    """Content that came out of a message of the right epoch; its signature is not checked yet."""

    authenticated: AuthenticatedContent

    def verify(self, tree: RatchetTree, context: GroupContext) -> VerifiedContent:
        """Check that a member signed it in this group and epoch.

        Raises `InvalidError` unless the sender is a member, `AuthenticationError` if the
        signature does not verify.
        """
        content = self.authenticated.content
        if (content.group_id, content.epoch) != (context.group_id, context.epoch):
            raise InvalidError("a message is of another group or epoch")
        if content.sender.type is not SenderType.MEMBER:
            raise InvalidError("a message is from outside the group")
        key = tree.member(content.sender.index).signature_key
        signed = content.signed_bytes(self.authenticated.wire_format, context)
        signature = self.authenticated.auth.signature
        verify_with_label(key, "FramedContentTBS", signed, signature, "a message")
        return VerifiedContent(self.authenticated, _PROOF)


def encode_content(content: Content) -> bytes:
    """Encode content without its type."""
    match content:
        case bytes():
            return opaque(content)
        case Commit():
            return content.encode()
        case _:
            return encode_proposal(content)


def read_content(reader: Reader, content_type: ContentType) -> Content:
    """Take content of a type off `reader`."""
    match content_type:
        case ContentType.APPLICATION:
            return reader.opaque()
        case ContentType.PROPOSAL:
            return read_proposal(reader)
        case ContentType.COMMIT:
            return Commit.read(reader)
