"""How the call stands: the line at the bottom, and the red banner while nothing is sent."""

from __future__ import annotations

from dataclasses import replace

from rooms.events import E2eeState
from tui.actions import own, room, view
from tui.facts import Facts
from tui.ports import AnyEvent
from tui.screens.parts.part import Does, Part
from tui.widgets.alarm import AlarmBanner
from tui.widgets.statusline import Status, StatusLine
from tui.words import alarm

HINTS = ((room.LINK, "link"), (view.HELP, "help"), (own.LEAVE, "leave"))


class Standing(Part):
    """Draws what is true right now."""

    _leaving = False

    @property
    def does(self) -> Does:
        """Leave, and say so until it is done."""
        return {own.LEAVE.id: self._leave}

    def attached(self) -> None:
        """Draw how it stands."""
        self.refresh()

    def on_event(self, event: AnyEvent) -> None:
        """Draw how it stands now."""
        if isinstance(event, E2eeState):
            self._agreement(event)
        self.refresh()

    def acted(self) -> None:
        """Draw what an action changed."""
        self.refresh()

    def refresh(self) -> None:
        """Draw the line at the bottom."""
        facts = Facts.of(self.call) if self.call is not None else Facts()
        if self._leaving and facts.phase != "over":
            facts = replace(facts, phase="leaving")
        status = Status(facts, self.screen.talk_key, self._hints(facts))
        self.widget(StatusLine).show(status)

    def _hints(self, facts: Facts) -> tuple[str, ...]:
        """Return the keys to begin with; a link is of use only once we are in the room."""
        names = [(self.screen.keymap.name(action.id), word) for action, word in HINTS]
        link, help_, leave = (f"{key} {word}" if key else "" for key, word in names)
        longest = [link if facts.phase == "in" else "", help_, leave]
        choices = (longest, [help_, leave], [help_])
        return tuple("  ".join(filter(None, choice)) for choice in choices)

    def _leave(self, argument: str) -> None:
        self._leaving = True
        self.screen.leave()

    def _agreement(self, event: E2eeState) -> None:
        why, until = alarm(event)
        if self.widget(AlarmBanner).show(why, until):
            self.screen.say(why, "$error")
