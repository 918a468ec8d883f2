from __future__ import annotations

import pytest

from e2ee.errors import LinkError
from rooms.client import ServerAddress
from tui.cli.address import format_server, parse_server


def test_a_servers_address_survives_being_printed() -> None:
    for server in (
        ServerAddress("127.0.0.1", 4433, bytes(range(16))),
        ServerAddress("::1", 4433, bytes(16)),
        ServerAddress("example.org", 443, None),
    ):
        assert parse_server(format_server(server)) == server


@pytest.mark.parametrize("text", ["", "a b", "host:99999", "host#short", "host#!!!!", "h/r/#x"])
def test_what_is_no_servers_address_is_refused(text: str) -> None:
    with pytest.raises(LinkError):
        parse_server(text)
