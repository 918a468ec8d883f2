"""MLSMessage and every object in it: the official encodings are read and written back exactly."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from e2ee.errors import MalformedError
from e2ee.mls.codec import decode
from e2ee.mls.commit import Commit
from e2ee.mls.constants import ProposalType
from e2ee.mls.group_info import GroupInfo
from e2ee.mls.key_package import KeyPackage
from e2ee.mls.limits import MAX_MESSAGE
from e2ee.mls.message import decode_message, encode_message
from e2ee.mls.private_message import PrivateMessage
from e2ee.mls.proposals import read_proposal
from e2ee.mls.public_message import PublicMessage
from e2ee.mls.ratchet_tree import RatchetTree
from e2ee.mls.welcome import GroupSecrets, Welcome

MESSAGES = {
    "mls_welcome": Welcome,
    "mls_group_info": GroupInfo,
    "mls_key_package": KeyPackage,
    "public_message_application": PublicMessage,
    "public_message_proposal": PublicMessage,
    "public_message_commit": PublicMessage,
    "private_message": PrivateMessage,
}
PROPOSALS = {
    "add_proposal": ProposalType.ADD,
    "update_proposal": ProposalType.UPDATE,
    "remove_proposal": ProposalType.REMOVE,
    "pre_shared_key_proposal": ProposalType.PSK,
    "re_init_proposal": ProposalType.REINIT,
    "external_init_proposal": ProposalType.EXTERNAL_INIT,
    "group_context_extensions_proposal": ProposalType.GROUP_CONTEXT_EXTENSIONS,
}


def test_the_official_messages_are_read_and_written_back(
    vectors: Callable[[str], list[dict[str, Any]]],
) -> None:
    for case in vectors("messages"):
        given = {k: bytes.fromhex(v) for k, v in case.items() if isinstance(v, str)}
        for name, kind in MESSAGES.items():
            body = decode_message(given[name])
            assert isinstance(body, kind)
            assert encode_message(body) == given[name]
        for name, kind_of in PROPOSALS.items():
            data = kind_of.to_bytes(2, "big") + given[name]
            proposal = decode(read_proposal, data)
            assert proposal.type is kind_of
            assert proposal.encode() == given[name]
        assert decode(Commit.read, given["commit"]).encode() == given["commit"]
        secrets = decode(GroupSecrets.read, given["group_secrets"])
        assert secrets.encode() == given["group_secrets"]
        assert RatchetTree.decode(given["ratchet_tree"]).encode() == given["ratchet_tree"]


@given(st.binary(max_size=200))
def test_bytes_of_any_kind_are_read_or_refused(data: bytes) -> None:
    for head in (b"", *(bytes((0, 1, 0, wire)) for wire in range(1, 6))):
        try:
            body = decode_message(head + data)
        except MalformedError:
            continue
        assert encode_message(body) == head + data


def test_a_message_over_the_bound_is_refused_unread() -> None:
    with pytest.raises(MalformedError, match="too long"):
        decode_message(bytes(MAX_MESSAGE + 1))


@pytest.mark.parametrize("head", ["00000001", "00020001", "00010000", "00010006"])
def test_another_version_or_wire_format_is_refused(head: str) -> None:
    with pytest.raises(MalformedError):
        decode_message(bytes.fromhex(head) + bytes(100))
