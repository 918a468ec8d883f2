"""What a part of the call screen is: it draws what events change, and does what actions say."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TypeVar

from textual.widget import Widget

from tui.ports import AnyEvent, CallPort

if TYPE_CHECKING:
    from tui.screens.call import CallScreen

W = TypeVar("W", bound=Widget)
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

    def widget(self, kind: type[W]) -> W:
        """Return the one widget of a kind."""
        return self.screen.query_one(kind)
