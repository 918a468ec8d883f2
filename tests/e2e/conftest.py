"""Real processes for the end-to-end tests: start `sotto`, read its JSON lines, end it cleanly."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import av
import msgspec
import numpy as np
import numpy.typing as npt
import pytest
from needing import need
from terminal import Terminal

from media.audio.opus import Decoder, Encoder
from rooms.events import AnyEvent

Samples = npt.NDArray[np.float64]
RATE = 48_000
PIECE = RATE // 2
DRIFT = RATE // 50

_events = msgspec.json.Decoder(AnyEvent)
PATIENCE = 20.0
"""Seconds to wait for an event before the test fails; generous, for loaded machines."""


def valid(line: str) -> dict[str, Any]:
    """Return an event that a call wrote, if it is exactly one that its schema describes."""
    record: dict[str, Any] = json.loads(line)
    assert msgspec.to_builtins(_events.decode(line)) == record
    assert record["time"].endswith("Z")
    return record


class Sotto:
    """One running `sotto` process with `--jsonl`."""

    def __init__(self, home: Path, *args: str, stdin: str | None = None) -> None:
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tui.cli", *args],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            bufsize=1,
            start_new_session=True,
            env={**os.environ, "SOTTO_CONFIG_DIR": str(home), "PYTHONUNBUFFERED": "1"},
        )
        self.seen: list[dict[str, Any]] = []
        self.stderr: list[str] = []
        self._lines: queue.Queue[str | None] = queue.Queue()
        self._threads = [
            threading.Thread(target=self._read_out, daemon=True),
            threading.Thread(target=self._read_err, daemon=True),
        ]
        for thread in self._threads:
            thread.start()
        if stdin is not None:
            self.write(stdin)

    def _read_out(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line)
        self._lines.put(None)

    def _read_err(self) -> None:
        assert self.process.stderr is not None
        self.stderr.extend(self.process.stderr)

    def write(self, text: str) -> None:
        """Write a line to standard input."""
        assert self.process.stdin is not None
        self.process.stdin.write(text + "\n")
        self.process.stdin.flush()

    def line(self) -> str:
        """Return the next line of standard output as it is, for commands without JSON."""
        line = self._lines.get(timeout=PATIENCE)
        assert line is not None, self.errors
        return line.strip()

    def close_stdin(self) -> None:
        """End standard input."""
        assert self.process.stdin is not None
        self.process.stdin.close()

    def expect(
        self,
        event: str,
        where: Callable[[dict[str, Any]], bool] = lambda _: True,
        patience: float = PATIENCE,
    ) -> dict[str, Any]:
        """Return the first event (seen or coming) of that name for which `where` holds."""
        for old in self.seen:
            if old["event"] == event and where(old):
                return old
        deadline = time.monotonic() + patience
        while (left := deadline - time.monotonic()) > 0:
            try:
                line = self._lines.get(timeout=left)
            except queue.Empty:
                break
            if line is None:
                break
            record = valid(line)
            self.seen.append(record)
            if record["event"] == event and where(record):
                return record
        names = [item["event"] for item in self.seen]
        raise AssertionError(f"no {event!r} within {patience} s; saw {names}; {self.stderr}")

    def events(self, event: str) -> list[dict[str, Any]]:
        """Return all events of that name so far, draining what has arrived."""
        while not self._lines.empty():
            line = self._lines.get()
            if line is not None:
                self.seen.append(valid(line))
        return [item for item in self.seen if item["event"] == event]

    def interrupt(self) -> int:
        """Press Ctrl-C and return the exit code."""
        os.killpg(self.process.pid, signal.SIGINT)
        return self.wait()

    def kill(self) -> None:
        """kill -9 the whole process group."""
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            return
        self.process.wait()

    def wait(self, patience: float = PATIENCE) -> int:
        """Wait for the end and return the exit code."""
        code = self.process.wait(patience)
        for thread in self._threads:
            thread.join(patience)
        return code

    @property
    def errors(self) -> str:
        """Everything on standard error so far."""
        return "".join(self.stderr)


class Sound:
    """Measures of recorded sound."""

    @staticmethod
    def samples(path: Path) -> Samples:
        """Return a file's sound as 48 kHz mono floats."""
        resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
        with av.open(str(path)) as container:
            frames = [f for frame in container.decode(audio=0) for f in resampler.resample(frame)]
        frames += resampler.resample(None)
        return np.concatenate([frame.to_ndarray()[0] for frame in frames]).astype(np.float64)

    @staticmethod
    def through_opus(sound: Samples) -> Samples:
        """Return what one pass through our codec, and nothing else, makes of a sound."""
        encoder, decoder = Encoder(), Decoder()
        whole = sound[: len(sound) // 960 * 960].astype(np.int16).reshape(-1, 960)
        return np.concatenate([decoder.decode(encoder.encode(frame)) for frame in whole]).astype(
            float
        )

    @staticmethod
    def likeness(recording: Samples, reference: Samples) -> float:
        """Return the normalised cross-correlation of the two, half a second at a time.

        Each piece may lie up to `DRIFT` beside the one before: a jitter buffer that adapts plays a
        little faster or slower, which changes when words are heard, not the words.
        """
        size = 1 << (len(recording) + len(reference)).bit_length()
        spectrum = np.fft.rfft(recording, size) * np.conj(np.fft.rfft(reference, size))
        lag = int(np.argmax(np.fft.irfft(spectrum, size)[: len(recording)]))
        padded = np.pad(recording, (DRIFT, len(reference) + DRIFT))
        together, heard, spoken = 0.0, 0.0, 0.0
        for start in range(0, len(reference), PIECE):
            piece = reference[start : start + PIECE]
            around = padded[max(0, start + lag) : start + lag + len(piece) + 2 * DRIFT]
            if len(around) < len(piece):
                break
            matches = np.correlate(around, piece, "valid")
            best = int(np.argmax(matches))
            together += float(matches[best])
            heard += float(np.sum(around[best : best + len(piece)] ** 2))
            spoken += float(np.sum(piece**2))
            lag += best - DRIFT
        return together / (heard * spoken + 1e-9) ** 0.5


@pytest.fixture
def sound() -> type[Sound]:
    """How recordings are read and compared."""
    return Sound


@pytest.fixture
def sotto(tmp_path: Path) -> Iterator[Callable[..., Sotto]]:
    """Start `sotto ARGS...`; every process is killed at the end of the test."""
    running: list[Sotto] = []

    def start(*args: str, home: str = "", stdin: str | None = None) -> Sotto:
        folder = tmp_path / (home or f"home{len(running)}")
        folder.mkdir(exist_ok=True)
        process = Sotto(folder, *args, stdin=stdin)
        running.append(process)
        return process

    yield start
    for process in running:
        process.kill()


@pytest.fixture
def spoken(tmp_path: Path) -> Path:
    """A WAV of spoken words, made by espeak-ng."""
    need("espeak-ng")
    path = tmp_path / "spoken.wav"
    text = (
        "The quick brown fox jumps over the lazy dog, and nobody else can hear it. One two three."
    )
    subprocess.run(["espeak-ng", "-s", "150", "-w", str(path), text], check=True)
    return path


@pytest.fixture
def require() -> Callable[[str], None]:
    """Skip (or fail in CI) where a program is missing."""
    return need


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    need("tmux")
    home = tmp_path / "home"
    home.mkdir()
    terminal = Terminal(tmp_path / "tmux", home)
    yield terminal
    terminal.close()
