"""STUN Binding requests, against aioice's own encoder and hostile bytes."""

from __future__ import annotations

import pytest
from aioice import stun
from hypothesis import given
from hypothesis import strategies as st

from media.transport.binding import MAX_REQUEST, Challenge, answer, parse_request

PASSWORD = "p" * 22


def request(
    *,
    password: str | None = PASSWORD,
    username: str | None = "us:them",
    method: stun.Method = stun.Method.BINDING,
    message_class: stun.Class = stun.Class.REQUEST,
    nominates: bool = False,
) -> bytes:
    message = stun.Message(message_method=method, message_class=message_class)
    if username is not None:
        message.attributes["USERNAME"] = username
    message.attributes["PRIORITY"] = 1
    if nominates:
        message.attributes["USE-CANDIDATE"] = None
    if password is not None:
        message.add_message_integrity(password.encode())
    return bytes(message)


def test_a_request_is_read() -> None:
    read = parse_request(request(nominates=True))
    assert (read.local_ufrag, read.remote_ufrag, read.nominates) == ("us", "them", True)
    assert read.authenticate(PASSWORD)
    assert not parse_request(request()).nominates


def test_a_request_signed_with_another_password_is_not_authentic() -> None:
    assert not parse_request(request(password="q" * 22)).authenticate(PASSWORD)


def test_an_unsigned_request_is_not_authentic() -> None:
    assert not parse_request(request(password=None)).authenticate(PASSWORD)


def test_a_nomination_added_after_the_signature_does_not_count() -> None:
    data = request()
    extra = b"\x00\x25\x00\x00"
    forged = data[:2] + (len(data) - 20 + len(extra)).to_bytes(2, "big") + data[4:] + extra
    read = parse_request(forged)
    assert read is None or not read.nominates


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="empty"),
        pytest.param(bytes(20), id="zeros"),
        pytest.param(request(username=None), id="no user"),
        pytest.param(request(method=stun.Method.ALLOCATE), id="allocate"),
        pytest.param(request(message_class=stun.Class.RESPONSE), id="response"),
        pytest.param(request(message_class=stun.Class.INDICATION), id="indication"),
        pytest.param(request()[:-1], id="cut off"),
        pytest.param(request() + b"\0", id="too long"),
        pytest.param(request()[:4] + b"\0\0\0\0" + request()[8:], id="no cookie"),
        pytest.param(request(username="u" * MAX_REQUEST), id="large"),
    ],
)
def test_anything_else_is_nothing(data: bytes) -> None:
    assert parse_request(data) is None


@given(st.binary(max_size=200))
def test_hostile_bytes_never_raise(data: bytes) -> None:
    parse_request(data)


@given(
    st.sampled_from(sorted(stun.ATTRIBUTES_BY_TYPE)),
    st.binary(max_size=40),
)
def test_hostile_attributes_never_raise(kind: int, value: bytes) -> None:
    padded = value + bytes(-len(value) % 4)
    body = kind.to_bytes(2, "big") + len(value).to_bytes(2, "big") + padded
    header = b"\x00\x01" + len(body).to_bytes(2, "big") + b"\x21\x12\xa4\x42" + bytes(12)
    read = parse_request(header + body)
    assert read is None or not read.authenticate(PASSWORD)


# FINGERPRINT, the last 8 bytes, comes after the signature and carries nothing.
@given(st.integers(0, 8 * (len(request(nominates=True)) - 8) - 1))
def test_any_flipped_bit_makes_a_request_unauthentic(bit: int) -> None:
    data = bytearray(request(nominates=True))
    data[bit // 8] ^= 1 << bit % 8
    read = parse_request(bytes(data))
    assert read is None or not read.authenticate(PASSWORD)


def test_the_answer_is_what_a_client_expects() -> None:
    read = parse_request(request())
    data = answer(read, ("192.0.2.1", 5000), PASSWORD)
    message = stun.parse_message(data)
    assert message.message_class == stun.Class.RESPONSE
    assert message.transaction_id == read.transaction
    assert message.attributes["XOR-MAPPED-ADDRESS"] == ("192.0.2.1", 5000)
    assert message.check_message_integrity(PASSWORD.encode())


def test_an_answer_is_no_larger_than_a_request_needs_to_be() -> None:
    data = answer(parse_request(request()), ("2001:db8::1", 5000), PASSWORD)
    assert len(data) <= len(request()) + 16


def test_a_challenge_is_answered_by_whoever_received_it_with_the_password() -> None:
    challenge = Challenge.make("us", "them", PASSWORD)
    read = parse_request(challenge.data)
    assert (read.local_ufrag, read.remote_ufrag) == ("them", "us")
    assert read.authenticate(PASSWORD)
    assert challenge.is_answered_by(answer(read, ("192.0.2.1", 9), PASSWORD), PASSWORD)


def test_attack_the_answer_to_another_challenge_or_under_another_password_proves_nothing() -> None:
    challenge, other = (Challenge.make("us", "them", PASSWORD) for _ in range(2))
    assert challenge.transaction != other.transaction
    wrong = answer(parse_request(other.data), ("192.0.2.1", 9), PASSWORD)
    assert not challenge.is_answered_by(wrong, PASSWORD)
    mine = answer(parse_request(challenge.data), ("192.0.2.1", 9), "q" * 22)
    assert not challenge.is_answered_by(mine, PASSWORD)
    assert not challenge.is_answered_by(challenge.data, PASSWORD)


@given(st.binary(max_size=200))
def test_hostile_bytes_answer_no_challenge(data: bytes) -> None:
    challenge = Challenge.make("us", "them", PASSWORD)
    head = b"\x01\x01" + (len(data)).to_bytes(2, "big") + b"\x21\x12\xa4\x42"
    for hostile in (data, head + challenge.transaction + data):
        assert not challenge.is_answered_by(hostile, PASSWORD)


def test_a_challenge_is_no_larger_than_the_check_it_follows() -> None:
    challenge = Challenge.make("us", "them", PASSWORD)
    assert len(challenge.data) <= len(request(username="us:them"))
