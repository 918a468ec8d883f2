"""STUN Binding requests as an ICE-lite server sees them (RFC 8445 section 2.5, RFC 8489).

Pure: bytes in, values out. Nothing is answered that is not authenticated, so a stranger gets no
reply at all, not even an error: there is nothing to amplify and nothing to probe.
"""

from __future__ import annotations

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
    _message: stun.Message = field(repr=False)

    def authenticate(self, password: str) -> bool:
        """Check MESSAGE-INTEGRITY against our own password (RFC 8489 section 9.1.3)."""
        return self._message.check_message_integrity(password.encode())


def parse_request(data: bytes) -> BindingRequest | None:
    """Read a Binding request; None for any other STUN message and for anything malformed."""
    if not stun.HEADER_LENGTH <= len(data) <= MAX_REQUEST or data[4:8] != _COOKIE:
        return None
    try:
        message = stun.parse_message(data)
    except (ValueError, IndexError, KeyError, TypeError, struct.error):
        return None
    username = message.attributes.get("USERNAME")
    if (
        message.message_method != stun.Method.BINDING
        or message.message_class != stun.Class.REQUEST
        or not isinstance(username, str)
    ):
        return None
    local, _, remote = username.partition(":")
    nominates = "USE-CANDIDATE" in message.attributes
    return BindingRequest(local, remote, message.transaction_id, nominates, message)


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
