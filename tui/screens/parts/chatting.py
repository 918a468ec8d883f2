"""The chat: what is written and what happens, a line each."""

from __future__ import annotations

from rooms.events import (
    ChatReceived,
    CodeCompared,
    E2eeState,
    ErrorEvent,
    Hosting,
    KeyChanged,
    Knock,
    PasscodeShown,
    RecordingState,
    VerificationCode,
)
from tui.ports import AnyEvent
from tui.screens.parts.part import Does, Part
from tui.widgets.chat import ChatPanel, chat_line
from tui.words import describe

SHOWN_ELSEWHERE = Knock | VerificationCode | E2eeState
"""Events that have a banner or a screen of their own."""


class Chatting(Part):
    """Writes the log, and gives the keyboard to the line."""

    @property
    def does(self) -> Does:
        """Write: a line, or a command."""
        return {
            "chat": lambda text: self.widget(ChatPanel).write(text),
            "command": lambda _: self.widget(ChatPanel).write("/"),
        }

    def on_event(self, event: AnyEvent) -> None:
        """Write about an event if it is worth a line."""
        text = "" if isinstance(event, SHOWN_ELSEWHERE) else describe(event)
        if text:
            self.screen.say(text, "$error" if is_loud(event) else "$foreground-muted")
        match event:
            case ChatReceived():
                self.widget(ChatPanel).add(chat_line(event), event.id)
            case Hosting():
                self.screen.say("Others join with:")
                self.screen.say(f"sotto join '{event.link}'", "$foreground")
            case PasscodeShown():
                self.screen.say(event.passcode, "$foreground bold")
            case _:
                pass


def is_loud(event: AnyEvent) -> bool:
    """Whether a person has to notice a line about an event."""
    match event:
        case CodeCompared():
            return not event.same
        case RecordingState():
            return event.on
        case _:
            return isinstance(event, ErrorEvent | KeyChanged)
