"""A server's address as the command line has it. Loaded when one is given or shown."""

from __future__ import annotations

import base64
import binascii

from e2ee.errors import LinkError
from e2ee.link import Link
from rooms.client import ServerAddress


def format_server(server: ServerAddress) -> str:
    """Return `HOST:PORT[#PIN]`, what `--server` takes; the pin is no secret."""
    if server.pin is None:
        return server.text
    return f"{server.text}#{base64.b32encode(server.pin).decode().rstrip('=').lower()}"


def parse_server(text: str) -> ServerAddress:
    """Read `HOST:PORT[#PIN]`. Raises `LinkError`."""
    where, _, pin = text.partition("#")
    try:
        raw = base64.b32decode(pin.upper() + "=" * (-len(pin) % 8)) if pin else None
        return ServerAddress.of_link(Link(where, bytes(16), bytes(16), raw))
    except (LinkError, binascii.Error) as error:
        raise LinkError(
            "this is not a server's address", hint="copy what `sotto serve` prints"
        ) from error
