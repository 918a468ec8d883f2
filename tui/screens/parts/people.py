"""The people: their faces, the list of them, and what is done to whom is marked."""

from __future__ import annotations

from collections.abc import Callable

from rooms.events import (
    CameraState,
    CodeCompared,
    E2eeState,
    Joined,
    MuteState,
    Note,
    ParticipantJoined,
    ParticipantLeft,
    Reconnected,
    RecordingState,
    RoomState,
    SpeakingState,
)
from tui.actions import ACTIONS, Action, people
from tui.ports import AnyEvent, Participant
from tui.screens.parts.part import Does, Part
from tui.widgets.grid import VideoGrid
from tui.widgets.participants import ParticipantsPanel

MARK = "Mark somebody first: tab to the list, then up and down."
_CHANGES = (
    CameraState
    | CodeCompared
    | E2eeState
    | Joined
    | MuteState
    | Note  # it may be about somebody who is gone
    | ParticipantJoined
    | ParticipantLeft
    | Reconnected
    | RecordingState
    | RoomState
    | SpeakingState
)


class People(Part):
    """Draws everybody; remembers whose removal was asked for once."""

    _asked: tuple[str, int] | None = None

    @property
    def does(self) -> Does:
        """Do it to whom is marked, where nobody is named."""
        twice = {action.id: self._twice(action) for action in ACTIONS if action.twice}
        return {
            **twice,
            people.LOUDER.id: self._turn(people.LOUDER),
            people.SOFTER.id: self._turn(people.SOFTER),
        }

    def attached(self) -> None:
        """Draw who is there."""
        self.refresh()

    def on_event(self, event: AnyEvent) -> None:
        """Draw everybody again if something about somebody changed."""
        if isinstance(event, Joined | Reconnected):
            self.widget(VideoGrid).renew()
        elif isinstance(event, ParticipantJoined):
            self.widget(VideoGrid).renew(event.participant.leaf)
        if isinstance(event, _CHANGES):
            self.refresh()

    def refresh(self) -> None:
        """Draw everybody."""
        everybody = self.call.participants if self.call else ()
        self.widget(ParticipantsPanel).show(everybody)
        self.widget(VideoGrid).show(everybody)

    @property
    def _marked(self) -> Participant | None:
        """Somebody else the cursor of the list is on."""
        marked = self.widget(ParticipantsPanel).marked
        return None if marked is None or marked.me else marked

    def _twice(self, action: Action) -> Callable[[str], None]:
        """Return what does it to whom is named, or to whom is marked once it is asked again."""

        def do(argument: str) -> None:
            person = self._marked
            if argument:
                self.screen.act(action, argument)
            elif person is None:
                self.screen.say(MARK)
            elif self._asked == (action.id, person.leaf):
                self._asked = None
                self.screen.act(action, f"#{person.leaf}")
            else:
                self._asked = (action.id, person.leaf)
                key = self.screen.keymap.name(action.id)
                self.screen.say(f"Press {key} again to {action.twice.format(person.name)}.")

        return do

    def _turn(self, action: Action) -> Callable[[str], None]:
        """Return what turns whoever is named, or else marked, up or down."""

        def do(argument: str) -> None:
            person = self._marked
            if argument or person is not None:
                self.screen.act(action, argument or f"#{person.leaf if person else 0}")
            else:
                self.screen.say(MARK)

        return do
