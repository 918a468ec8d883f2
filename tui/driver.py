"""A driver that ends with its terminal, hears keys released, and lets go before it is stopped."""

from __future__ import annotations

import contextlib
import os
import selectors
import time
from codecs import getincrementaldecoder
from collections import deque
from typing import IO, Any

from textual import constants
from textual.drivers.linux_driver import LinuxDriver
from textual.events import CursorPosition
from textual.message import Message

from tui.governor import QUESTION, Governor
from tui.keyboard import ASK_EVENT_TYPES, NO_EVENT_TYPES, KeyboardParser
from tui.terminal import far

SAVE_TITLE, RESTORE_TITLE = "\x1b[22;2t", "\x1b[23;2t"
"""Push and pop the window title (xterm, window manipulation)."""
LAST_ANSWERS = 0.5
"""Seconds answers may take before the terminal is given back: later ones are typed there."""
_LOOK_SECONDS = 0.01
_HOME = (0, 0)
_INPUT_SECONDS = 0.1
"""Time between two looks whether the input shall end, or an escape key was one."""


class AboutToStop(Message):
    """The process was told to stop (SIGTSTP): let go of what nobody watches, then `stop_now`."""


class LastingFile:
    """A terminal to write to that swallows what comes after it is gone.

    Textual writes from a thread that dies of the first error, after which whoever writes waits
    for room in its queue for ever; with this, the thread lives on and the queue drains.
    """

    def __init__(self, file: IO[str]) -> None:
        self._file = file
        self.gone = False

    def write(self, text: str) -> None:
        """Write text while there is a terminal."""
        self._attempt(self._file.write, text)

    def flush(self) -> None:
        """Flush what was written while there is a terminal."""
        self._attempt(self._file.flush)

    def fileno(self) -> int:
        """Return the descriptor of the terminal."""
        return self._file.fileno()

    def isatty(self) -> bool:
        """Return whether this is a terminal."""
        return self._file.isatty()

    def _attempt(self, write: Any, *args: str) -> None:
        if not self.gone:
            try:
                write(*args)
            except (OSError, ValueError):
                self.gone = True


class TerminalDriver(LinuxDriver):
    """Textual's driver for a terminal that may be gone before the application is.

    All it changes on a terminal is put back whenever Textual leaves it: at the end, when something
    fails, and when the process is stopped.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._file: Any = LastingFile(self._file)
        self._title = ""
        self._taken = False
        self._governor = Governor(asks=far())
        self._answers: deque[float] = deque()

    @property
    def waiting(self) -> int:
        """Return how many writes the terminal has still to take."""
        return self._writer_thread._queue.qsize() if self._writer_thread is not None else 0

    @property
    def late(self) -> bool:
        """Return whether what was written last takes too long to be drawn over there."""
        return self._heard().waits(time.monotonic())

    def ask(self) -> None:
        """Ask for an answer once all that was written is drawn, if it is time to."""
        if self._taken and self._heard().ask(time.monotonic()):
            self.write(QUESTION)

    def _heard(self) -> Governor:
        while self._answers:
            self._governor.answered(self._answers.popleft())
        return self._governor

    def process_message(self, message: Message) -> None:
        """Keep answers from the application; called by the thread that reads."""
        if not isinstance(message, CursorPosition):
            super().process_message(message)
        elif (message.x, message.y) == _HOME:
            self._answers.append(time.monotonic())

    def disable_input(self) -> None:
        """Read no more, once the last answers came that the next program would read."""
        deadline = time.monotonic() + LAST_ANSWERS
        while self._heard().unanswered and time.monotonic() < deadline:
            time.sleep(_LOOK_SECONDS)
        self._governor.forget()
        super().disable_input()

    def start_application_mode(self) -> None:
        """Take the terminal, and ask for key releases."""
        super().start_application_mode()  # type: ignore[no-untyped-call]
        # Textual takes nothing while the process is in the background.
        self._taken = self._writer_thread is not None and not self._must_signal_resume
        if not self._taken:
            return
        self.write(SAVE_TITLE)
        self._write_title()
        if not constants.DISABLE_KITTY_KEY:
            self.write(ASK_EVENT_TYPES)

    def stop_application_mode(self) -> None:
        """Give the terminal back as it was."""
        self._taken = False
        if not constants.DISABLE_KITTY_KEY:
            self.write(NO_EVENT_TYPES)
        self.write(RESTORE_TITLE)
        super().stop_application_mode()

    def show_title(self, text: str) -> None:
        """Name the window (OSC 2); `text` is harmless, or empty for the name it had."""
        if text == self._title:
            return
        self._title = text
        self._write_title()

    def _write_title(self) -> None:
        if text := self._title:
            self.write(f"\x1b]2;{text}\x07")

    def run_input_thread(self) -> None:
        """Read the terminal until the application, or the terminal, is gone."""
        parser = KeyboardParser(self._debug)
        decode = getincrementaldecoder("utf-8")("replace").decode
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                if selector.select(_INPUT_SECONDS):
                    try:
                        data = os.read(self.fileno, 4096)
                    except OSError:
                        return
                    if not data:
                        return
                    if text := decode(data):
                        for message in parser.feed(text):
                            self.process_message(message)
                for message in parser.tick():
                    self.process_message(message)

    def _sigtstp_application(self, *_: object) -> None:
        """Have the application let go before the process stops."""
        self.send_message(AboutToStop())

    def stop_now(self) -> None:
        """Give the terminal back, and stop the process until it is continued."""
        super()._sigtstp_application()

    def _sigcont_application(self, *_: object) -> None:
        """Take the terminal again, between two things: in the middle of a write, where a signal
        may come, another write would wait for the first one for ever.
        """
        with contextlib.suppress(RuntimeError):  # the application has ended
            self._loop.call_soon_threadsafe(self._continue)

    def _continue(self) -> None:
        """Take the terminal again, also from whoever had it after a stop nobody announced."""
        if self._auto_restart and self._taken:
            self.suspend_application_mode()
            self._must_signal_resume = True
        if self._must_signal_resume:
            super()._sigcont_application()
