"""What benchmarks ask of processes: headless calls that tell events, and what a process costs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from queue import SimpleQueue
from threading import Thread

ROOT = Path(__file__).resolve().parents[2]
SOTTO = [sys.executable, "-m", "tui.cli"]
TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid: int) -> float:
    """Return user plus system time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def share_of_a_core(pid: int, seconds: float) -> float:
    """Return the percentage of one core that a process takes for so many seconds."""
    before, start = cpu_seconds(pid), time.monotonic()
    time.sleep(seconds)
    return (cpu_seconds(pid) - before) / (time.monotonic() - start) * 100


def peak_mb(pid: int) -> float:
    """Return the peak resident memory of a process, in MB (10^6 bytes)."""
    return _in_mb(Path(f"/proc/{pid}/status"), "VmHWM:")


def proportional_mb(pid: int) -> float:
    """Return its resident memory now, shared pages divided among those who share them, in MB."""
    return _in_mb(Path(f"/proc/{pid}/smaps_rollup"), "Pss:")


def _in_mb(path: Path, field: str) -> float:
    for line in path.read_text().splitlines():
        if line.startswith(field):
            return int(line.split()[1]) * 1024 / 1e6
    raise SystemExit(f"no {field}")


class Client:
    """One headless process in a call; what it tells is read at once, so that it never waits."""

    def __init__(self, home: str, *args: str, link: str = "") -> None:
        self.process = subprocess.Popen(
            [*SOTTO, *args, "--headless", "--jsonl", "--audio-out", "none"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "SOTTO_CONFIG_DIR": home},
            text=True,
        )
        self._told: SimpleQueue[dict[str, object] | None] = SimpleQueue()
        Thread(target=self._read, daemon=True).start()
        if link:
            self.type(link)

    def type(self, line: str) -> None:
        """Write a line to its standard input."""
        assert self.process.stdin is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def wait_for(self, event: str, count: int = 1) -> dict[str, object]:
        """Take events until `count` of that name have come; return the last."""
        while (record := self._told.get()) is not None:
            if record["event"] == event:
                count -= 1
                if count == 0:
                    return record
        raise SystemExit(f"{event} did not come")

    def end(self) -> None:
        """Ask for the end and wait for it."""
        self.process.terminate()
        self.process.wait()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._told.put(json.loads(line))
        self._told.put(None)
