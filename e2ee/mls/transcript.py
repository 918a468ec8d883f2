"""Transcript hashes: what ties an epoch to all Commits before it (RFC 9420 section 8.2)."""

from __future__ import annotations

from e2ee.mls.codec import opaque, u16
from e2ee.mls.crypto import digest
from e2ee.mls.framing import AuthenticatedContent


def confirmed_transcript_hash(interim_before: bytes, commit: AuthenticatedContent) -> bytes:
    """Hash over a Commit and its signature, without the confirmation tag it leads to."""
    signature = opaque(commit.auth.signature)
    return digest(interim_before + u16(commit.wire_format) + commit.content.encode() + signature)


def interim_transcript_hash(confirmed: bytes, confirmation_tag: bytes) -> bytes:
    """Hash over the confirmed one and the confirmation tag."""
    return digest(confirmed + opaque(confirmation_tag))
