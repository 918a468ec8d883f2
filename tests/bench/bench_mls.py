"""MLS in rooms of 100 and 1,000: add, receive, join, remove, fresh path; beside floors and a peer.

Run: `python tests/bench/bench_mls.py [PYTHON [MEMBERS...]]`. The floor is the public-key work that
nobody can leave out, with nothing around it. PYTHON is the interpreter of an environment that has
`rfc9420` 1.2.0: the same is measured there, in groups of MEMBERS (100; 1000 take it 90 seconds).
Best of N, because other work on the machine only adds.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: E402

from e2ee.identity import DeviceIdentity  # noqa: E402
from e2ee.mls.cipher_suite import SUITES, CipherSuite  # noqa: E402
from e2ee.mls.group import Group, PendingCommit, StagedCommit  # noqa: E402
from e2ee.mls.key_package import KeyPackageBundle, SigningKey, new_key_package  # noqa: E402
from rooms.policy import ROOM_STATE, RoomState, read_person  # noqa: E402

T = TypeVar("T")
ROOM_ID: Final = bytes(16)
PSK_ID: Final = b"link"
PSKS: Final = {PSK_ID: bytes(32)}
BATCH: Final = 64
"""Adds in one Commit while the room fills."""
GOALS: Final = {100: (5, 2, 30), 1000: (60, 15, 600)}
"""Milliseconds by members: add, receive, join."""
PEER: Final = Path(__file__).with_name("peer_mls.py")


def best(times: int, measure: Callable[[], T]) -> tuple[float, T]:
    """Return the least time of several runs, milliseconds, and the last result."""
    least = float("inf")
    for _ in range(times):
        start = time.perf_counter()
        result = measure()
        least = min(least, time.perf_counter() - start)
    return least * 1000, result


@dataclass(frozen=True)
class Room:
    """A filled room, seen by its host and by one member."""

    host: Group
    member: Group

    def follow(self, pending: PendingCommit) -> None:
        """Have both enter the epoch of a Commit of the host's."""
        self.member.apply(self.receive(pending))
        self.host.merge(pending)

    def receive(self, pending: PendingCommit) -> StagedCommit:
        """Have the member work a Commit of the host's out."""
        staged = self.member.process(pending.message, psks=PSKS, now=now())
        assert isinstance(staged, StagedCommit)
        return staged


def now() -> int:
    """Unix seconds."""
    return int(time.time())


def bundle(suite: CipherSuite) -> KeyPackageBundle:
    """Return a KeyPackage with the credential of a fresh device, as a client makes it."""
    key = SigningKey.generate()
    proof = DeviceIdentity.generate().prove(key.public, ROOM_ID, "somebody")
    return new_key_package(key, proof, now=now(), extensions_supported=[ROOM_STATE], suite=suite)


def fill(members: int, suite: CipherSuite) -> Room:
    """Return a room of `members`: added in batches, then paths of the host and of one member."""
    device, key = DeviceIdentity.generate(), SigningKey.generate()
    host = Group.create(
        group_id=ROOM_ID,
        signing_key=key,
        identity=device.prove(key.public, ROOM_ID, "host"),
        extensions={ROOM_STATE: RoomState(hosts=(device.public_blob,)).encode()},
        now=now(),
        suite=suite,
    )
    first = bundle(suite)
    pending = host.commit(adds=[first.message], psks=PSKS, now=now())
    host.merge(pending)
    assert pending.welcome is not None
    room = Room(host, Group.join(pending.welcome, first, psks=PSKS, required_psk=PSK_ID))
    for begin in range(2, members, BATCH):
        adds = [bundle(suite).message for _ in range(begin, min(begin + BATCH, members))]
        room.follow(host.commit(adds=adds, psks=PSKS, path=True, now=now()))
    own = room.member.commit(path=True, now=now())
    staged = host.process(own.message, now=now())
    assert isinstance(staged, StagedCommit)
    host.apply(staged)
    room.member.merge(own)
    return room


@dataclass(frozen=True)
class Floors:
    """Milliseconds of public-key work."""

    add: float
    """2 signatures verified and 2 made, one secret encrypted."""
    receive: float
    """3 signatures verified: the message, and the two of the KeyPackage."""
    join: float
    """One secret decrypted, a signature and a key checked a member, and the GroupInfo's."""
    path: float
    """A secret encrypted for each other member: nobody else has made a path here."""

    @classmethod
    def measure(cls, members: int, suite: CipherSuite) -> Floors:
        """Measure one of each and add up."""
        key, to, data = Ed25519PrivateKey.generate(), suite.generate_key_pair(), bytes(300)
        public, signature = key.public_key(), key.sign(data)
        verify, _ = best(1000, lambda: public.verify(signature, data))
        sign, _ = best(500, lambda: key.sign(data))
        seal, sealed = best(300, lambda: suite.seal(to.public, b"", data))
        unseal, _ = best(300, lambda: suite.unseal(to.private, b"", sealed))
        check, _ = best(300, lambda: suite.is_usable(to.public))
        return cls(
            2 * verify + 2 * sign + seal,
            3 * verify,
            unseal + members * (verify + check) + verify,
            (members - 1) * seal,
        )


def report(what: str, took: float, floor: float | None = None, goal: float | None = None) -> None:
    """Print one line."""
    beside = "" if floor is None else f"floor {floor:7.2f} ms, {took / floor:4.1f} x"
    limit = "" if goal is None else f" (<= {goal} ms)"
    print(f"  {what:34}{took:8.2f} ms{limit:14} {beside}", flush=True)


def measure(members: int, suite: CipherSuite) -> None:
    """Measure a room of `members`, the last one being let in."""
    print(f"{members} members, {suite.name}")
    times = 20 if members <= 100 else 7
    room, joiner = fill(members - 1, suite), bundle(suite)
    floors, goals = Floors.measure(members, suite), GOALS[members]
    adds = [joiner.message]
    add, pending = best(times, lambda: room.host.commit(adds=adds, psks=PSKS, now=now()))
    report("add, Commit", add, floors.add, goals[0])
    receive, staged = best(times, lambda: room.receive(pending))
    report("receive, to its confirmation tag", receive, floors.receive, goals[1])
    welcome = pending.welcome
    assert welcome is not None
    join, group = best(times, lambda: Group.join(welcome, joiner, psks=PSKS, required_psk=PSK_ID))
    report("join, whole tree validated", join, floors.join, goals[2])
    people, _ = best(3, lambda: [read_person(member, ROOM_ID) for member in group.members])
    report("  and the credentials of all", people)
    path, update = best(times, lambda: room.host.commit(path=True, now=now()))
    report("fresh path, Commit", path, floors.path)
    report("  receive", best(times, lambda: room.receive(update))[0])
    leaf = members // 2
    removal, removing = best(times, lambda: room.host.commit(removes=[leaf], now=now()))
    report("remove, Commit with its path", removal, floors.path)
    report("  receive", best(times, lambda: room.receive(removing))[0])
    merge, _ = best(1, lambda: room.host.merge(pending))
    apply, _ = best(1, lambda: room.member.apply(staged))
    print(f"  merge {merge:.3f} ms, apply {apply:.3f} ms, Welcome {len(welcome) / 1000:.0f} kB")
    authenticators = {side.epoch_authenticator for side in (room.host, room.member, group)}
    assert len(authenticators) == 1


def main() -> None:
    """Measure ours, then the peer if an interpreter that has it was named."""
    for members in GOALS:
        for suite in reversed(SUITES):
            measure(members, suite)
    if len(sys.argv) > 1:
        subprocess.run([sys.argv[1], str(PEER), *(sys.argv[2:] or ["100"])], check=True)


if __name__ == "__main__":
    main()
