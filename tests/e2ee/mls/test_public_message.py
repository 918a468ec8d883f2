"""PublicMessage: taken by the layer below only, and only from members."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from e2ee.errors import AuthenticationError, InvalidError
from e2ee.mls.constants import SenderType, WireFormat
from e2ee.mls.framing import AuthenticatedContent, Content, FramedContent, Sender
from e2ee.mls.group import Group
from e2ee.mls.message import decode_message, encode_message
from e2ee.mls.proposals import Remove
from e2ee.mls.public_message import PublicMessage


def spoken(people: Any, group: Group, content: Content) -> PublicMessage:
    state = people.state_of(group)
    framed = FramedContent(b"room", state.context.epoch, Sender.member(group.leaf), content)
    signed = AuthenticatedContent.sign(
        framed, state.context, state.signing_key, WireFormat.PUBLIC_MESSAGE
    )
    return PublicMessage.protect(signed, state.secrets.membership_key, state.context)


def test_a_members_proposal_is_read_back_and_verifies(people: Any) -> None:
    host, ann, _ = people.trio()
    message = spoken(people, host, Remove(2))
    assert decode_message(encode_message(message)) == message
    verified, _ = people.state_of(ann).open(message)
    assert verified.sender == host.leaf
    assert verified.authenticated.content.content == Remove(2)


def test_a_room_refuses_even_a_genuine_one(people: Any) -> None:
    host, ann, _ = people.trio()
    with people.refused(ann, InvalidError, "private messages only"):
        ann.process(encode_message(spoken(people, host, Remove(2))), now=people.now)


def test_a_changed_one_is_refused(people: Any) -> None:
    host, ann, _ = people.trio()
    message, state = spoken(people, host, Remove(2)), people.state_of(ann)
    for bent in (
        replace(message, content=replace(message.content, content=Remove(1))),
        replace(message, content=replace(message.content, authenticated_data=b"x")),
        replace(message, membership_tag=bytes(32)),
        replace(message, auth=replace(message.auth, signature=bytes(64))),
    ):
        with pytest.raises(AuthenticationError, match="membership tag"):
            state.open(bent)


def test_one_resigned_by_another_member_is_refused(people: Any) -> None:
    host, ann, bob = people.trio()
    state = people.state_of(bob)
    framed = FramedContent(b"room", 1, Sender.member(host.leaf), Remove(1))
    signed = AuthenticatedContent.sign(
        framed, state.context, state.signing_key, WireFormat.PUBLIC_MESSAGE
    )
    message = PublicMessage.protect(signed, state.secrets.membership_key, state.context)
    with pytest.raises(AuthenticationError, match="signature"):
        people.state_of(ann).open(message)


def test_application_data_in_the_clear_is_refused(people: Any) -> None:
    host, ann, _ = people.trio()
    with pytest.raises(InvalidError):
        people.state_of(ann).open(spoken(people, host, b"hello"))


@pytest.mark.parametrize("kind", list(SenderType)[1:])
def test_a_sender_from_outside_is_refused(people: Any, kind: SenderType) -> None:
    host, ann, _ = people.trio()
    message = spoken(people, host, Remove(2))
    content = replace(message.content, sender=Sender(kind))
    outside = PublicMessage(content, message.auth)
    assert decode_message(encode_message(outside)) == outside
    with pytest.raises(InvalidError):
        people.state_of(ann).open(outside)
