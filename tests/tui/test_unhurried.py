"""A real terminal that stands still for a while must hold up neither the keys nor the call."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from textual._compositor import Compositor, CompositorUpdate, LayoutUpdate
from textual.app import App, ComposeResult
from textual.containers import VerticalScroll
from textual.drivers._writer_thread import MAX_QUEUED_WRITES
from textual.geometry import Size
from textual.messages import Update
from textual.screen import Screen
from textual.widgets import Input, Static

from tui.driver import LAST_ANSWERS
from tui.governor import TRIES
from tui.unhurried import MOST_WAITING, UnhurriedApp, UnhurriedScreen

APPLICATION = """
import sys
from textual.widgets import Static
from tui.driver import TerminalDriver
from tui.unhurried import UnhurriedApp

class Busy(UnhurriedApp):
    def __init__(self):
        super().__init__()
        self.driver_class = TerminalDriver
        self.frames = 0
    def compose(self):
        yield Static(id="noise")
        yield Static(id="last")
    def on_ready(self):
        self.set_interval(1 / 100, self.draw)
    def draw(self):
        self.frames += 1
        self.query_one("#noise").update(chr(0x2580 + self.frames % 16) * 1500)
        print(self.frames, file=told, flush=True)
    def on_key(self, event):
        self.query_one("#last").update(f"heard {event.key} in time")
        print("heard", event.key, file=told, flush=True)
        if event.key == "q":
            self.exit()

told = open(sys.argv[1], "w")
Busy().run()
"""


class Screened:
    """The far side of a terminal, which is read only where a test does."""

    def __init__(self, folder: Path, **environ: str) -> None:
        self.master, self.slave = pty.openpty()
        self.told = folder / "told"
        self.told.touch()
        self.process = subprocess.Popen(
            [sys.executable, "-c", APPLICATION, str(self.told)],
            stdin=self.slave, stdout=self.slave, stderr=self.slave, start_new_session=True,
            env={**os.environ, "TERM": "xterm-256color", "SSH_CONNECTION": "", **environ},
        )  # fmt: skip

    def type(self, text: str) -> None:
        os.write(self.master, text.encode())

    @property
    def frames(self) -> int:
        """How many frames the application had so far."""
        return sum(line.isdigit() for line in self.told.read_text().splitlines())

    def read_until(self, holds: Callable[[bytes], bool]) -> None:
        output = b""
        deadline = time.monotonic() + 20
        while not holds(output):
            assert time.monotonic() < deadline, output[-500:]
            if select.select([self.master], [], [], 0.02)[0]:
                output += os.read(self.master, 65536)

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self.master)
        os.close(self.slave)


def wait_for(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.fixture
def screened(tmp_path: Path) -> Iterator[Screened]:
    screened = Screened(tmp_path)
    screened.read_until(lambda _: screened.frames > 3)
    yield screened
    screened.close()


def test_a_terminal_that_stands_still_stops_nothing(screened: Screened) -> None:
    before = screened.frames
    wait_for(lambda: screened.frames > before + 4 * MAX_QUEUED_WRITES)  # nobody reads
    screened.type("x")
    wait_for(lambda: "heard x" in screened.told.read_text())
    screened.read_until(lambda output: b"heard x in time" in output)
    screened.type("q")
    screened.read_until(lambda _: screened.process.poll() is not None)


class Link:
    """A link of 60 kB/s that takes all it is given, as sshd and the network do, to a terminal."""

    def __init__(self, terminal: Screened, *, answers_after: float | None = 0.0) -> None:
        self._terminal, self._answers_after = terminal, answers_after
        self.answers_due: list[float] = []
        self._rate = 60_000.0
        self._last = time.monotonic()
        self._underway = bytearray()
        self._credit = 0.0
        self.shown = bytearray()
        self.longest = 0

    def open_wide(self) -> None:
        """Delay nothing any more."""
        self._rate = 1e9

    def until(self, holds: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 20
        while not holds():
            assert time.monotonic() < deadline, bytes(self.shown[-500:])
            self._move()

    def _move(self) -> None:
        if select.select([self._terminal.master], [], [], 0.005)[0]:
            self._underway += os.read(self._terminal.master, 65536)
        self.longest = max(self.longest, len(self._underway))
        now = time.monotonic()
        self._credit += self._rate * (now - self._last)
        self._last = now
        arrived = self._underway[: int(self._credit)]
        self._credit = self._credit - len(arrived) if len(arrived) < len(self._underway) else 0.0
        del self._underway[: len(arrived)]
        before = self.shown.count(b"\x1b[6n")
        self.shown += arrived
        if self._answers_after is not None:
            asked = self.shown.count(b"\x1b[6n") - before
            self.answers_due += [now + self._answers_after] * asked
        while self.answers_due and self.answers_due[0] <= now:
            del self.answers_due[0]
            self._terminal.type("\x1b[1;1R")


@pytest.fixture
def over_ssh(tmp_path: Path) -> Iterator[Screened]:
    over_ssh = Screened(tmp_path, SSH_CONNECTION="192.0.2.1 1 192.0.2.2 22", TMUX="", STY="")
    yield over_ssh
    over_ssh.close()


def test_a_slow_link_never_holds_more_than_half_a_second_of_pictures(over_ssh: Screened) -> None:
    link = Link(over_ssh)
    link.until(lambda: over_ssh.frames > 300)  # 450 kB in three seconds, were they all drawn
    assert link.longest < 30_000
    assert link.shown.count(b"\x1b[6n") > 5
    over_ssh.type("x")
    link.until(lambda: b"heard x in time" in link.shown)
    link.open_wide()
    over_ssh.type("q")
    link.until(lambda: over_ssh.process.poll() is not None)
    heard = [line for line in over_ssh.told.read_text().splitlines() if not line.isdigit()]
    assert heard == ["heard x", "heard q"]


def test_no_answer_is_typed_into_the_shell_that_comes_after(over_ssh: Screened) -> None:
    link = Link(over_ssh, answers_after=0.6 * LAST_ANSWERS)
    link.open_wide()
    link.until(lambda: over_ssh.frames > 100)
    over_ssh.type("q")
    link.until(lambda: over_ssh.process.poll() is not None and not link.answers_due)
    os.write(over_ssh.master, b"ls\n")
    assert os.read(over_ssh.slave, 100) == b"ls\n"


def test_a_terminal_that_never_answers_gets_pictures(over_ssh: Screened) -> None:
    link = Link(over_ssh, answers_after=None)
    link.open_wide()
    link.until(lambda: over_ssh.frames > 50)
    over_ssh.type("x")
    link.until(lambda: b"heard x in time" in link.shown)
    assert 1 <= link.shown.count(b"\x1b[6n") <= TRIES


async def test_a_new_size_is_laid_out_and_drawn_once() -> None:
    drawn, laid_out = [], []

    class Sized(UnhurriedApp[None]):
        def get_default_screen(self) -> UnhurriedScreen[None]:
            return Filled()

        def _display(self, screen: Screen[object], renderable: object) -> None:
            if renderable is not None:
                drawn.append(type(renderable))
            super()._display(screen, renderable)

    class Filled(UnhurriedScreen[None]):
        CSS = "#all { width: 1fr; height: 1fr; }"

        def _refresh_layout(self, size: Size | None = None, scroll: bool = False) -> None:
            laid_out.append(size)
            super()._refresh_layout(size, scroll)

        def compose(self) -> ComposeResult:
            yield VerticalScroll(Static("words"), id="all")

    async with Sized().run_test(size=(80, 24)) as pilot:
        drawn.clear()
        laid_out.clear()
        await pilot.resize_terminal(60, 20)
        wait_until = time.monotonic() + 20
        while not drawn and time.monotonic() < wait_until:
            await pilot.pause(0.02)
        await pilot.pause(0.1)
        assert drawn == [LayoutUpdate]
        assert laid_out.count(Size(60, 20)) == 1


def test_seam_textual_draws_through_display_and_stops_at_a_full_queue() -> None:
    assert "_display" in Screen._compositor_refresh.__code__.co_names
    assert "_batch_count" in Screen._on_timer_update.__code__.co_names
    assert "_batch_count" in App._end_batch.__code__.co_names
    assert 2 * MOST_WAITING < MAX_QUEUED_WRITES


def test_seam_textual_draws_at_once_what_is_resized() -> None:
    assert "_screen_resized" in Screen._on_resize.__code__.co_names
    assert "_refresh_layout" in Screen._screen_resized.__code__.co_names
    assert "_compositor_refresh" in Screen._refresh_layout.__code__.co_names


async def test_what_is_typed_is_drawn_at_once_and_alone_and_nothing_else_is_lost() -> None:
    drawn: list[str] = []

    class Typed(UnhurriedApp[None]):
        def get_default_screen(self) -> UnhurriedScreen[None]:
            return Form()

        def _display(self, screen: Screen[object], renderable: object) -> None:
            if isinstance(renderable, CompositorUpdate):
                drawn.append(renderable.render_segments(self.console))
            super()._display(screen, renderable)

    class Form(UnhurriedScreen[None]):
        def compose(self) -> ComposeResult:
            yield Static("before", id="other")
            yield Input()

        def on_input_changed(self, event: Input.Changed) -> None:
            self.query_one("#other", Static).update(f"heard {event.value}")

    async with Typed().run_test(size=(40, 10)) as pilot:
        screen, line = pilot.app.screen, pilot.app.query_one(Input)
        await pilot.resize_terminal(42, 10)
        await pilot.pause()
        drawn.clear()
        other = pilot.app.query_one("#other", Static)
        screen._dirty_widgets.add(other)
        screen._compositor._dirty_regions = {other.region}
        line.value = "typed"
        await screen._on_update(Update(line))
        assert ["typed" in text for text in drawn] == [True]
        assert "before" not in drawn[0]
        assert other in screen._dirty_widgets
        assert screen._compositor._dirty_regions == {other.region}
        await pilot.press("x")
        deadline = time.monotonic() + 20
        while "heard typedx" not in "".join(drawn) and time.monotonic() < deadline:
            await pilot.pause(0.02)
        assert "heard typedx" in "".join(drawn)


def test_seam_textual_keeps_what_is_to_be_drawn_there() -> None:
    assert "_dirty_widgets" in Screen._on_update.__code__.co_names
    assert "_exchange_repaint_regions" in Compositor.update_widgets.__code__.co_names
    assert "_dirty_regions" in Compositor.update_widgets.__code__.co_names
