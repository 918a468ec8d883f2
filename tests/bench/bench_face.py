"""The face in a storm: 50 people, 200 chat lines a second, a resize every second, keys typed.

Run: `python tests/bench/bench_face.py [SECONDS]`. The real application on a pseudo-terminal, in a
call whose people do what the storm says. Measured is the time from a key being typed to its letter
having been read from the terminal, while nothing happens and in the storm. The floor is a bare
Textual application that adds the same lines to Textual's own log. At the end every line has to be
in the log, in order.
"""

from __future__ import annotations

import asyncio
import json
import math
import random
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import scripted_app
from pty_run import PtyRun

PEOPLE = 50
LINES_A_SECOND = 200
LINES_A_TURN = 20
"""Lines after which somebody else begins or ends to speak."""
KEYS_A_SECOND = 10
IDLE_SECONDS = 5.0
SIZES = [(120, 36), (80, 24), (160, 48), (60, 20), (100, 30)]
FIRST_LETTER = 0x1401
"""Canadian syllabics: 600 letters one cell wide that nothing else draws."""
WORDS = ("quick", "brown", "fox", "jumps", "over", "lazy", "dog", "nobody", "else", "can", "hear")
READY = f"{PEOPLE} in the room"


def storm_lines(seconds: float) -> list[str]:
    """Return the lines of a storm: numbered, one in ten longer than any log is wide."""
    chance = random.Random(4)
    return [
        f"line {number:05d} {' '.join(chance.choices(WORDS, k=4 if number % 10 else 60))}"
        for number in range(round(seconds * LINES_A_SECOND))
    ]


# --- what is measured, each in a process of its own ---


async def storm(seconds: float, add: Callable[[int, str], None]) -> None:
    """Wait for SIGUSR1, then add all lines at their pace, late ones at once."""
    called = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, called.set)
    await called.wait()
    start = time.perf_counter()
    for number, text in enumerate(storm_lines(seconds)):
        due = start + number / LINES_A_SECOND
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        add(number, text)
    await asyncio.sleep(0.5)


def run_face(seconds: float, report: Path) -> None:
    """Run the application in a scripted call; report whether its log has every line in order."""
    from textual.selection import SELECT_ALL

    from tui.widgets.chat_log import ChatLog

    others = range(1, PEOPLE)

    async def weather(call: Any, app: Any) -> None:
        def add(number: int, text: str) -> None:
            call.hear(others[number % len(others)], text)
            turn, rest = divmod(number, LINES_A_TURN)
            if rest == 0:
                call.speak(others[turn // 2 % len(others)], turn % 2 == 0)

        await storm(seconds, add)
        log = app.screen.query_one(ChatLog).get_selection(SELECT_ALL)[0].splitlines()
        kept = [line[line.index("line ") :] for line in log if "line " in line]
        report.write_text(json.dumps(kept == storm_lines(seconds)[-len(kept) :] and len(kept)))

    scripted_app.run(PEOPLE, weather)


def run_floor(seconds: float, report: Path) -> None:
    """Run a bare Textual application: a log and an input."""
    from textual.app import App, ComposeResult
    from textual.widgets import Input, RichLog

    class Floor(App[None]):
        def compose(self) -> ComposeResult:
            yield RichLog(wrap=True, max_lines=2000)
            yield Input()

        def on_mount(self) -> None:
            self.query_one(Input).focus()
            self.run_worker(self._weather())

        async def _weather(self) -> None:
            log = self.query_one(RichLog)
            log.write(READY)
            await storm(seconds, lambda _, text: log.write(text))
            report.write_text(json.dumps(len(storm_lines(seconds))))

    Floor().run()


# --- measuring ---


@dataclass(frozen=True)
class Delays:
    """From typing letters to reading them, seconds, in ascending order."""

    seconds: list[float]

    def part(self, part: float) -> float:
        """Return the delay, in milliseconds, which this part of all does not exceed.

        The nearest rank: the p99 of 100 keys is the last but one.
        """
        return 1e3 * self.seconds[max(0, math.ceil(len(self.seconds) * part) - 1)]


def typed(run: PtyRun, letters: Iterator[str], seconds: float, *, resizing: bool) -> Delays:
    """Type keys, giving the terminal another size once a second; return how late each was seen."""
    sent: list[tuple[str, int, float]] = []
    start = time.perf_counter()
    for number in range(round(seconds * KEYS_A_SECOND)):
        time.sleep(max(0.0, start + number / KEYS_A_SECOND - time.perf_counter()))
        if resizing and number % KEYS_A_SECOND == KEYS_A_SECOND // 2:
            run.resize(*SIZES[number // KEYS_A_SECOND % len(SIZES)])
        letter = next(letters)
        sent.append((letter, len(run.output), time.perf_counter()))
        run.write(letter)
    time.sleep(2)
    seen = ((run.when(letter, place) or float("inf")) - at for letter, place, at in sent)
    return Delays(sorted(seen))


def measure(kind: str, seconds: float) -> Delays:
    """Measure one application idle and in the storm; print both, return the second."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report"
        command = [sys.executable, __file__, kind, str(seconds), str(report)]
        letters = (chr(FIRST_LETTER + number) for number in range(600))
        with PtyRun(command, *SIZES[0], SOTTO_CONFIG_DIR=folder) as run:
            run.wait_for(READY)
            time.sleep(1)
            run.write("\r")  # to the line to write in
            for what, length, stormy in (
                ("idle", IDLE_SECONDS, False),
                ("storm", seconds, True),
            ):
                if stormy:
                    run.process.send_signal(signal.SIGUSR1)
                cpu, size, start = run.processor(), len(run.output), time.perf_counter()
                delays = typed(run, letters, length, resizing=stormy)
                took = time.perf_counter() - start
                print(
                    f"{kind}, {what:6} {delays.part(0.5):6.1f} {delays.part(0.95):6.1f}"
                    f" {delays.part(0.99):6.1f} {1e3 * delays.seconds[-1]:6.1f} ms"
                    f"{100 * (run.processor() - cpu) / took:6.1f} % of a core"
                    f"{(len(run.output) - size) / took / 1e3:6.0f} kB/s",
                    flush=True,
                )
            while not report.exists():
                time.sleep(0.1)
            kept = json.loads(report.read_text())
            print(f"{kind}: lines kept, all in order: {kept} of {len(storm_lines(seconds))}")
    return delays


def main() -> None:
    """Measure the floor and the face."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 10.0
    print("key to letter:   p50    p95    p99  worst")
    floor, face = measure("floor", seconds), measure("face", seconds)
    worst = face.part(0.99)
    print(
        f"p99 in the storm {worst:.0f} ms, {worst / floor.part(0.99):.1f} x the floor (<= 100 ms)"
    )


if __name__ == "__main__":
    if len(sys.argv) > 2:
        {"face": run_face, "floor": run_floor}[sys.argv[1]](float(sys.argv[2]), Path(sys.argv[3]))
    else:
        main()
