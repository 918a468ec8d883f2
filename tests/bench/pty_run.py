"""A program on a pseudo-terminal that is read all the time, for benchmarks of what is drawn."""

from __future__ import annotations

import bisect
import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import threading
import time
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


class PtyRun:
    """One running program; `output` is all it wrote, `when` tells when a place in it was read."""

    def __init__(self, command: list[str], width: int, height: int, **env: str) -> None:
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("4H", height, width, 0, 0))
        self.process = subprocess.Popen(
            command,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            env={**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", **env},
        )
        os.close(slave)
        self.output = bytearray()
        self.reading = threading.Event()
        self.reading.set()
        self._times: list[float] = []
        self._places: list[int] = []
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        while True:
            self.reading.wait()
            if not select.select([self._master], [], [], 0.1)[0]:
                continue
            try:
                data = os.read(self._master, 1 << 16)
            except OSError:  # the program is gone
                return
            self.output += data
            self._times.append(time.perf_counter())
            self._places.append(len(self.output))

    def write(self, text: str) -> None:
        """Type something."""
        os.write(self._master, text.encode())

    def resize(self, width: int, height: int) -> None:
        """Give the terminal another size, and tell the program, whose terminal it need not be."""
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("4H", height, width, 0, 0))
        self.process.send_signal(signal.SIGWINCH)

    def wait_for(self, text: str, patience: float = 30.0) -> None:
        """Wait until something was written."""
        deadline = time.perf_counter() + patience
        while text.encode() not in self.output:
            if time.perf_counter() > deadline or self.process.poll() is not None:
                raise SystemExit(
                    f"no {text!r} on the screen; it ends {bytes(self.output[-500:])!r}"
                )
            time.sleep(0.02)

    def when(self, text: str, since: int = 0) -> float | None:
        """Return when a text was first read at or after a place in the output."""
        place = self.output.find(text.encode(), since)
        if place < 0:
            return None
        return self._times[bisect.bisect_right(self._places, place)]

    def processor(self) -> float:
        """Return the processor seconds the program used so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def __enter__(self) -> PtyRun:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        self._thread.join(1)
        os.close(self._master)
