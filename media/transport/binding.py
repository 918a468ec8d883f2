"""STUN Binding as an ICE-lite server and its clients use it (RFC 8445 section 2.5, RFC 8489).

Pure: bytes in, values out. Nothing is answered that is not authenticated, so a stranger gets no
reply at all, not even an error: there is nothing to amplify and nothing to probe.
"""

from __future__ import annotations

import secrets
import struct
from dataclasses import dataclass, field

from aioice import stun

MAX_REQUEST = 548
"""Bytes; ICE requests are about 100 (RFC 8489 section 6.1 gives this limit for IPv4)."""
_COOKIE = stun.COOKIE.to_bytes(4, "big")


@dataclass(frozen=True)
class BindingRequest:
    """A parsed request; nothing in it is true before `authenticate`."""

    local_ufrag: str
    remote_ufrag: str
    transaction: bytes
    nominates: bool
    length: int
    """Bytes it took; what goes back to an address that proved nothing is never more."""
    _message: stun.Message = field(repr=False)

    def authenticate(self, password: str) -> bool:
        """Check MESSAGE-INTEGRITY against our own password (RFC 8489 section 9.1.3)."""
        return self._message.check_message_integrity(password.encode())


@dataclass(frozen=True)
class Challenge:
    """A request of ours to an address that has to show that it is where it says.

    The transaction id is 96 random bits: only who receives the challenge can answer it.
    """

    data: bytes = field(repr=False)
    transaction: bytes = field(repr=False)

    @classmethod
    def make(cls, local_ufrag: str, remote_ufrag: str, remote_password: str) -> Challenge:
        """Make one for a client, authenticated by the password it gave."""
        request = stun.Message(stun.Method.BINDING, stun.Class.REQUEST, secrets.token_bytes(12))
        request.attributes["USERNAME"] = f"{remote_ufrag}:{local_ufrag}"
        request.add_message_integrity(remote_password.encode())
        return cls(bytes(request), request.transaction_id)

    def is_answered_by(self, data: bytes, remote_password: str) -> bool:
        """Return whether `data` is the client's authentic answer to this very challenge."""
        message = _parse(data)
        return (
            message is not None
            and message.message_class == stun.Class.RESPONSE
            and message.transaction_id == self.transaction
            and message.check_message_integrity(remote_password.encode())
        )


def transaction_of(data: bytes) -> bytes:
    """Return the transaction id of a STUN message, unread otherwise."""
    return data[8:20]


def parse_request(data: bytes) -> BindingRequest | None:
    """Read a Binding request; None for any other STUN message and for anything malformed."""
    message = _parse(data)
    return None if message is None else as_request(message, len(data))


def as_request(message: stun.Message, length: int) -> BindingRequest | None:
    """Return a parsed message of `length` bytes as the Binding request it is, or None."""
    username = message.attributes.get("USERNAME")
    if (
        message.message_method != stun.Method.BINDING
        or message.message_class != stun.Class.REQUEST
        or not isinstance(username, str)
    ):
        return None
    local, _, remote = username.partition(":")
    nominates = "USE-CANDIDATE" in message.attributes
    return BindingRequest(local, remote, message.transaction_id, nominates, length, message)


def answer(request: BindingRequest, address: tuple[str, int], password: str) -> bytes:
    """Return the success response: where the request came from, authenticated."""
    response = stun.Message(
        message_method=stun.Method.BINDING,
        message_class=stun.Class.RESPONSE,
        transaction_id=request.transaction,
        attributes={"XOR-MAPPED-ADDRESS": address},
    )
    response.add_message_integrity(password.encode())
    return bytes(response)


def _parse(data: bytes) -> stun.Message | None:
    if not stun.HEADER_LENGTH <= len(data) <= MAX_REQUEST or data[4:8] != _COOKIE:
        return None
    try:
        return stun.parse_message(data)
    except (ValueError, IndexError, KeyError, TypeError, struct.error):
        return None
