"""The ledger against the machine: every address that was contacted is in it, with its bytes."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
import sys
import threading
from asyncio.subprocess import PIPE
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from e2ee.identity import DeviceIdentity
from media.control import Configure
from rooms import events
from rooms.ledger import Ledger
from rooms.session import Session, SessionOptions
from tui.cli import serving
from tui.cli.place import Place

LOOPBACK = "127.0.0.1"
OUTGOING = 4
"""What the kernel marks a packet with as it leaves (packet(7)); loopback shows each twice."""
SERVED = {"media": "served media", "room server": "served room"}
GUEST = """
import asyncio, json, sys
contacted = set()

def note(event, arguments):
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        address = arguments[1]
        if isinstance(address, tuple):
            contacted.add(f"{address[0]}:{address[1]}")

sys.addaudithook(note)
from e2ee.identity import DeviceIdentity
from e2ee.link import Link
from media.control import Configure
from rooms import events
from rooms.ledger import Ledger
from rooms.session import Session, SessionOptions

async def main():
    ledger, told = Ledger(), []
    media = Configure("speech", "none", "testsrc")
    options = SessionOptions("Ada", media, media_process=False)
    link = Link.parse(sys.stdin.readline().strip())
    session = Session.join(link, DeviceIdentity.generate(), options, ledger)

    def heard(event):
        if isinstance(event, events.Stats) and event.sent_bytes > 20_000:
            session.leave()

    session.listen(heard)
    await session.run()
    print(json.dumps({"contacted": sorted(contacted), "ledger": json.loads(ledger.to_json())}))

asyncio.run(main())
"""


class Capture:
    """Counts the bytes that cross the loopback interface inside TCP and UDP."""

    def __init__(self) -> None:
        self.bytes: Counter[tuple[int, str, str]] = Counter()
        self._segments: set[tuple[str, str, bytes, int]] = set()
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(3))
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 24)
        self._socket.bind(("lo", 0))
        self._end = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._end.bind((LOOPBACK, 0))
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        """Count until the packet that marks the end, which others' traffic cannot hold up."""
        end = struct.pack("!H", self._end.getsockname()[1])
        while True:
            packet, origin = self._socket.recvfrom(65535)
            if (packet[0], packet[9:10], packet[22:24]) == (0x45, b"\x11", end):
                return
            if origin[2] == OUTGOING and packet[0] >> 4 == 4:
                self._count(packet)

    def _count(self, packet: bytes) -> None:
        head, length, protocol = 4 * (packet[0] & 15), *struct.unpack("!H5xB", packet[2:10])
        if protocol not in (socket.IPPROTO_TCP, socket.IPPROTO_UDP):
            return
        ports = struct.unpack("!HH", packet[head : head + 4])
        own = 8 if protocol == socket.IPPROTO_UDP else 4 * (packet[head + 12] >> 4)
        hosts = socket.inet_ntoa(packet[12:16]), socket.inet_ntoa(packet[16:20])
        source, target = (f"{host}:{port}" for host, port in zip(hosts, ports))
        if protocol == socket.IPPROTO_TCP:
            segment = source, target, packet[head + 4 : head + 8], length
            if segment in self._segments:
                return  # sent again, as TCP does where a receiver is slow to say that it came
            self._segments.add(segment)
        self.bytes[protocol, source, target] += length - head - own

    def carried(self, protocol: int, address: str) -> tuple[int, int]:
        """Return the bytes to an address and from it."""
        items = [item for item in self.bytes.items() if item[0][0] == protocol]
        to = sum(count for (_, _, target), count in items if target == address)
        return to, sum(count for (_, source, _), count in items if source == address)

    def close(self) -> None:
        """Count no more; what is here already is counted. Idempotent."""
        if self._thread.is_alive():
            self._end.sendto(b"", self._end.getsockname())
            self._thread.join()
        self._end.close()
        self._socket.close()


@pytest.fixture
def capture() -> Iterator[Capture]:
    try:
        capture = Capture()
    except (PermissionError, AttributeError):
        pytest.skip("only root may capture packets, and on Linux")
    yield capture
    capture.close()


async def call() -> list[dict[str, Any]]:
    """Hold a call between a host here, whose server is its own, and a guest in another process.

    Return what both entered.
    """
    silent = Configure("none", "none", "none")
    options = SessionOptions("Hope", silent, admit_all=True, media_process=False)
    ledger = Ledger()
    async with serving.running(Place(listen=(LOOPBACK,)), ledger) as address:
        host = Session.host(address, DeviceIdentity.generate(), options, ledger)
        joined = asyncio.Event()
        host.listen(lambda event: joined.set() if isinstance(event, events.Joined) else None)
        running = asyncio.create_task(host.run())
        await joined.wait()
        guest = await asyncio.create_subprocess_exec(
            sys.executable, "-c", GUEST, stdin=PIPE, stdout=PIPE
        )
        printed, _ = await guest.communicate(host.link.encode() + b"\n")
        host.leave()
        await running
    return [json.loads(printed), {"ledger": json.loads(ledger.to_json())}]


async def test_the_ledger_agrees_with_a_packet_capture(capture: Capture) -> None:
    async with asyncio.timeout(60):
        guest, host = await call()
    lines = {line["purpose"]: line for line in guest["ledger"]}
    assert set(lines) == {"room server", "media"}
    assert set(guest["contacted"]) == {line["address"] for line in guest["ledger"]}
    assert not any(line["live"] for line in guest["ledger"])
    capture.close()
    both = [line for side in (guest, host) for line in side["ledger"]]
    for purpose, protocol in (("media", socket.IPPROTO_UDP), ("room server", socket.IPPROTO_TCP)):
        entered = [line for line in both if line["purpose"] == purpose]
        assert len({line["address"] for line in entered}) == 1
        sent = sum(line["sent"] for line in entered)
        received = sum(line["received"] for line in entered)
        captured = capture.carried(protocol, lines[purpose]["address"])
        if purpose == "media":
            assert captured[0] == sent > 20_000
            # What is still on its way when a socket closes reaches nobody.
            assert received <= captured[1] <= received + 2_000
        else:
            for on_wire, counted in zip(captured, (sent, received)):
                assert counted < on_wire < 1.1 * counted + 2 * 4_000
        # What the host's own server served is the same traffic, from its other end.
        (served,) = [line for line in host["ledger"] if line["purpose"] == SERVED[purpose]]
        assert (served["address"], served["live"]) == (LOOPBACK, False)
        assert served["sent"] == captured[1]
        assert served["received"] <= captured[0] <= served["received"] + 2_000
    assert len(host["ledger"]) == 4
