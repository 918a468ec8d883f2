"""PublicMessage: signed, not encrypted (RFC 9420 section 6.2). A room refuses all of them."""

from __future__ import annotations

from dataclasses import dataclass

from e2ee.errors import InvalidError
from e2ee.mls.codec import Reader, opaque
from e2ee.mls.constants import SenderType, WireFormat
from e2ee.mls.crypto import check_mac, mac
from e2ee.mls.framing import AuthenticatedContent, ContentAuth, FramedContent, UnverifiedContent
from e2ee.mls.group_context import GroupContext


@dataclass(frozen=True)
class PublicMessage:
    """Content and signature in the clear; a member's has a MAC only members can make."""

    content: FramedContent
    auth: ContentAuth
    membership_tag: bytes | None = None

    def encode(self) -> bytes:
        """Return the encoding."""
        tag = b"" if self.membership_tag is None else opaque(self.membership_tag)
        return self.content.encode() + self.auth.encode() + tag

    @classmethod
    def read(cls, reader: Reader) -> PublicMessage:
        """Take one off `reader`."""
        content = FramedContent.read(reader)
        auth = ContentAuth.read(reader, content.content_type)
        member = content.sender.type is SenderType.MEMBER
        return cls(content, auth, reader.opaque() if member else None)

    @classmethod
    def protect(
        cls, authenticated: AuthenticatedContent, membership_key: bytes, context: GroupContext
    ) -> PublicMessage:
        """Frame a member's content."""
        message = cls(authenticated.content, authenticated.auth)
        return cls(message.content, message.auth, mac(membership_key, message._tagged(context)))

    def unprotect(self, membership_key: bytes, context: GroupContext) -> UnverifiedContent:
        """Check the membership tag; the signature is checked next.

        Raises `InvalidError` unless it is a member's handshake, `AuthenticationError`.
        """
        if self.membership_tag is None or isinstance(self.content.content, bytes):
            raise InvalidError("a public message is not a member's Proposal or Commit")
        what = "the membership tag of a message"
        check_mac(membership_key, self._tagged(context), self.membership_tag, what)
        return UnverifiedContent(
            AuthenticatedContent(WireFormat.PUBLIC_MESSAGE, self.content, self.auth)
        )

    def _tagged(self, context: GroupContext) -> bytes:
        signed = self.content.signed_bytes(WireFormat.PUBLIC_MESSAGE, context)
        return signed + self.auth.encode()
