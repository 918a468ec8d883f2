"""Choosing addresses; the routing table of the machine the tests run on is the real one."""

from __future__ import annotations

import pytest

from media.engine.ports import IceCandidate
from media.errors import TransportError
from media.transport.addresses import (
    MAX_CANDIDATES,
    expand,
    local_addresses,
    usable_candidates,
)


def candidate(ip: str, *, component: int = 1) -> IceCandidate:
    return IceCandidate("f", component, 1, ip, 4000, "host")


def ips(candidates: list[IceCandidate]) -> list[str]:
    return [item.ip for item in candidates]


def test_literal_addresses_stay_without_repetition() -> None:
    assert expand(["127.0.0.1", "::1", "127.0.0.1"]) == ["127.0.0.1", "::1"]


@pytest.mark.parametrize(("wildcard", "mark"), [("0.0.0.0", "."), ("::", ":")])
def test_a_wildcard_becomes_addresses_a_client_can_check(wildcard: str, mark: str) -> None:
    found = expand([wildcard])
    assert found
    assert wildcard not in found
    assert all(mark in address for address in found)


@pytest.mark.parametrize("text", ["example.org", "", "127.0.0.1:80", "1.2.3"])
def test_names_are_not_looked_up(text: str) -> None:
    with pytest.raises(TransportError):
        expand([text])


def test_loopback_is_tried_only_if_there_is_nothing_else() -> None:
    both = [candidate("127.0.0.1"), candidate("192.0.2.7")]
    assert ips(usable_candidates(both)) == ["192.0.2.7"]
    assert ips(usable_candidates(both[:1])) == ["127.0.0.1"]


def test_a_server_cannot_aim_us_at_names_groups_or_whole_networks() -> None:
    hostile = ["printer.local", "224.0.0.1", "0.0.0.0", "169.254.1.1", "fe80::1", "", "x" * 200]
    assert usable_candidates([candidate(ip) for ip in hostile]) == []
    many = [candidate(f"192.0.2.{number}") for number in range(1, 33)]
    assert len(usable_candidates(many)) == MAX_CANDIDATES


@pytest.mark.parametrize(
    "ip", ["::ffff:127.0.0.1", "::ffff:169.254.1.1", "::ffff:224.0.0.1", "255.255.255.255"]
)
def test_attack_a_server_aims_us_at_ourselves_or_everybody_in_disguise(ip: str) -> None:
    assert usable_candidates([candidate(ip)]) == []


def test_the_second_component_is_not_ours() -> None:
    assert usable_candidates([candidate("192.0.2.7", component=2)]) == []


def test_only_the_interface_that_leads_there_is_used() -> None:
    assert local_addresses([candidate("127.0.0.1"), candidate("127.0.0.1")]) == ["127.0.0.1"]


def test_an_unreachable_address_gives_no_interface() -> None:
    assert local_addresses([candidate("255.255.255.255")]) == []
