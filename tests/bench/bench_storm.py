"""500 people want to come in at once: how long one committer takes, and what members see of it.

Run: `python tests/bench/bench_storm.py [PYTHON [JOINERS]]`. The real server, over loopback, in a
process of its own; a real host in this one, which admits everybody; the joiners in a third, each
with its own connection and KeyPackage. Every 125th of them is a whole client that follows every
Commit; the others only receive: their work is for their own machines to do. The floor is the same
Commits made and merged in the group alone, with no room, network or waiting around them. PYTHON is
the interpreter of an environment that has `rfc9420` 1.2.0: the same Adds are made there, as many to
a Commit.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import multiprocessing
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from e2ee.errors import SottovoceError
from e2ee.identity import DeviceIdentity
from e2ee.link import Link, host_hash, new_secret, room_keys
from e2ee.mls.cipher_suite import CLASSIC
from media.engine.embedded_admin import EmbeddedAdmin
from rooms import events, wire
from rooms.certificate import ServerCertificate
from rooms.client import RoomClient, ServerAddress
from rooms.hosting import MAX_ADDS
from rooms.ledger import Ledger
from rooms.limits import Limits
from rooms.membership import Membership, new_bundles
from rooms.offers import seal_offers
from rooms.phases import Phase
from rooms.protocol import RoomProtocol
from rooms.server import RoomServer

JOINERS: Final = 500
WHOLE: Final = 125
"""One joiner of so many is a whole client."""
GOAL: Final = 10.0
"""Seconds from the first knock to the last Commit accepted."""
AT_A_TIME: Final = 16
"""Connections that the joiners open at the same time."""
LOOPBACK: Final = "127.0.0.1"
PEER: Final = Path(__file__).with_name("peer_mls.py")
LARGE: Final = Limits(
    participants=1024,
    knocks=1024,
    source_connections=1024,
    source_sockets=1024,
    source_knock_burst=1024,
)
"""Of a server for large rooms; everything comes from one address here."""


# --- the server ---


def serve(pipe: Connection) -> None:
    """Run a server until told to stop."""
    asyncio.run(_serve(pipe))


async def _serve(pipe: Connection) -> None:
    certificate = ServerCertificate.ephemeral()
    server = RoomServer([LOOPBACK], 0, EmbeddedAdmin([LOOPBACK]), certificate, limits=LARGE)
    await server.start()
    pipe.send((server.port, certificate.pin))
    await asyncio.to_thread(pipe.recv)
    pipe.send(time.process_time())
    await server.stop()


# --- whole clients ---


@dataclass
class Client:
    """A whole client, without media; a host admits everybody."""

    protocol: RoomProtocol
    client: RoomClient
    first_knock: float = 0.0
    accepted: list[float] = field(default_factory=list)
    """When Commits of ours were accepted."""
    followed: list[float] = field(default_factory=list)
    """When others' Commits were processed."""
    epochs: dict[int, bytes] = field(default_factory=dict)
    """The authenticator of each epoch it was in."""
    spent: float = 0.0
    """Seconds of work on what it got, the network left out."""

    async def run(self) -> None:
        """Take part until cancelled."""
        self.protocol.start(time.time())
        await self._drain()
        while self.protocol.phase is not Phase.OVER:
            due = self.protocol.next_tick
            wait = None if due is None else max(due - time.time(), 0.001)
            message = None
            with contextlib.suppress(TimeoutError):
                message = await asyncio.wait_for(self.client.receive(), wait)
            begin = time.perf_counter()
            if message is None:
                self.protocol.tick(time.time())
            else:
                self.protocol.received(message, time.time())
                self._note(message)
            if self.protocol.membership is not None:
                group = self.protocol.membership.group
                self.epochs[group.epoch] = group.epoch_authenticator
            self.spent += time.perf_counter() - begin
            await self._drain()

    def _note(self, message: wire.ServerMessage) -> None:
        now = time.monotonic()
        match message:
            case wire.KnockReceived():
                self.first_knock = self.first_knock or now
            case wire.CommitAccepted():
                self.accepted.append(now)
            case wire.CommitDelivered():
                self.followed.append(now)
            case _:
                pass

    async def _drain(self) -> None:
        begin = time.perf_counter()
        taken = self.protocol.out.take()
        for event in taken.events:
            if isinstance(event, events.Knock):
                self.protocol.admit(event.knock, time.time())
            elif isinstance(event, events.ErrorEvent):
                print("  error:", event.message, flush=True)
        taken.outbox += self.protocol.out.take().outbox
        self.spent += time.perf_counter() - begin
        for message in taken.outbox:
            await self.client.send(message)


# --- joiners ---


def join_all(pipe: Connection, link: Link, count: int) -> None:
    """Have `count` people knock and come in; send what they saw."""
    asyncio.run(_join_all(pipe, link, count))


async def _join_all(pipe: Connection, link: Link, count: int) -> None:
    keys, gate = room_keys(link.secret), asyncio.Semaphore(AT_A_TIME)
    server = ServerAddress.of_link(link)
    knocks = [
        seal_offers(
            keys,
            new_bundles(
                DeviceIdentity.generate(), "Guest", keys, now=time.time(), suites=[CLASSIC]
            ),
        )
        for _ in range(count)
    ]
    pipe.send("ready")
    await asyncio.to_thread(pipe.recv)
    welcomed: list[float] = []
    whole: list[Client] = []

    async def join(number: int) -> None:
        async with gate:
            client = await RoomClient.connect(server, Ledger(), open_timeout=30)
        if number % WHOLE == 0:
            identity = DeviceIdentity.generate()
            protocol = RoomProtocol(link, identity, "Guest", hosting=False, suites=[CLASSIC])
            whole.append(Client(protocol, client))
            await whole[-1].run()
        await client.send(wire.Knock(keys.room_id, knocks[number]))
        while True:
            if isinstance(await client.receive(), wire.Welcomed):
                welcomed.append(time.monotonic())

    begin = time.monotonic()
    tasks = [asyncio.create_task(join(number)) for number in range(count)]
    stop = asyncio.create_task(asyncio.to_thread(pipe.recv))
    await asyncio.wait([stop, *tasks], return_when=asyncio.FIRST_COMPLETED)
    failed = [task for task in tasks if task.done()]
    assert not failed, failed[0].exception()
    await asyncio.sleep(1.0)
    epochs = [max(client.epochs.items()) for client in whole if client.epochs]
    came = len(welcomed) + len(epochs)
    pipe.send((begin, max(welcomed), came, epochs, whole[0].followed))
    for task in tasks:
        task.cancel()


# --- the floor, and the report ---


def floor(count: int, batches: Sequence[int]) -> float:
    """Return how long the same Commits take in the group alone, seconds."""
    identity = DeviceIdentity.generate()
    link = Link(LOOPBACK, new_secret(), host_hash(identity.public_blob))
    keys, now = room_keys(link.secret), time.time()
    host = Membership.create(link, keys, identity, "Hana", now=now, suite=CLASSIC).group
    packages = [
        new_bundles(DeviceIdentity.generate(), "Guest", keys, now=now, suites=[CLASSIC])[0].message
        for _ in range(count)
    ]
    begin, done = time.perf_counter(), 0
    for batch in batches:
        adds = packages[done : done + batch]
        host.merge(host.commit(adds=adds, psks={keys.psk_id: keys.psk}, now=int(now)))
        done += batch
    return time.perf_counter() - begin


def shortest_gap(times: Sequence[float]) -> float:
    """Return the least time between two of some moments, seconds."""
    ordered = sorted(times)
    return min(later - earlier for earlier, later in itertools.pairwise(ordered))


async def storm(count: int) -> None:
    """Let `count` people in; print what it took."""
    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.Process(target=serve, args=(theirs,))
    server.start()
    port, pin = await asyncio.to_thread(ours.recv)
    identity = DeviceIdentity.generate()
    link = Link(f"{LOOPBACK}:{port}", new_secret(), host_hash(identity.public_blob), pin)
    crowd, theirs = multiprocessing.Pipe()
    joiners = multiprocessing.Process(target=join_all, args=(theirs, link, count))
    joiners.start()
    client = await RoomClient.connect(ServerAddress(LOOPBACK, port, pin), Ledger())
    protocol = RoomProtocol(link, identity, "Hana", hosting=True, suites=[CLASSIC])
    host = Client(protocol, client)
    running = asyncio.create_task(host.run())
    await asyncio.to_thread(crowd.recv)
    crowd.send("go")
    while protocol.roster is None or len(protocol.roster) < count + 1:
        assert not running.done(), running.exception()
        assert joiners.is_alive()
        assert server.is_alive()
        await asyncio.sleep(0.05)
    crowd.send("stop")
    begin, welcomed, came, epochs, followed = await asyncio.to_thread(crowd.recv)
    running.cancel()
    ours.send("stop")
    served = await asyncio.to_thread(ours.recv)
    commits = len(host.accepted)
    assert all(host.epochs[epoch] == held for epoch, held in epochs), "not in one epoch"
    assert came == count
    raw = floor(count, [1, *([MAX_ADDS] * (count // MAX_ADDS)), count % MAX_ADDS - 1])
    wall = host.accepted[-1] - host.first_knock
    print(f"{count} joiners, classic keys, everything in one machine")
    print(f"  first knock to last Commit accepted {wall:6.2f} s (<= {GOAL:.0f} s)")
    print(f"  first connection to last Welcome    {welcomed - begin:6.2f} s")
    print(f"  Commits                             {commits:6}")
    print(f"    shortest time between two         {shortest_gap(followed):6.2f} s, at a member")
    print(f"  work of the host, network left out  {host.spent:6.2f} s")
    print(f"    floor: its Commits in the group   {raw:6.2f} s, {host.spent / raw:.1f} x")
    print(f"  processor time of the server        {served:6.2f} s", flush=True)
    await client.close()
    joiners.join()
    server.join()


def main() -> None:
    """Measure ours, then the peer if an interpreter that has it was named."""
    count = int(sys.argv[2]) if len(sys.argv) > 2 else JOINERS
    try:
        asyncio.run(storm(count))
    except SottovoceError as error:
        sys.exit(error.message)
    if len(sys.argv) > 1:
        subprocess.run([sys.argv[1], str(PEER), "storm", str(count), str(MAX_ADDS)], check=True)


if __name__ == "__main__":
    main()
