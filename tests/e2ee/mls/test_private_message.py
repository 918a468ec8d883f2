"""PrivateMessage: what the server sees is all it sees, and nothing malformed gets through."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from e2ee.errors import AuthenticationError, InvalidError, KeysError, MalformedError
from e2ee.mls.codec import decode, opaque
from e2ee.mls.constants import ContentType
from e2ee.mls.private_message import PrivateMessage, SenderData


def test_the_server_sees_group_epoch_type_and_size_only(people: Any) -> None:
    host, ann, _ = people.trio()
    messages = [people.private(group.protect(b"hello")) for group in (host, ann)]
    seen = {(m.group_id, m.epoch, m.content_type, len(m.encode())) for m in messages}
    assert seen == {(b"room", 1, ContentType.APPLICATION, len(messages[0].encode()))}
    for message in messages:
        assert b"hello" not in message.encode()
        assert decode(PrivateMessage.read, message.encode()) == message


def test_every_part_of_a_message_is_authenticated(people: Any) -> None:
    host, ann, _ = people.trio()
    message, state = people.private(host.protect(b"x")), people.state_of(ann)
    other = people.private(host.protect(b"y"))
    changes: list[dict[str, Any]] = [
        {"authenticated_data": b"x"},
        {"content_type": ContentType.PROPOSAL},
        {"encrypted_sender_data": other.encrypted_sender_data},
        {"encrypted_sender_data": b""},
        {"ciphertext": other.ciphertext},
        {"ciphertext": message.ciphertext[:-1]},
    ]
    for change in changes:
        with pytest.raises(AuthenticationError):
            state.open(replace(message, **change))
    with pytest.raises(MalformedError, match="too short"):
        state.open(replace(message, ciphertext=bytes(15)))


def test_padding_that_is_not_zeros_is_refused(people: Any) -> None:
    host, ann, _ = people.trio()
    state = people.state_of(host)
    verified, _ = people.state_of(ann).open(people.private(host.protect(b"x")))
    plain = opaque(b"x") + verified.authenticated.auth.encode()
    good = people.encrypt_plaintext(state, ContentType.APPLICATION, 1, plain + bytes(9))
    for padding in (b"\x01", bytes(9) + b"\x01"):
        bad = people.encrypt_plaintext(state, ContentType.APPLICATION, 1, plain + padding)
        with people.refused(ann, MalformedError, "padding"):
            ann.process(bad, now=people.now)
    assert ann.process(good, now=people.now).plaintext == b"x"


@pytest.mark.parametrize("kind", list(ContentType))
@pytest.mark.parametrize("plain", [b"", b"\x00", b"\xff" * 40, bytes(40)])
def test_a_plaintext_that_is_no_content_is_refused(
    people: Any, kind: ContentType, plain: bytes
) -> None:
    host, ann, _ = people.trio()
    message = people.encrypt_plaintext(people.state_of(host), kind, 0, plain)
    with people.refused(ann):
        ann.process(message, now=people.now)


def test_a_message_from_a_leaf_that_is_blank_or_outside_is_refused(people: Any) -> None:
    host, ann, _ = people.trio()
    with people.refused(ann, InvalidError, "not in the group"):
        ann.process(people.forge(host, b"x", sender=3), now=people.now)
    state, message = people.state_of(ann), people.private(host.protect(b"x"))
    with pytest.raises(KeysError):
        state.open(replace(message, encrypted_sender_data=bytes(28)))


def test_one_key_with_two_reuse_guards_gives_two_nonces(people: Any) -> None:
    host, _, _ = people.trio()
    first, second = (people.private(people.forge(host, b"same")) for _ in range(2))
    assert first.ciphertext != second.ciphertext


def test_sender_data_is_read_back_and_has_one_size() -> None:
    data = SenderData(7, 9, b"abcd")
    assert decode(SenderData.read, data.encode()) == data
    with pytest.raises(MalformedError):
        decode(SenderData.read, data.encode() + b"\x00")
