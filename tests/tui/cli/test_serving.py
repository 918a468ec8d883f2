from __future__ import annotations

import ipaddress
import resource
import socket

import pytest

from e2ee.link import Link
from rooms.client import ServerAddress
from rooms.counting import count
from rooms.errors import NetworkError, SettingsError
from rooms.ledger import Ledger
from rooms.limits import Limits
from tui.cli import serving
from tui.cli.place import Place

LOCAL = Place(listen=("127.0.0.1",))


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("SOTTO_CONFIG_DIR", str(tmp_path))


def test_loopback_and_this_machines_addresses_are_the_default() -> None:
    addresses = serving.listen_addresses(())
    assert addresses[0] == "127.0.0.1"
    assert len(addresses) == len(set(addresses)) <= serving.MAX_ADDRESSES
    assert not any(ipaddress.ip_address(address).is_unspecified for address in addresses)
    assert serving.listen_addresses(["127.0.0.1"]) == ["127.0.0.1"]


def test_a_link_names_an_address_others_can_reach_if_there_is_one() -> None:
    assert serving.link_address(["127.0.0.1"]) == "127.0.0.1"
    assert serving.link_address(["127.0.0.1", "192.0.2.5"]) == "192.0.2.5"


def test_the_address_on_the_way_out_comes_first(monkeypatch) -> None:
    monkeypatch.setattr(serving, "_own_address_to", {"192.0.2.1": "10.0.0.7"}.get)
    assert serving.link_address(["127.0.0.1", "172.17.0.1", "10.0.0.7"]) == "10.0.0.7"


async def test_a_server_runs_while_it_is_needed(tmp_path) -> None:
    async with serving.running(LOCAL) as server:
        assert server.host == "127.0.0.1"
        socket.create_connection((server.host, server.port)).close()
    with pytest.raises(OSError, match="refused"):
        socket.create_connection((server.host, server.port))


async def test_who_comes_is_entered_where_a_person_reads_it(tmp_path, monkeypatch) -> None:
    ledger = Ledger()
    monkeypatch.setattr(serving, "own_ledger", lambda: ledger)
    async with serving.running(LOCAL) as server:  # as `sotto serve` does: nobody reads a ledger
        await ask(server)
    assert ledger.snapshot() == ()
    async with serving.reaching(None, LOCAL) as server:
        await ask(server)
    (line,) = ledger.snapshot()
    assert (line.address, line.purpose, line.live) == ("127.0.0.1", "served room", False)
    assert line.sent > 0 < line.received


async def ask(server: ServerAddress) -> None:
    """Have a server say something."""
    link = Link(f"{server.host}:{server.port}", bytes(16), bytes(16), server.pin)
    assert await count(link, Ledger()) == 0


async def test_a_kept_certificate_keeps_its_pin_and_another_is_new(tmp_path) -> None:
    pins = []
    for state in (tmp_path, tmp_path, None):
        async with serving.running(Place(LOCAL.listen, state=state)) as server:
            pins.append(server.pin)
    assert pins[0] == pins[1] != pins[2]


async def test_a_kept_server_listens_again_where_its_links_lead(tmp_path) -> None:
    ports = []
    for _ in range(2):
        async with serving.running(Place(LOCAL.listen, state=tmp_path)) as server:
            ports.append(server.port)
    assert ports[0] == ports[1]
    (tmp_path / serving.PORT_FILE).write_text("99999")
    with pytest.raises(SettingsError, match="is no port"):
        async with serving.running(Place(LOCAL.listen, state=tmp_path)):
            pass


async def test_a_port_in_use_is_a_network_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        place = Place(LOCAL.listen, taken.getsockname()[1])
        with pytest.raises(NetworkError):
            async with serving.running(place):
                pass


async def test_somebodys_server_is_not_run_here() -> None:
    async with serving.reaching("127.0.0.1:4433", Place(port=1)) as server:
        assert server == ServerAddress("127.0.0.1", 4433, None)
    async with serving.reaching(None, LOCAL) as server:
        assert server.pin is not None


async def test_attack_unfinished_connections_use_up_all_that_may_be_open() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard <= Limits().connections:
        pytest.skip("nothing more may be open on this machine")
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (1024, hard))
        async with serving.running(LOCAL):
            assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] > Limits().connections
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
