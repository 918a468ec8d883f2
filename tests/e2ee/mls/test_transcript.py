"""Transcript hashes, against the official vectors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from e2ee.mls.codec import decode
from e2ee.mls.crypto import check_mac
from e2ee.mls.framing import AuthenticatedContent
from e2ee.mls.transcript import confirmed_transcript_hash, interim_transcript_hash


def test_transcript_hashes_are_those_of_the_official_vectors(
    vectors: Callable[[str], list[dict[str, Any]]],
) -> None:
    for case in vectors("transcript-hashes"):
        given = {k: bytes.fromhex(v) for k, v in case.items() if isinstance(v, str)}
        commit = decode(AuthenticatedContent.read, given["authenticated_content"])
        confirmed = confirmed_transcript_hash(given["interim_transcript_hash_before"], commit)
        assert confirmed == given["confirmed_transcript_hash_after"]
        tag = commit.auth.confirmation_tag
        assert tag is not None
        check_mac(given["confirmation_key"], confirmed, tag, "the tag")
        assert interim_transcript_hash(confirmed, tag) == given["interim_transcript_hash_after"]


def test_the_confirmation_tag_is_not_part_of_the_confirmed_hash(
    vectors: Callable[[str], list[dict[str, Any]]],
) -> None:
    encoded = bytes.fromhex(vectors("transcript-hashes")[0]["authenticated_content"])
    commit = decode(AuthenticatedContent.read, encoded)
    other = commit.with_confirmation(bytes(32))
    assert confirmed_transcript_hash(b"", commit) == confirmed_transcript_hash(b"", other)
