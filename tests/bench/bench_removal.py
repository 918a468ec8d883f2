"""From a host's `remove` to the last frame the removed member can decrypt, in whole calls.

Run: `python tests/bench/bench_removal.py`. Three people in one process with the real server, real
sockets and codecs. Counted is the last frame that anybody sealed with a key the removed member
holds, whether or not the server still sent it there: so it holds for a server that goes on
forwarding, as long as it delivers the Commit. The floor is the pause members make on purpose, so
that everybody has the new key. The worst of the runs counts too: a removal that is late is late.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from e2ee import sframe
from e2ee.identity import DeviceIdentity
from e2ee.link import Link
from e2ee.media_keys import MediaKeyring, Stream
from media.control import Configure
from media.engine.embedded_admin import EmbeddedAdmin
from rooms import events
from rooms.certificate import ServerCertificate
from rooms.ledger import Ledger
from rooms.membership import SEND_AFTER_REMOVAL
from rooms.server import RoomServer
from rooms.session import ServerAddress, Session, SessionOptions

RUNS: Final = 5
GOAL: Final = 0.5
"""Seconds."""
SETTLE: Final = 2.0
"""Seconds of call before a removal, and after it."""
LOOPBACK: Final = "127.0.0.1"
SPEAKING: Final = Configure(audio_in="speech", audio_out="none", video_in="testsrc")

Sealed = list[tuple[int, int, float]]
"""Leaf that sealed a frame, epoch mod 256, seconds."""


@contextmanager
def watched() -> Iterator[Sealed]:
    """Note every frame that anybody in this process seals."""
    seal, frames = MediaKeyring.seal, Sealed()

    def note(
        keyring: MediaKeyring, stream: Stream, frame: bytes, *, clear: int = 0, now: float
    ) -> bytes | None:
        sealed = seal(keyring, stream, frame, clear=clear, now=now)
        if sealed is not None:
            kid = sframe.parse_header(sealed[clear:]).kid
            frames.append((kid >> 8 & 0xFFF, kid & 0xFF, time.monotonic()))
        return sealed

    MediaKeyring.seal = note  # type: ignore[method-assign, assignment]
    try:
        yield frames
    finally:
        MediaKeyring.seal = seal  # type: ignore[method-assign]


async def until(condition: Callable[[], bool]) -> None:
    """Wait until something holds. Raises `TimeoutError` after 20 s."""
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.02)


def start(session: Session) -> Awaitable[events.Ended]:
    """Run a session."""
    session.listen(lambda event: None)
    return asyncio.create_task(session.run())


async def remove_one(server: RoomServer, pin: bytes) -> tuple[float, int]:
    """Hold a call of three and remove one; return how long its keys were used, and how often."""
    options = SessionOptions("somebody", SPEAKING, admit_all=True, media_process=False)
    address = ServerAddress(LOOPBACK, server.port, pin)
    host = Session.host(address, DeviceIdentity.generate(), options, Ledger())
    running, sessions = [start(host)], [host]
    await until(lambda: host.epoch >= 0 and len(host.participants) == 1)
    for count in (2, 3):
        guest = Session.join(Link.parse(host.link), DeviceIdentity.generate(), options, Ledger())
        running.append(start(guest))
        sessions.append(guest)
        await until(lambda: all(len(s.participants) == count for s in sessions))  # noqa: B023
    with watched() as frames:
        await until(lambda: len({leaf for leaf, _, _ in frames}) == len(sessions))
        await asyncio.sleep(SETTLE)
        removed = next(p.leaf for p in guest.participants if p.me)
        old, begin = host.epoch & 0xFF, time.monotonic()
        host.remove(removed)
        await asyncio.sleep(SETTLE)
        late = [at - begin for leaf, epoch, at in frames if leaf != removed and epoch == old]
        went_on = {leaf for leaf, epoch, _ in frames if epoch == (old + 1) & 0xFF}
    assert len(went_on) == len(sessions) - 1, "not everybody sends with the new key"
    for session in sessions:
        session.leave()
    await asyncio.gather(*running)
    return max(late), sum(after > 0 for after in late)


async def main() -> None:
    """Remove somebody RUNS times; print the median and the worst."""
    certificate = ServerCertificate.ephemeral()
    server = RoomServer([LOOPBACK], 0, EmbeddedAdmin([LOOPBACK]), certificate)
    await server.start()
    try:
        results = [await remove_one(server, certificate.pin) for _ in range(RUNS)]
    finally:
        await server.stop()
    times = [took for took, _ in results]
    middle, worst = statistics.median(times), max(times)
    print(f"pause made on purpose             {SEND_AFTER_REMOVAL * 1000:5.0f} ms  floor")
    print(f"last frame it can decrypt, median {middle * 1000:5.0f} ms (<= {GOAL * 1000:.0f})")
    print(f"  worst of {RUNS}                      {worst * 1000:5.0f} ms")
    print(f"  frames of the others by then    {max(count for _, count in results):5}")


if __name__ == "__main__":
    asyncio.run(main())
