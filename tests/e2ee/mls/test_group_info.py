"""GroupInfo: read back, and bound to its signer."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from e2ee.errors import AuthenticationError
from e2ee.mls.codec import decode
from e2ee.mls.group_context import GroupContext
from e2ee.mls.group_info import GroupInfo
from e2ee.mls.signing_key import SigningKey

KEY = SigningKey.generate()
CONTEXT = GroupContext(b"group", 6, b"tree", b"transcript", {})
INFO = GroupInfo(CONTEXT, {2: b"nodes"}, b"tag", 3).signed(KEY)


def test_a_group_info_is_read_back_and_verifies() -> None:
    read = decode(GroupInfo.read, INFO.encode())
    assert read == INFO
    read.verify(KEY.public)


@pytest.mark.parametrize(
    "change",
    [
        {"context": replace(CONTEXT, epoch=7)},
        {"extensions": {2: b"other"}},
        {"confirmation_tag": b"other"},
        {"signer": 4},
        {"signature": bytes(64)},
    ],
)
def test_a_changed_group_info_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(AuthenticationError):
        replace(INFO, **change).verify(KEY.public)


def test_a_group_info_of_another_signer_is_refused() -> None:
    with pytest.raises(AuthenticationError):
        INFO.verify(SigningKey.generate().public)
