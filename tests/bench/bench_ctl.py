"""Asking a running call: wall time of `sotto ctl status` and others, beside `python -c pass`.

Run: `python tests/bench/bench_ctl.py`. Best and median of N, in turns, because other work on the
machine only adds.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager

SOTTO = [sys.executable, "-m", "tui.cli"]
TIMES = 40
ASKED = {
    "python -c pass": [sys.executable, "-c", "pass"],
    "sotto ctl status": [*SOTTO, "ctl", "status"],
    "sotto ctl status --json": [*SOTTO, "ctl", "status", "--json"],
    "sotto ctl talk on": [*SOTTO, "ctl", "talk", "on"],
    "sotto verify": [*SOTTO, "verify"],
}
FLOOR = "python -c pass"


@contextmanager
def running_call(env: dict[str, str]) -> Iterator[None]:
    """Hold a call of one person that speaks."""
    command = [*SOTTO, "call", "--headless", "--jsonl", "--listen", "127.0.0.1", "--muted"]
    devices = ["--audio-in", "speech:1", "--audio-out", "none", "--video-in", "none"]
    host = subprocess.Popen(
        [*command, *devices],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=env,
        text=True,
    )
    assert host.stdout is not None
    try:
        if not any(json.loads(line)["event"] == "joined" for line in host.stdout):
            raise SystemExit("the call did not begin")
        yield
    finally:
        host.terminate()
        host.wait()


def wall(command: list[str], env: dict[str, str]) -> float:
    """Return the seconds a command takes from its start to its end."""
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=env)
    return time.perf_counter() - start


def main() -> None:
    """Measure, in turns, and print a line a command."""
    with tempfile.TemporaryDirectory() as home:
        env = {**os.environ, "SOTTO_CONFIG_DIR": home}
        with running_call(env):
            rounds = [
                {name: wall(command, env) for name, command in ASKED.items()} for _ in range(TIMES)
            ]
    floor = min(each[FLOOR] for each in rounds)
    for name in ASKED:
        times = [each[name] for each in rounds]
        best, middle = min(times), statistics.median(times)
        ratio = statistics.median(each[name] / each[FLOOR] for each in rounds)
        print(
            f"{name:<25} best {best * 1e3:6.1f} ms ({best / floor:.1f} x the floor), "
            f"median {middle * 1e3:6.1f} ms ({ratio:.1f} x in the same round)"
        )


if __name__ == "__main__":
    main()
