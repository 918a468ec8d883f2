"""The terminal: can a call be drawn here, and how well?"""

from __future__ import annotations

import os
import re
import select
import shutil
import sys
import termios
import time
import tty
from collections.abc import Iterator
from typing import Final

from media.cells.depth import Depth
from tui.doctor.finding import Case, Finding
from tui.terminal import Terminal, dumb

LEAST: Final = (60, 20)
"""Cells a call needs, across and down."""
PATIENCE: Final = 0.5
"""Seconds a terminal has to say what it can do."""
_ASK: Final = b"\x1b[?u\x1b[c"
"""What kitty's keyboard protocol reports, then DA1 (ECMA-48), which every terminal answers."""
_KEYS: Final = re.compile(rb"\x1b\[\?\d+u")
_ANSWERED: Final = re.compile(rb"\x1b\[\?[\d;]*c")
_COLOURS: Final = {
    Depth.TRUE: "all colours",
    Depth.COLOURS_256: "256 colours",
    Depth.COLOURS_16: "16 colours",
    Depth.MONO: "no colours",
}


def terminal(_case: Case) -> Iterator[Finding]:
    """Look at the terminal, if there is one."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        yield Finding("ok", "no terminal here: calls are held with --headless")
        return
    if dumb():
        yield Finding(
            "warn", f"nothing can be drawn with TERM={os.environ.get('TERM', '')!r}", "use --plain"
        )
        return
    yield colours(Terminal.here())
    yield size(*shutil.get_terminal_size())
    yield encoding(sys.stdout.encoding)
    yield keys(tells_releases(sys.stdin.fileno()))


def colours(here: Terminal) -> Finding:
    """Say what colours are drawn."""
    inside = f", inside {here.inside}" if here.inside else ""
    return Finding("ok", f"{_COLOURS[here.depth]}{inside}")


def size(columns: int, lines: int) -> Finding:
    """Say whether a call fits."""
    if columns < LEAST[0] or lines < LEAST[1]:
        least = f"a call needs {LEAST[0]} columns and {LEAST[1]} lines"
        return Finding("warn", f"{columns} columns, {lines} lines are few", least)
    return Finding("ok", f"{columns} columns, {lines} lines")


def encoding(name: str) -> Finding:
    """Say whether pictures can be written."""
    if name.lower().replace("-", "") == "utf8":
        return Finding("ok", "UTF-8")
    return Finding("warn", f"the encoding is {name}: pictures need UTF-8", "set LANG to C.UTF-8")


def keys(releases: bool) -> Finding:
    """Say how push to talk ends."""
    if releases:
        return Finding("ok", "it tells when a key is released: push to talk ends with the key")
    return Finding("ok", "it tells no key releases: push to talk ends with the key's repeats")


def tells_releases(descriptor: int) -> bool:
    """Ask a terminal whether it knows kitty's keyboard protocol. Raises `OSError`."""
    before = termios.tcgetattr(descriptor)
    answer = b""
    try:
        tty.setcbreak(descriptor, termios.TCSAFLUSH)
        os.write(descriptor, _ASK)
        deadline = time.monotonic() + PATIENCE
        while _ANSWERED.search(answer) is None:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([descriptor], [], [], left)[0]:
                break
            answer += os.read(descriptor, 64)
    finally:
        termios.tcsetattr(descriptor, termios.TCSAFLUSH, before)
    return _KEYS.search(answer) is not None
