"""MLSMessage: the outermost frame of everything sent (RFC 9420 section 6)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from e2ee.errors import MalformedError
from e2ee.mls.codec import Reader, decode, u16
from e2ee.mls.constants import ProtocolVersion, WireFormat
from e2ee.mls.group_info import GroupInfo
from e2ee.mls.key_package import KeyPackage
from e2ee.mls.limits import MAX_MESSAGE
from e2ee.mls.private_message import PrivateMessage
from e2ee.mls.public_message import PublicMessage
from e2ee.mls.welcome import Welcome

Body = PublicMessage | PrivateMessage | Welcome | GroupInfo | KeyPackage

_READERS: Final[dict[WireFormat, Callable[[Reader], Body]]] = {
    WireFormat.PUBLIC_MESSAGE: PublicMessage.read,
    WireFormat.PRIVATE_MESSAGE: PrivateMessage.read,
    WireFormat.WELCOME: Welcome.read,
    WireFormat.GROUP_INFO: GroupInfo.read,
    WireFormat.KEY_PACKAGE: KeyPackage.read,
}


def encode_message(body: Body) -> bytes:
    """Encode an MLSMessage."""
    match body:
        case PublicMessage():
            return _frame(WireFormat.PUBLIC_MESSAGE, body.encode())
        case PrivateMessage():
            return _frame(WireFormat.PRIVATE_MESSAGE, body.encode())
        case Welcome():
            return _frame(WireFormat.WELCOME, body.encode())
        case GroupInfo():
            return _frame(WireFormat.GROUP_INFO, body.encode())
        case KeyPackage():
            return _frame(WireFormat.KEY_PACKAGE, body.encoded)


def decode_message(data: bytes) -> Body:
    """Decode an MLSMessage; nothing is verified. Raises `MalformedError`."""
    if len(data) > MAX_MESSAGE:
        raise MalformedError("an MLS message is too long")
    return decode(_read, data)


def _read(reader: Reader) -> Body:
    reader.enum16(ProtocolVersion)
    return _READERS[reader.enum16(WireFormat)](reader)


def _frame(wire_format: WireFormat, body: bytes) -> bytes:
    return u16(ProtocolVersion.MLS10) + u16(wire_format) + body
