"""Pictures over a slow link: with the question whether the terminal keeps up, and without.

Run: `python tests/bench/bench_link.py [SECONDS]`. The application of `bench_draw.py` writes to a
link of 60 kB/s that takes at once whatever it is given, as sshd and the network do. Underway is
what was written and has not arrived.
"""

from __future__ import annotations

import os
import select
import sys
import tempfile
import time
from pathlib import Path

from bench_draw import READY
from bench_face import FIRST_LETTER, typed
from pty_run import PtyRun

RATE = 60_000
SIZES = [(80, 24), (160, 48)]
QUESTION, ANSWER = b"\x1b[6n", b"\x1b[1;1R"
BENCH_DRAW = Path(__file__).with_name("bench_draw.py")
SSH = "192.0.2.1 1 192.0.2.2 22"


class LinkRun(PtyRun):
    """A program whose output takes the time of the link, to a terminal that answers."""

    longest = 0

    def _read(self) -> None:
        underway, credit, last = bytearray(), 0.0, time.perf_counter()
        while True:
            if select.select([self._master], [], [], 0.004)[0]:
                try:
                    underway += os.read(self._master, 1 << 16)
                except OSError:  # the program is gone
                    return
            self.longest = max(self.longest, len(underway))
            now = time.perf_counter()
            credit = min(credit + RATE * (now - last), RATE * 0.05)
            last = now
            arrived = bytes(underway[: int(credit)])
            if not arrived:
                continue
            credit -= len(arrived)
            del underway[: len(arrived)]
            end = bytes(self.output[1 - len(QUESTION) :])
            self.output += arrived
            self._times.append(now)
            self._places.append(len(self.output))
            os.write(self._master, ANSWER * (end + arrived).count(QUESTION))


def main() -> None:
    """Print one line a size, with questions and without."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 8.0
    print("size    asked   key to letter p50, p95 (ms)   most underway (kB)")
    for size in SIZES:
        for ssh in (SSH, ""):
            letters = (chr(FIRST_LETTER + number) for number in range(600))
            command = [sys.executable, str(BENCH_DRAW), "--run", "changed"]
            with (
                tempfile.TemporaryDirectory() as folder,
                LinkRun(
                    command, *size, SOTTO_CONFIG_DIR=folder, SSH_CONNECTION=ssh, TMUX="", STY=""
                ) as run,
            ):
                run.wait_for(READY)
                time.sleep(3)
                run.write("\r")
                time.sleep(3)
                delays = typed(run, letters, seconds, resizing=False)
                print(
                    f"{size[0]}x{size[1]:<4}{'yes' if ssh else 'no':6}"
                    f"{delays.part(0.5):10.0f}{delays.part(0.95):8.0f}{run.longest / 1e3:18.0f}",
                    flush=True,
                )


if __name__ == "__main__":
    main()
