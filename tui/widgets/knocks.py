"""The banner that shows who knocks, with which key and since when."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from textual.content import Content
from textual.timer import Timer
from textual.widgets import Static

from tui.ports import Knock
from tui.waiting import Waiting
from tui.widgets.fitting import Part, fit, several, short
from tui.words import key_state_words

SETTLE = 0.4
"""Seconds a knock must have been on the screen before a key may answer it.

Without this, a key pressed for one person could let in the next one, who appeared that moment.
"""
LISTED: Final = 4
"""Knocks shown at most; on a low screen fewer."""
LISTED_LOW: Final = 2
LOW: Final = 30
"""Rows; screens with less are low."""
LONG_NAME: Final = 32
NAMED: Final = 3
_BRIEF: Final = {"verified": "verified", "known": "known", "new": "new key"}


@dataclass(frozen=True)
class AnswerKeys:
    """What to press, as it is written on a keyboard."""

    admit: str = "a"
    refuse: str = "r"
    admit_all: str = "A"


def patience(seconds: float) -> str:
    """Say how long somebody waits: not so exactly that it changes all the time."""
    if seconds < 10:
        return "just came"
    return f"waits {seconds // 10 * 10:.0f} s" if seconds < 60 else f"waits {seconds // 60:.0f} min"


def banner(waiting: Waiting, now: float, keys: AnswerKeys, width: int, listed: int) -> Content:
    """Return a line for each of so many who wait, the key of the first, and what to press."""
    first, *others = waiting.knocks[:listed]
    rows = [_row(waiting, first, now, width)]
    rows.append(fit([Part((first.fingerprint,))], (), width))
    rows += [_row(waiting, knock, now, width) for knock in others]
    if waiting.asked:
        rows.append(_question(waiting, keys, width))
    else:
        rows.append(fit(list(_answers(waiting, keys, len(rows) - 1)), (), width))
    return Content("\n").join(rows)


def _row(waiting: Waiting, knock: Knock, now: float, width: int) -> Content:
    """Say who knocks with which key; what others wait for is clear from the first."""
    lone, first = len(waiting.knocks) == 1, knock == waiting.knocks[0]
    who = "{}" if lone else f"#{knock.knock} {{}}"
    names = [short(knock.name, LONG_NAME), short(knock.name)]
    forms = [who.format(name) for name in names]
    if first:
        forms.insert(0, f"{forms[0]} wants to come in")
    changed = knock.key_state == "changed"
    key = (key_state_words(knock.key_state), _BRIEF.get(knock.key_state, "KEY CHANGED"))
    parts = [
        Part(tuple(forms), "bold" if first else "", vital=True),
        Part(key, "bold $error" if changed else "", vital=True),
        Part((patience(waiting.patience(knock, now)),)),
    ]
    return fit(parts, (), width)


def _answers(waiting: Waiting, keys: AnswerKeys, shown: int) -> Iterator[Part]:
    count, whom = len(waiting.knocks), ""
    if count > 1:
        whom = f" #{waiting.knocks[0].knock}"
    for key, word in ((keys.admit, "admit"), (keys.refuse, "refuse")):
        if key:
            yield Part((f"{key} {word}{whom}",), "bold $primary", vital=True)
    if count > 1 and keys.admit_all:
        yield Part((f"{keys.admit_all} admit all {count}",), "bold $primary")
    if count > shown:
        yield Part((f"and {count - shown} more",))


def _question(waiting: Waiting, keys: AnswerKeys, width: int) -> Content:
    """Say whom the second press lets in, and that it is not everybody, if so."""
    names = [knock.name for knock in waiting.asked]
    again = f"{keys.admit_all or '/admit all'} again lets in"
    forms = [f"{again} {several(names, most)}" for most in range(min(NAMED, len(names)), 0, -1)]
    parts = [Part((*forms, f"{again} {len(names)}"), "bold $warning", vital=True)]
    if left := len(waiting.knocks) - len(names):
        parts.append(Part((f"not {left} whose key changed, or who just came", f"not {left}")))
    return fit(parts, (), width)


class KnockBanner(Static):
    """Shown only while somebody knocks; the oldest knock first."""

    DEFAULT_CSS = """
    KnockBanner { dock: top; height: auto; display: none; background: $panel;
                  border-left: thick $warning; }
    KnockBanner.-changed { border-left: thick $error; }
    """

    def __init__(self) -> None:
        super().__init__("", markup=False)
        self._waiting = Waiting(SETTLE)
        self._keys = AnswerKeys()
        self._drawn = Content("")
        self._clock: Timer | None = None

    def on_mount(self) -> None:
        """Have the time that people wait go on."""
        self._clock = self.set_interval(1.0, self._draw, pause=True)

    def show(self, knocks: Sequence[Knock], keys: AnswerKeys) -> None:
        """Show who waits, or hide."""
        self._waiting.show(knocks, time.monotonic())
        self._keys = keys
        self.display = bool(knocks)
        if self._clock is not None:
            (self._clock.resume if knocks else self._clock.pause)()
        self._draw()

    def press_all(self) -> Sequence[Knock]:
        """Ask about all who wait; return those to let in if that was asked before."""
        found = self._waiting.press(time.monotonic())
        self._draw()
        return found

    def on_resize(self) -> None:
        """Use the room there is."""
        self._draw()

    @property
    def current(self) -> Knock | None:
        """The knock that is shown first."""
        return self._waiting.knocks[0] if self._waiting.knocks else None

    @property
    def answerable(self) -> Knock | None:
        """The knock a key press may answer now."""
        return self._waiting.first(time.monotonic())

    def _draw(self) -> None:
        """Draw the lines if they are others; only new ones move what is below."""
        if self.current is None:
            return
        now, (width, height) = time.monotonic(), self.app.size
        self._waiting.expire(now)
        self.set_class(self.current.key_state == "changed", "-changed")
        listed = LISTED if height >= LOW else LISTED_LOW
        before = self._drawn
        self._drawn = banner(self._waiting, now, self._keys, width - 1, listed)
        if not self._drawn.is_same(before):
            moves = len(self._drawn.split()) != len(before.split())
            self.update(self._drawn, layout=moves)
