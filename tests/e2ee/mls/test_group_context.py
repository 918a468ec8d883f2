"""GroupContext: read back, and one epoch after the other."""

from __future__ import annotations

from dataclasses import replace

import pytest

from e2ee.errors import InvalidError
from e2ee.mls.codec import decode
from e2ee.mls.constants import MAX_EPOCH
from e2ee.mls.group_context import GroupContext

CONTEXT = GroupContext(b"group", 6, b"tree", b"transcript", {0xF0A0: b"state"})


def test_a_context_is_read_back() -> None:
    assert decode(GroupContext.read, CONTEXT.encoded) == CONTEXT


def test_the_next_epoch_keeps_the_transcript_until_it_is_confirmed() -> None:
    provisional = CONTEXT.next(b"new tree", {})
    assert provisional == GroupContext(b"group", 7, b"new tree", b"transcript", {})
    confirmed = provisional.confirmed(b"new")
    assert confirmed.confirmed_transcript_hash == b"new"
    # The encoding is kept with a context: a changed one must not keep the old one's.
    assert len({CONTEXT.encoded, provisional.encoded, confirmed.encoded}) == 3


def test_the_last_epoch_has_no_next() -> None:
    with pytest.raises(InvalidError, match="last epoch"):
        replace(CONTEXT, epoch=MAX_EPOCH).next(b"", {})
