"""A file of the largest size, from one person to another, while both talk; and how they hear it.

Run: `python tests/bench/bench_files.py`. Real processes on loopback: a host with its server, and a
guest that sends. From the line that asks for it to the event that says that all of it has come. The
floor sends the same bytes in messages of the same size to a server that does nothing but send them
back, over TLS, by the same WebSocket library: as many hops, and neither keys nor files.
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from websockets.asyncio.client import connect

from e2ee.file_chunks import MAX_FILE, SEALED_LENGTH, chunk_count
from rooms.client import tls_context

ROOT: Final = Path(__file__).resolve().parents[2]
RUNS: Final = 5
QUIET: Final = 10.0
"""Seconds of a call without files, before them."""
APART: Final = 12.0
"""Seconds between two files: then the server allows a whole one at once again."""
SOTTO: Final = [sys.executable, "-m", "tui.cli"]
TALKING: Final = ["--headless", "--jsonl", "--audio-in", "speech"]
ECHO: Final = """
import asyncio, sys
sys.path.insert(0, {root!r})
from websockets.asyncio.server import serve
from rooms.certificate import ServerCertificate
from rooms.wire import MAX_MESSAGE
async def echo(connection):
    async for message in connection:
        await connection.send(message)
async def main():
    options = dict(ssl=ServerCertificate.ephemeral().context(), compression=None)
    async with serve(echo, "127.0.0.1", 0, max_size=MAX_MESSAGE, **options) as server:
        print(server.sockets[0].getsockname()[1], flush=True)
        await asyncio.Future()
asyncio.run(main())
"""


class Sotto:
    """A headless call of its own process, and the events it has told."""

    def __init__(self, home: Path, *arguments: str) -> None:
        self._events = home / f"{arguments[0]}.jsonl"
        with self._events.open("wb") as out:
            self.process = subprocess.Popen(
                [*SOTTO, *arguments, *TALKING],
                stdin=subprocess.PIPE,
                stdout=out,
                stderr=subprocess.DEVNULL,
                env={**os.environ, "SOTTO_CONFIG_DIR": str(home / arguments[0])},
                cwd=ROOT,
            )

    def write(self, line: str) -> None:
        """Type a line."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{line}\n".encode())
        self.process.stdin.flush()

    def told(self, name: str) -> list[dict[str, Any]]:
        """Return the events of a kind so far."""
        lines = self._events.read_text().rpartition("\n")[0].splitlines()
        return [event for event in map(json.loads, lines) if event["event"] == name]

    def wait(self, name: str, count: int = 1) -> dict[str, Any]:
        """Wait for an event."""
        until(lambda: len(self.told(name)) >= count)
        return self.told(name)[count - 1]


def until(condition: Callable[[], bool]) -> None:
    """Wait until something holds. Raises `TimeoutError` after a minute."""
    deadline = time.monotonic() + 60
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError
        time.sleep(0.005)


async def floor(port: int) -> float:
    """Return the seconds that the same bytes take to a server and back."""
    context = tls_context(None, any_key=True)
    message = os.urandom(SEALED_LENGTH)
    async with connect(
        f"wss://127.0.0.1:{port}", ssl=context, compression=None, proxy=None, max_size=1 << 20
    ) as line:
        start = time.monotonic()

        async def send() -> None:
            for _ in range(chunk_count(MAX_FILE)):
                await line.send(message)

        sending = asyncio.create_task(send())
        for _ in range(chunk_count(MAX_FILE)):
            await line.recv()
        await sending
        return time.monotonic() - start


def measure_floor() -> list[float]:
    """Return the seconds of each run."""
    code = ECHO.format(root=str(ROOT))
    server = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    port = int(server.stdout.readline())
    try:
        return [asyncio.run(floor(port)) for _ in range(RUNS)]
    finally:
        server.kill()
        server.wait()


def heard(stats: list[dict[str, Any]]) -> str:
    """Return how the other one's voice was heard in these seconds."""
    concealed = max(one["concealed"] for one in stats)
    jitter = statistics.median(one["jitter_ms"] for one in stats)
    return f"made up at most {100 * concealed:.1f} % of any 5 s, jitter {jitter:.1f} ms"


def measure(home: Path) -> None:
    """Hold the call, send the files, print what came of it."""
    large = home / "large.bin"
    large.write_bytes(os.urandom(MAX_FILE))
    host = Sotto(home, "call", "--listen", "127.0.0.1", "--admit", "all")
    link = host.wait("hosting")["link"]
    guest = Sotto(home, "join", link)
    try:
        host.wait("first_audio")
        time.sleep(QUIET)
        before = len(host.told("stats"))
        took = []
        for number in range(1, RUNS + 1):
            start = time.monotonic()
            guest.write(f"/file {large}")
            host.wait("file_done", number)
            took.append(time.monotonic() - start)
            time.sleep(APART)
        stats = host.told("stats")
        echo = measure_floor()
    finally:
        for one in (guest, host):
            one.process.kill()
            one.process.wait()
    print(f"10 MiB, best of {RUNS}: {min(took):.2f} s (median {statistics.median(took):.2f})")
    print(f"floor: {min(echo):.2f} s (median {statistics.median(echo):.2f})")
    print(f"ratio of the best: {min(took) / min(echo):.1f}")
    print(f"voice before: {heard(stats[5:before])}")
    print(f"voice while files go: {heard(stats[before:])}")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        measure(Path(folder))
