"""Whether a terminal keeps up, found out by asking it now and then where its cursor is.

It answers when it has drawn everything written before the question, so the time that takes is the
time of the whole way: what ssh and the network keep underway included, which nothing here sees.
No input or output here: what is asked and answered is told from outside, with the time.
"""

from __future__ import annotations

from collections import deque
from typing import Final

QUESTION: Final = "\x1b7\x1b[H\x1b[6n\x1b8"
"""Save the cursor, ask where it is at home (DSR 6, ECMA-48), put it back.

The answer is always `ESC [ 1 ; 1 R`. From elsewhere it could be F3 with a modifier, which xterm
writes as `ESC [ 1 ; 2 R`.
"""
SLACK: Final = 0.15
"""Seconds an answer may take longer than the fastest did before less is written at a time."""
MOST_UNDERWAY: Final = 8
"""Updates of the screen that may be underway at a time."""
PATIENCE: Final = 5.0
"""Seconds after which an answer is taken for lost."""
FIRST_PATIENCE: Final = 1.0
"""The same for a terminal that never answered so far."""
TRIES: Final = 2
"""Questions in a row that a terminal which never answered is asked."""


class Governor:
    """Decides when to ask, and when to wait; never waits for a terminal that never answered.

    As many updates may be underway as came through without delay: one more with each that did,
    half as many after one that did not, and always one.
    """

    def __init__(self, *, asks: bool) -> None:
        self._asks = asks
        self._asked: deque[float] = deque()
        self._fastest: float | None = None
        self._most = 1.0
        self._tries = 0

    @property
    def unanswered(self) -> int:
        """How many answers may still come."""
        return len(self._asked)

    def ask(self, now: float) -> bool:
        """Return whether to write the question after what was just drawn; then it counts."""
        self._give_up(now)
        if not self._asks or self._tries >= TRIES or len(self._asked) >= self._may_ask:
            return False
        self._asked.append(now)
        return True

    @property
    def _may_ask(self) -> int:
        return 1 if self._fastest is None else MOST_UNDERWAY

    def answered(self, now: float) -> None:
        """Take an answer, to the oldest question; a late one, too, shows that the terminal can."""
        self._tries = 0
        if not self._asked:
            return
        took = now - self._asked.popleft()
        self._fastest = took if self._fastest is None else min(self._fastest, took)
        if took > self._fastest + SLACK:
            self._most = max(1.0, self._most / 2)
        else:
            self._most = min(self._most + 1, MOST_UNDERWAY)

    def waits(self, now: float) -> bool:
        """Return whether what was drawn has to arrive before more is drawn."""
        self._give_up(now)
        if self._fastest is None or not self._asked:
            return False
        late = now - self._asked[0] > self._fastest + SLACK
        return late or len(self._asked) >= int(self._most)

    def forget(self) -> None:
        """Expect no answer any more."""
        self._asked.clear()

    def _give_up(self, now: float) -> None:
        patience = FIRST_PATIENCE if self._fastest is None else PATIENCE
        if self._asked and now - self._asked[0] > patience:
            self._asked.clear()
            if self._fastest is None:
                self._tries += 1
