"""What a part of the call screen is: it draws what events change, and does what actions say."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TypeVar

from textual.events import Key
from textual.timer import Timer
from textual.widget import Widget

from tui.keyboard import KeyReleased
from tui.ports import AnyEvent, CallPort

if TYPE_CHECKING:
    from tui.screens.call import CallScreen

W = TypeVar("W", bound=Widget)
SOONEST = 0.001
"""Seconds; Textual's timers divide by theirs."""
Does = Mapping[str, Callable[[str], None]]
"""By the id of an action: what does it on this screen, with its argument."""


class Part:
    """One feature. `call` is None until there is one to draw."""

    def __init__(self, screen: CallScreen) -> None:
        self.screen = screen

    @property
    def call(self) -> CallPort | None:
        """The call that is drawn."""
        return self.screen.call_port

    @property
    def does(self) -> Does:
        """What this part does in place of an action's own `act`."""
        return {}

    def attached(self) -> None:
        """Draw the call the screen just got."""

    def on_event(self, event: AnyEvent) -> None:
        """Draw what an event changed."""

    def acted(self) -> None:
        """Draw what an action changed, which no event may tell of."""

    def on_key(self, event: Key) -> None:
        """Take a key that means no action and is not typed."""

    def on_key_released(self, event: KeyReleased) -> None:
        """Take note of a key that was released, where the terminal tells."""

    def back(self) -> None:
        """Note that the person looks at this screen again."""

    def let_go(self) -> None:
        """Stop what lasts only while somebody is at the keys: they are not, or not ours."""

    def step_out(self) -> None:
        """Stop what goes on while nobody watches: the process is about to stop, or was stopped."""

    def widget(self, kind: type[W]) -> W:
        """Return the one widget of a kind."""
        return self.screen.query_one(kind)

    def later(self, seconds: float, do: Callable[[], None]) -> Timer:
        """Have something done once in so many seconds, at once if they are over already."""
        return self.screen.set_timer(max(seconds, SOONEST), do)
