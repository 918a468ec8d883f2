"""GroupInfo: the state of a group, vouched for by a member (RFC 9420 section 12.4.3)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from e2ee.mls.codec import Reader, opaque, u32
from e2ee.mls.crypto import sign_with_label, verify_with_label
from e2ee.mls.extensions import Extensions, encode_extensions, read_extensions
from e2ee.mls.group_context import GroupContext
from e2ee.mls.signing_key import SigningKey


@dataclass(frozen=True)
class GroupInfo:
    """What one who joins needs besides the secrets; travels only inside a Welcome."""

    context: GroupContext
    extensions: Extensions
    confirmation_tag: bytes
    signer: int
    signature: bytes = b""

    def encode(self) -> bytes:
        """Return the encoding."""
        return self._unsigned() + opaque(self.signature)

    def _unsigned(self) -> bytes:
        return b"".join(
            (
                self.context.encoded,
                encode_extensions(self.extensions),
                opaque(self.confirmation_tag),
                u32(self.signer),
            )
        )

    @classmethod
    def read(cls, reader: Reader) -> GroupInfo:
        """Take one off `reader`; nothing is verified."""
        context, extensions = GroupContext.read(reader), read_extensions(reader)
        return cls(context, extensions, reader.opaque(), reader.u32(), reader.opaque())

    def signed(self, key: SigningKey) -> GroupInfo:
        """Return it signed."""
        signature = sign_with_label(key, "GroupInfoTBS", self._unsigned())
        return replace(self, signature=signature)

    def verify(self, signature_key: bytes) -> None:
        """Check that the signer made it. Raises `AuthenticationError`."""
        unsigned = self._unsigned()
        verify_with_label(signature_key, "GroupInfoTBS", unsigned, self.signature, "a group info")
