"""The door: who knocks."""

from __future__ import annotations

from collections.abc import Callable

from rooms.events import Knock, KnockWithdrawn
from tui.actions import Action, people
from tui.ports import AnyEvent
from tui.screens.parts.part import Does, Part
from tui.widgets.knocks import AnswerKeys, KnockBanner


class Door(Part):
    """Shows who waits; a key answers the first shown, and only once it was read."""

    @property
    def does(self) -> Does:
        """Answer a knock, or all."""
        one = {action.id: self._answer(action) for action in (people.ADMIT, people.REFUSE)}
        return {**one, people.ADMIT_ALL.id: self._admit_all}

    def on_event(self, event: AnyEvent) -> None:
        """Show who knocks."""
        match event:
            case Knock() | KnockWithdrawn() if self.call is not None:
                self.widget(KnockBanner).show(self.call.knocks, self._keys)
            case _:
                pass

    @property
    def _keys(self) -> AnswerKeys:
        actions = (people.ADMIT, people.REFUSE, people.ADMIT_ALL)
        return AnswerKeys(*(self.screen.keymap.name(action.id) for action in actions))

    def _answer(self, action: Action) -> Callable[[str], None]:
        def do(argument: str) -> None:
            shown = self.widget(KnockBanner).answerable
            if action is people.ADMIT and people.means_all(argument):
                self._admit_all("")
                return
            if not argument and shown is not None:
                argument = f"#{shown.knock}"
            elif not argument and self.call is not None and self.call.knocks:
                return  # nobody has read yet who this is
            self.screen.act(action, argument)

        return do

    def _admit_all(self, argument: str) -> None:
        """Ask about all who wait, or let in those who were asked about."""
        if self.call is not None and not people.trusted(self.call.knocks):
            self.screen.act(people.ADMIT_ALL, "")  # which says why there is nobody
            return
        for knock in self.widget(KnockBanner).press_all():
            self.screen.act(people.ADMIT, f"#{knock.knock}")
