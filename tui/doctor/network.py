"""The network of this machine, and the server that is configured or given; nobody else is asked."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import socket
from collections.abc import Iterator

from tui.doctor.finding import Case, Finding


def addresses(_case: Case) -> Iterator[Finding]:
    """Bind a free port of TCP and of UDP at each own address, as a server of ours would."""
    from tui.cli.serving import listen_addresses

    own = listen_addresses(())
    for address in own:
        yield bindable(address)
    if all(ipaddress.ip_address(address).is_loopback for address in own):
        yield Finding(
            "warn", "this machine is in no network", "only who is on it can join calls held here"
        )


def bindable(address: str) -> Finding:
    """Say whether a server could listen at an address. Nothing is sent."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    for name, kind in (("TCP", socket.SOCK_STREAM), ("UDP", socket.SOCK_DGRAM)):
        try:
            with contextlib.closing(socket.socket(family, kind)) as bound:
                bound.bind((address, 0))
        except OSError as error:
            return Finding(
                "fail",
                f"{name} cannot be bound at {address}: {error.strerror}",
                "a sandbox or a security policy may forbid it",
            )
    return Finding("ok", f"TCP and UDP can be bound at {address}")


def server(case: Case) -> Iterator[Finding]:
    """Try the server, if there is one to try: its key, its protocol, the way of sound."""
    if not case.server:
        yield Finding("ok", "no server to try: none is configured, none given with --server")
        return
    from rooms.own_ledger import own_ledger
    from rooms.trying import try_server
    from rooms.wire import PROTOCOL_VERSION
    from tui.cli.address import parse_server

    address = parse_server(case.server)
    through = asyncio.run(try_server(address, own_ledger()))
    known = "by its pinned key" if address.pin else "by its public certificate"
    yield Finding("ok", f"{address.text}: TLS 1.3, known {known}, version {PROTOCOL_VERSION}")
    if through:
        yield Finding("ok", f"{address.text}: sound and pictures get through (UDP)")
    else:
        yield Finding(
            "fail",
            f"{address.text}: UDP does not get through, so there is no sound, no picture",
            "a firewall is in between: chat works, for the rest its UDP port has to be opened",
        )
