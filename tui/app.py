"""The Textual application: the rooms and the calls held from there, or one call alone."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Sequence
from typing import Any, ClassVar

from textual.binding import Binding
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver
from textual.events import DescendantFocus, Key
from textual.filter import LineFilter
from textual.widgets import Input

from e2ee.errors import SottovoceError
from rooms.events import AnyEvent, Hosting
from rooms.settings import Settings
from tui import garbage
from tui.applying import Applying
from tui.cli.exits import exit_for
from tui.conduct import Limits, Opener, Outcome, RunningCall, Stop
from tui.driver import AboutToStop, TerminalDriver
from tui.holding import Holding
from tui.ink import Ink
from tui.keyboard import KeyboardReports
from tui.keymap import Keymap
from tui.notifying import Notifier, window_title
from tui.own import Own
from tui.palette import ActionCommands
from tui.ports import CallPort
from tui.qr import announcement
from tui.screens.acting import ActingScreen
from tui.screens.rooms import RoomsScreen
from tui.terminal import MODERN, Terminal
from tui.themes import THEMES, chosen
from tui.unhurried import UnhurriedApp

TERMINAL_CHECK = 1.0
"""Seconds between two looks whether the terminal is still there."""
LETTING_GO = 0.2
"""Seconds the other processes of a call have to mute before this one stops."""
_NORMAL_SCREEN, _OWN_SCREEN = "\x1b[?1049l\x1b[?7h", "\x1b[?7l\x1b[?1049h"
"""Leave and enter the alternate screen, where nothing wraps (xterm private modes 1049 and 7).

Enough to print a line in between, and faster than giving up the terminal, which loses keys.
"""


class SottoApp(UnhurriedApp[Outcome]):
    """Paints, then opens the call; ends with its outcome, or keeps what failed in `failure`.

    Without an opener it shows the person's rooms, holds each call that is chosen there, and comes
    back.
    """

    TITLE = "sotto"
    COMMANDS: ClassVar = {ActionCommands}
    BINDINGS: ClassVar = [
        Binding("ctrl+c", "interrupt", "Interrupt", show=False, priority=True),
        Binding("ctrl+q", "leave_call", "Leave", show=False, priority=True),
        Binding("ctrl+z", "suspend_process", "Stop for now", show=False, priority=True),
    ]

    def __init__(
        self,
        opener: Opener | None,
        limits: Limits,
        *,
        own: Own,
        terminal: Terminal = MODERN,
        show_code: bool = False,
        announce: bool = False,
    ) -> None:
        super().__init__()
        self._announce, self._show_code = announce, show_code
        self.failure: Exception | None = None
        self.key_releases = False
        self._terminal = terminal
        self._attended: bool | None = None
        self.own = own
        self._limits = limits
        self._stop = Stop()
        self._chosen: asyncio.Queue[Opener] = asyncio.Queue()
        self._rooms = RoomsScreen(own, self._chosen.put_nowait, self.action_leave_call)
        self._holding = self._hold(opener) if opener else None
        for theme in THEMES:
            self.register_theme(theme)
        self.use(own.settings.now)
        own.settings.listen(self.use)
        own.settings.listen(Applying(own.settings.now, lambda: self._call).changed)

    def use(self, settings: Settings) -> None:
        """Look, heed keys, and notify, as the settings say."""
        self.keymap = Keymap(settings.keys)
        self.set_keymap(self.keymap.chosen)
        self.theme = chosen(settings.theme, self._terminal.depth).name
        self.animation_level = "none" if settings.reduced_motion else "full"
        self._notifier = Notifier(self._terminal, settings.notify, bell=settings.bell)

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        """Have the cursor of a line blink, or not, as the settings say."""
        if isinstance(event.widget, Input):
            event.widget.cursor_blink = self.animation_level != "none"

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Draw in ink alone where there are no colours, or none are wanted."""
        return [Ink(self.current_theme.dark)] if self.no_color else super().get_line_filters()

    def get_driver_class(self) -> type[Driver]:
        """Return our driver where Textual would draw on a terminal."""
        found = super().get_driver_class()
        return TerminalDriver if found is LinuxDriver else found

    def get_default_screen(self) -> ActingScreen:
        """Return the only screen there is at first."""
        return self._rooms if self._holding is None else self._holding.screen

    def on_mount(self) -> None:
        """Open the call once something is on the screen."""
        self.call_after_refresh(self._begin)
        self.app_resume_signal.subscribe(self, lambda _: self._come_back())
        if not self.is_headless:
            self.set_interval(TERMINAL_CHECK, self._check_terminal)

    def _check_terminal(self) -> None:
        """End with the terminal: nobody should be heard who sees nothing of it any more.

        A terminal that closes sends SIGHUP, but only to whoever it controls.
        """
        if not os.isatty(0):
            self._stop.interrupt()

    def _begin(self) -> None:
        self.run_worker(self._live(), exit_on_error=False)

    async def _live(self) -> None:
        """Hold the one call there is, or those that are chosen; then end."""
        outcome: Outcome | None = None
        try:
            with self._stop.on_signals():
                if self._holding is not None:
                    outcome = await self._holding.run(self._opened)
                else:
                    outcome = await self._dwell()
        except Exception as error:  # reported once the terminal is restored
            self.failure = error
        self.exit(outcome)

    async def _dwell(self) -> Outcome | None:
        """Hold one chosen call after the other, until the end of everything is asked for."""
        over = asyncio.create_task(self._stop.wait())
        while not over.done():
            choosing = asyncio.create_task(self._chosen.get())
            await asyncio.wait([over, choosing], return_when=asyncio.FIRST_COMPLETED)
            if not choosing.done():
                choosing.cancel()
            elif not over.done():
                await self._visit(choosing.result())
        return self._stop.outcome

    async def _visit(self, opener: Opener) -> None:
        """Hold a call over the rooms, and say there how it ended."""
        self._holding = self._hold(opener)
        await self.push_screen(self._holding.screen)
        try:
            outcome = await self._holding.run(self._opened)
        except SottovoceError as error:
            outcome = Outcome(exit_for(error.code), error.message, error.hint)
        self._holding = None
        while len(self.screen_stack) > 1:
            self.pop_screen()
        self._rooms.come_back(outcome)

    def _hold(self, opener: Opener) -> Holding:
        stop = Stop(self._stop)
        return Holding(opener, self._limits, stop, self.own, show_code=self._show_code)

    @property
    def _call(self) -> CallPort | None:
        return self._holding.screen.call_port if self._holding is not None else None

    def _opened(self, call: RunningCall) -> None:
        garbage.settle()
        call.listen(self._on_call_event)
        call.listen(lambda event: self._tell_outside(call, event))

    def _on_call_event(self, event: AnyEvent) -> None:
        """Print the link of a room we host on the normal screen, once, where it outlives us."""
        if isinstance(event, Hosting) and self._announce and self._driver is not None:
            self._announce = False
            text = announcement(event.link, *self.size, code=self._show_code)
            self._driver.write(f"{_NORMAL_SCREEN}{text}{_OWN_SCREEN}")
            self.screen.refresh(layout=True)  # a terminal clears the screen it returns to

    def _tell_outside(self, call: CallPort, event: AnyEvent) -> None:
        """Name the window, and notify whoever looks elsewhere."""
        people = call.participants
        name = next((person.name for person in people if person.me), "")
        asked = self._notifier.heed(
            event, now=time.monotonic(), attended=self._attended, name=name, people=len(people)
        )
        if asked and self._driver is not None:
            self._driver.write(asked)
        if isinstance(self._driver, TerminalDriver):
            self._driver.show_title(window_title(len(people)))

    def on_keyboard_reports(self, event: KeyboardReports) -> None:
        """Keep whether the terminal tells when a key is released."""
        self.key_releases = event.releases

    def on_app_focus(self) -> None:
        """Keep that somebody looks."""
        self._attended = True

    def on_app_blur(self) -> None:
        """Let go when another window takes the keys."""
        self._attended = False
        if self._holding is not None:
            self._holding.screen.let_go()

    async def on_about_to_stop(self, event: AboutToStop) -> None:
        """Be neither heard nor seen while the process stands still."""
        if self._holding is not None:
            self._holding.screen.step_out()
        await asyncio.sleep(LETTING_GO)
        if isinstance(self._driver, TerminalDriver):
            self._driver.stop_now()

    def _come_back(self) -> None:
        """Draw everything again, and stay muted, also after a stop that was not announced."""
        if self._holding is not None:
            self._holding.screen.step_out()
        self.screen.refresh(layout=True)

    def on_key(self, event: Key) -> None:
        """Hand on what nobody took."""
        if self._holding is not None:
            self._holding.screen.take_stray_key(event)

    def action_interrupt(self) -> None:
        """End as Ctrl-C ends a program."""
        self._stop.interrupt()

    def action_leave_call(self) -> None:
        """Leave the call, if there is one, and end."""
        self._stop.ask(Outcome())

    def get_system_commands(self, screen: Any) -> Any:
        """Add nothing of Textual's own to the palette."""
        return ()

    def _handle_exception(self, error: Exception) -> None:
        """Keep what failed; Textual's own report would show the values of variables."""
        self.failure = self.failure or error
        super()._handle_exception(error)

    def _fatal_error(self) -> None:
        """End without a report: `failure` is reported once the terminal is restored."""
        self._close_messages_no_wait()
