"""What the terminal can do, decided once from the environment; no question is asked of it.

Over ssh only TERM arrives, so that has to be enough; what a local terminal adds is believed, but
not through a multiplexer, which may be attached from another terminal by now.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from media.cells.depth import Depth

Environ = Mapping[str, str]
Multiplexer = Literal["", "tmux", "screen"]
Osc = Literal["", "9", "99", "777"]
"""How a terminal takes notifications: as an operating system command (ECMA-48) of this number."""

_CANNOT_DRAW: Final = frozenset({"", "dumb", "unknown", "emacs", "network", "dialup"})
"""Values of TERM (after terminfo's own generic entries) of what cannot move a cursor."""
_ALL_COLOURS: Final = re.compile(
    r"xterm-(kitty|ghostty)|alacritty|foot|wezterm|contour|rio|iterm2|.*-direct"
)
_NO_COLOURS: Final = re.compile(r"vt[1-5]\d\d|.*-(m|mono)$")
_OSC: Final[Mapping[str, Osc]] = {
    "xterm-kitty": "99",
    "foot": "777",
    "foot-extra": "777",
    "xterm-ghostty": "777",
    "wezterm": "777",
    "rxvt-unicode": "777",
    "rxvt-unicode-256color": "777",
    "linux": "",
}

_FOR_TEXTUAL: Final = {
    Depth.TRUE: {"TEXTUAL_COLOR_SYSTEM": "truecolor"},
    Depth.COLOURS_256: {"TEXTUAL_COLOR_SYSTEM": "256"},
    Depth.COLOURS_16: {"TEXTUAL_COLOR_SYSTEM": "standard"},
    Depth.MONO: {"TEXTUAL_COLOR_SYSTEM": "standard", "NO_COLOR": "1"},
}


def dumb(environ: Environ = os.environ) -> bool:
    """Return whether nothing can be drawn here, so that only plain lines are of use."""
    return _term(environ) in _CANNOT_DRAW


def far(environ: Environ = os.environ) -> bool:
    """Return whether it is over ssh, and nothing on this side of the way answers for it."""
    return bool(environ.get("SSH_CONNECTION")) and not _multiplexer(environ)


@dataclass(frozen=True)
class Terminal:
    """What is known of one terminal."""

    depth: Depth
    inside: Multiplexer
    osc: Osc

    @property
    def for_textual(self) -> dict[str, str]:
        """Return the variables by which Textual, before it is loaded, is told of the colours."""
        return _FOR_TEXTUAL[self.depth]

    @classmethod
    def here(cls, environ: Environ = os.environ) -> Terminal:
        """Return what is known of the terminal with this environment."""
        inside = _multiplexer(environ)
        return cls(_depth(environ), inside, _osc(environ, inside))


MODERN: Final = Terminal(Depth.TRUE, "", "9")
"""What most terminals are today."""


def _term(environ: Environ) -> str:
    return environ.get("TERM", "").strip().lower()


def _depth(environ: Environ) -> Depth:
    """Return what colours may be used (no-color.org) and can be."""
    term = _term(environ)
    if environ.get("NO_COLOR") or dumb(environ) or _NO_COLOURS.match(term):
        return Depth.MONO
    if environ.get("COLORTERM", "").strip().lower() in {"truecolor", "24bit"}:
        return Depth.TRUE
    if _ALL_COLOURS.match(term):
        return Depth.TRUE
    return Depth.COLOURS_256 if "256color" in term else Depth.COLOURS_16


def _multiplexer(environ: Environ) -> Multiplexer:
    if environ.get("TMUX"):
        return "tmux"
    return "screen" if environ.get("STY") else ""


def _osc(environ: Environ, inside: Multiplexer) -> Osc:
    """Return one way only: a terminal that knows two would tell everything twice.

    9 is what most of them know, and does no harm to the others.
    """
    if inside:
        return "9"
    if environ.get("VTE_VERSION") or environ.get("TERM_PROGRAM") in {"WezTerm", "ghostty"}:
        return "777"
    return _OSC.get(_term(environ), "9")
