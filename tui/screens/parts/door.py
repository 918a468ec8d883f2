"""The door: who knocks."""

from __future__ import annotations

from collections.abc import Callable

from rooms.events import Knock, KnockWithdrawn
from tui.actions import Action, people
from tui.ports import AnyEvent
from tui.screens.parts.part import Does, Part
from tui.widgets.knocks import KnockBanner


class Door(Part):
    """Shows the oldest knock; a key answers what is shown, and only once it was read."""

    @property
    def does(self) -> Does:
        """Answer a knock."""
        return {action.id: self._answer(action) for action in (people.ADMIT, people.REFUSE)}

    def on_event(self, event: AnyEvent) -> None:
        """Show who knocks."""
        match event:
            case Knock() | KnockWithdrawn() if self.call is not None:
                self.widget(KnockBanner).show(self.call.knocks)
            case _:
                pass

    def _answer(self, action: Action) -> Callable[[str], None]:
        def do(argument: str) -> None:
            shown = self.widget(KnockBanner).answerable
            if not argument and shown is not None:
                argument = f"#{shown.knock}"
            elif not argument and self.call is not None and self.call.knocks:
                return  # nobody has read yet who this is
            self.screen.act(action, argument)

        return do
