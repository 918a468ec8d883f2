"""Start-up: `sotto --help`, joining to first decrypted audio, first paint; each beside a floor.

Run: `python tests/bench/bench_start.py`. Best of N, because other work on the machine only adds.
"""

from __future__ import annotations

import json
import os
import pty
import select
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable

PYTHON = sys.executable
SOTTO = [PYTHON, "-m", "tui.cli"]
MINIMAL_APP = (
    "from textual.app import App\n"
    "from textual.widgets import Static\n"
    "class A(App):\n"
    "    def compose(self):\n"
    "        yield Static('ready')\n"
    "A().run()\n"
)


def best(times: int, measure: Callable[[], float]) -> float:
    """Return the smallest of several measurements, in seconds."""
    return min(measure() for _ in range(times))


def wall(*command: str) -> float:
    """Return the wall time of a command that ends by itself."""
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=environment())
    return time.perf_counter() - start


def environment() -> dict[str, str]:
    """Return an environment with a configuration folder of its own and a colour terminal."""
    return {
        **os.environ,
        "SOTTO_CONFIG_DIR": HOME,
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "COLUMNS": "120",
        "LINES": "36",
    }


def first_paint(command: list[str], text: bytes) -> float:
    """Return seconds from process start until `text` has been written to the terminal."""
    master, slave = pty.openpty()
    os.set_blocking(master, False)
    start = time.perf_counter()
    process = subprocess.Popen(
        command, stdin=slave, stdout=slave, stderr=slave, env=environment(), start_new_session=True
    )
    os.close(slave)
    output = b""
    try:
        while text not in output:
            if time.perf_counter() - start > 20:
                raise SystemExit(f"no {text!r} on the screen within 20 s")
            if select.select([master], [], [], 0.05)[0]:
                output += os.read(master, 65536)
        return time.perf_counter() - start
    finally:
        process.kill()
        process.wait()
        os.close(master)


def first_audio(link: str) -> float:
    """Return seconds from the start of a headless joiner until it decrypted somebody's audio."""
    start = time.perf_counter()
    process = subprocess.Popen(
        [*SOTTO, "join", "-", "--headless", "--jsonl", "--audio-in", "none", "--audio-out", "none"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment(),
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(link + "\n")
    process.stdin.flush()
    for line in process.stdout:
        if json.loads(line)["event"] == "first_audio":
            break
    taken = time.perf_counter() - start
    process.terminate()
    process.wait()
    return taken


def join_times(times: int) -> float:
    """Return the best join-to-audio time against a talking host on loopback."""
    host = subprocess.Popen(
        [*SOTTO, "call", "--headless", "--jsonl", "--admit", "all", "--listen", "127.0.0.1",
         "--audio-in", "speech:1", "--audio-out", "none", "--video-in", "none"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL,
        env=environment(),
        text=True,
    )  # fmt: skip
    assert host.stdout is not None
    try:
        for line in host.stdout:
            record = json.loads(line)
            if record["event"] == "hosting":
                link: str = record["link"]
                return min(first_audio(link) for _ in range(times))
        raise SystemExit("the host did not open a room")
    finally:
        host.terminate()
        host.wait()


def main() -> None:
    """Measure and print one line a promise."""
    bare = best(20, lambda: wall(PYTHON, "-c", "pass"))
    helped = best(20, lambda: wall(*SOTTO, "--help"))
    print(f"python -c pass            {bare * 1e3:7.1f} ms   floor")
    print(
        f"sotto --help              {helped * 1e3:7.1f} ms   {helped / bare:.1f} x the floor (<= 5)"
    )
    minimal = best(5, lambda: first_paint([PYTHON, "-c", MINIMAL_APP], b"ready"))
    rooms = best(5, lambda: first_paint(SOTTO, b"rooms"))
    face = best(5, lambda: first_paint([*SOTTO, "call", "--listen", "127.0.0.1"], b"sotto"))
    print(f"minimal Textual app       {minimal * 1e3:7.1f} ms   floor")
    print(f"first paint of the rooms  {rooms * 1e3:7.1f} ms   {rooms / minimal:.1f} x (<= 600 ms)")
    print(f"first paint of the call   {face * 1e3:7.1f} ms   {face / minimal:.1f} x (<= 700 ms)")
    joined = join_times(5)
    ratio = joined / bare
    print(f"join to first audio       {joined * 1e3:7.1f} ms   {ratio:.0f} x bare (<= 1000 ms)")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as HOME:
        main()
