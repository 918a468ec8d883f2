"""The people: their faces, the list of them, and what is done to whom is marked."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.timer import Timer

from rooms.events import (
    BotState,
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
from tui.actions import ACTIONS, Action, people, room, view
from tui.cast import Cast
from tui.errors import NotFoundError
from tui.finding import find_participant
from tui.ports import AnyEvent, Participant
from tui.screens.parts.part import Does, Part
from tui.widgets.chat import ChatPanel
from tui.widgets.grid import VideoGrid
from tui.widgets.participants import ParticipantsPanel
from tui.widgets.stage import Stage

if TYPE_CHECKING:
    from tui.screens.call import CallScreen

MARK = "mark somebody first: with the digit before the name, or tab, then up and down"
_CHANGES = (
    CodeCompared
    | E2eeState
    | Joined
    | MuteState
    | Note  # it may be about somebody who is gone
    | ParticipantJoined
    | ParticipantLeft
    | Reconnected
    | RecordingState
    | BotState
    | RoomState
    | SpeakingState
)


class People(Part):
    """Draws everybody; remembers what was asked for once, and for whom."""

    def __init__(self, screen: CallScreen) -> None:
        super().__init__(screen)
        self._cast = Cast()
        self._asked: tuple[str, int] | None = None
        self._due = False
        self._look: Timer | None = None

    @property
    def does(self) -> Does:
        """Do it to whom is marked, where nobody is named."""
        twice = {action.id: self._twice(action) for action in ACTIONS if action.twice}
        return {
            **twice,
            people.LOUDER.id: self._turn(people.LOUDER),
            people.SOFTER.id: self._turn(people.SOFTER),
            view.PIN.id: self._pin,
            view.VIEW.id: lambda _: self._cast.turn(),
            view.NAMES.id: lambda _: self._stage.turn("people"),
            view.WIDE.id: lambda _: self._stage.turn("wide_chat"),
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
        if isinstance(event, CameraState):
            self._draw()  # at once: what is shown of somebody after that is too much
        elif isinstance(event, _CHANGES):
            self.refresh()

    def acted(self) -> None:
        """Draw what an action changed."""
        self._stage.wish(writing=self.widget(ChatPanel).has_focus_within)
        self.refresh()

    def refresh(self) -> None:
        """Have everybody drawn soon, once for all that happens until then."""
        if not self._due:
            self._due = True
            self.screen.call_later(self._draw)

    def _draw(self) -> None:
        self._due = False
        everybody = self.call.participants if self.call else ()
        volume = self.call.volume if self.call else lambda leaf: 1.0
        scene = self._cast.look(everybody, time.monotonic(), volume)
        self.widget(ParticipantsPanel).show(scene.everybody)
        marked, grid = self._marked, self.widget(VideoGrid)
        if len(everybody) == 1:
            grid.wait(self._alone())
        grid.show(scene, marked.leaf if marked else None)
        self._stage.wish(rows=len(everybody))
        self._look_again()

    def _alone(self) -> str:
        """Say how others come in, while nobody has."""
        name = self.screen.keymap.name
        link, words = name(room.LINK.id) or "/link", name(room.PASSCODE.id) or "/passcode"
        text = f"Nobody else is here yet.\n\n{link} shows the link others join with"
        if self.call is not None and self.call.moderation.role == "host":
            text += f",\n{words} shows words to say aloud instead"
        return f"{text}."

    def _look_again(self) -> None:
        """Draw again when the scene changes by itself."""
        if self._look is not None:
            self._look.stop()
        at, self._look = self._cast.next_look, None
        if at is not None:
            self._look = self.later(at - time.monotonic(), self.refresh)

    @property
    def _stage(self) -> Stage:
        return self.widget(Stage)

    def _pin(self, argument: str) -> None:
        """Mark whoever has a digit, or pin who is marked already, or named."""
        seen = self.widget(ParticipantsPanel).people
        found = next((one.person for one in seen if str(one.digit) == argument != "0"), None)
        marked = self._marked
        if found is not None and (marked is None or marked.leaf != found.leaf):
            self.widget(ParticipantsPanel).mark(found.leaf)
            return
        person = found or (find_participant([one.person for one in seen], argument or self._whom))
        self._cast.pin(person.leaf)

    @property
    def _whom(self) -> str:
        """How an action is told who is marked. Raises `NotFoundError`."""
        if self._marked is None:
            raise NotFoundError(MARK)
        return f"#{self._marked.leaf}"

    @property
    def _marked(self) -> Participant | None:
        """Somebody else the cursor of the list is on."""
        marked = self.widget(ParticipantsPanel).marked
        return None if marked is None or marked.me else marked

    def _twice(self, action: Action) -> Callable[[str], None]:
        """Return what does it to whom is named, or to whom is marked once it is asked again."""

        def do(argument: str) -> None:
            person = self._marked
            if argument or person is None:
                self.screen.act(action, argument or self._whom)
            elif self._asked == (action.id, person.leaf):
                self._asked = None
                self.screen.act(action, self._whom)
            else:
                self._asked = (action.id, person.leaf)
                key = self.screen.keymap.name(action.id)
                self.screen.say(f"Press {key} again to {action.twice.format(person.name)}.")

        return do

    def _turn(self, action: Action) -> Callable[[str], None]:
        """Return what turns whoever is named, or else marked, up or down."""
        return lambda argument: self.screen.act(action, argument or self._whom)
