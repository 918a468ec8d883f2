from __future__ import annotations

import socket

import pytest

from e2ee.errors import LinkError
from rooms.errors import NetworkError
from rooms.own_ledger import own_ledger
from tui.doctor import network
from tui.doctor.finding import Case


def test_own_addresses_can_be_bound(states) -> None:
    assert "fail" not in states(network.addresses(Case()))


def test_an_address_that_is_none_of_ours_fails() -> None:
    finding = network.bindable("192.0.2.250")
    assert finding.state == "fail"
    assert finding.what.startswith("TCP cannot be bound at 192.0.2.250: ")


def test_attack_a_doctor_that_calls_home(monkeypatch: pytest.MonkeyPatch, states) -> None:
    def nobody(*_: object) -> None:
        raise AssertionError("somebody is contacted")

    monkeypatch.setattr(socket.socket, "send", nobody)
    monkeypatch.setattr(socket.socket, "sendto", nobody)
    assert states(network.server(Case())) == ["ok"]
    assert states(network.addresses(Case())) != []
    assert own_ledger().snapshot() == ()


def test_a_server_is_tried_where_it_is_said_to_be() -> None:
    with pytest.raises(LinkError):
        list(network.server(Case(server="no server at all")))
    with pytest.raises(NetworkError, match="nothing listens"):
        list(network.server(Case(server="127.0.0.1:1")))
    assert [line.address for line in own_ledger().snapshot()] == ["127.0.0.1:1"]
