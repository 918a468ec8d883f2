"""Who is let in at the socket, before anything is said: real sockets on loopback."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from rooms.accepting import AcceptingSocket, Crowd
from rooms.ledger import Ledger
from rooms.listening import bind
from rooms.served import ServedRoom


@pytest.fixture
def listening() -> Iterator[AcceptingSocket]:
    with AcceptingSocket(bind(["127.0.0.1"], 0)[0], Crowd(2)) as listening:
        yield listening


def connect(listening: AcceptingSocket, source: str = "127.0.0.1") -> socket.socket:
    return socket.create_connection(listening.getsockname(), 5, source_address=(source, 0))


def test_attack_one_source_takes_all_sockets(listening: AcceptingSocket) -> None:
    clients = [connect(listening) for _ in range(3)]
    accepted = [listening.accept()[0] for _ in range(2)]
    with pytest.raises(ConnectionAbortedError):
        listening.accept()
    assert clients[2].recv(1) == b""  # closed, nothing was said
    clients.append(connect(listening, "127.0.0.2"))
    accepted.append(listening.accept()[0])  # another source has places of its own
    for sock in (*clients, *accepted):
        sock.close()


def test_a_place_is_free_again_once_its_connection_is_closed(listening: AcceptingSocket) -> None:
    clients = [connect(listening) for _ in range(4)]
    first, second = (listening.accept()[0] for _ in range(2))
    first.close()
    first.close()  # counts once
    third = listening.accept()[0]
    with pytest.raises(ConnectionAbortedError):
        listening.accept()
    for sock in (*clients, second, third):
        sock.close()


def test_sources_that_are_gone_take_up_nothing() -> None:
    crowd = Crowd(1)
    for number in range(100):
        assert crowd.enter(f"192.0.2.{number}")
        crowd.leave(f"192.0.2.{number}")
    assert not crowd._here


def test_what_is_accepted_is_the_connection(listening: AcceptingSocket) -> None:
    with connect(listening) as client:
        accepted, address = listening.accept()
        with accepted:
            assert address == client.getsockname()
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
            client.sendall(b"hello")
            assert accepted.recv(5) == b"hello"


def test_what_is_accepted_is_entered_with_all_its_bytes_until_it_is_closed() -> None:
    ledger = Ledger()
    served = ServedRoom(ledger)
    with (
        AcceptingSocket(bind(["127.0.0.1"], 0)[0], Crowd(9), served) as listening,
        connect(listening, "127.0.0.2") as client,
    ):
        accepted, _ = listening.accept()
        client.sendall(b"hello")
        assert accepted.recv_into(bytearray(9)) == 5
        accepted.send(b"you")
        accepted.sendmsg([b"and", b"me"])
        (line,) = ledger.snapshot()
        assert (line.address, line.sent, line.received, line.live) == ("127.0.0.2", 8, 5, True)
        accepted.close()
        accepted.close()
        assert not ledger.snapshot()[0].live
