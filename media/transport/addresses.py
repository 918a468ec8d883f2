"""Which local addresses to use: what a wildcard stands for, and which interface leads to a peer.

No packet is sent: connecting a UDP socket only asks the routing table.
"""

from __future__ import annotations

import contextlib
import ipaddress
import socket
from collections.abc import Iterable

from aioice.ice import get_host_addresses

from media.engine.ports import IceCandidate
from media.errors import TransportError

MAX_CANDIDATES = 8
"""Candidates of a peer that are tried; more would let it aim us at a whole network."""
_ANY = {"0.0.0.0": 4, "::": 6}  # noqa: S104 - compared with, not bound
_LOOPBACK = {4: "127.0.0.1", 6: "::1"}


def expand(addresses: Iterable[str]) -> list[str]:
    """Replace wildcards by the addresses of this machine, without repetition.

    A socket bound to a wildcard may answer from another address than the one asked, which ICE
    refuses; so each address gets its own. Loopback stands in when there is no network. Raises
    `TransportError` for what is not an IP address.
    """
    found: dict[str, None] = {}
    for address in addresses:
        version = _ANY.get(address)
        if version is None:
            try:
                found[str(ipaddress.ip_address(address))] = None
            except ValueError as error:
                raise TransportError(f"not an IP address to listen on: {address}") from error
            continue
        hosts = get_host_addresses(use_ipv4=version == 4, use_ipv6=version == 6)
        usable = [host for host in hosts if not ipaddress.ip_address(host).is_link_local]
        found.update(dict.fromkeys(usable or [_LOOPBACK[version]]))
    return list(found)


def usable_candidates(candidates: Iterable[IceCandidate]) -> list[IceCandidate]:
    """Return the peer's candidates worth a check, in order, at most `MAX_CANDIDATES`.

    Only literal unicast addresses. Loopback counts only if there is nothing else: then the peer
    runs on this machine; otherwise it would be our own loopback we knock at.
    """
    remote: list[IceCandidate] = []
    local: list[IceCandidate] = []
    for candidate in candidates:
        with contextlib.suppress(ValueError):
            ip = ipaddress.ip_address(candidate.ip)
            if candidate.component == 1 and _is_unicast(ip):
                (local if ip.is_loopback else remote).append(candidate)
    return (remote or local)[:MAX_CANDIDATES]


def _is_unicast(ip: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Whether it is one machine's address, written in its own family.

    An IPv4 address inside an IPv6 one (RFC 4291 section 2.5.5.2) would pass every other check.
    """
    if ip.is_multicast or ip.is_unspecified or ip.is_link_local:
        return False
    return ip.ipv4_mapped is None if ip.version == 6 else not ip.is_reserved


def local_addresses(candidates: Iterable[IceCandidate]) -> list[str]:
    """Return the local addresses packets to them would leave from, without repetition."""
    found: dict[str, None] = {}
    for candidate in candidates:
        family = socket.AF_INET6 if ":" in candidate.ip else socket.AF_INET
        with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((candidate.ip, candidate.port))
            found[probe.getsockname()[0]] = None
    return list(found)
