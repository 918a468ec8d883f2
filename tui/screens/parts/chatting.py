"""The chat: what is written and what happens, a line each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from rooms.events import (
    ChatHistory,
    ChatReceived,
    CodeCompared,
    E2eeState,
    ErrorEvent,
    FileDone,
    FileFailed,
    FileOffered,
    Hosting,
    Joined,
    KeyChanged,
    Knock,
    ParticipantJoined,
    ParticipantLeft,
    PasscodeShown,
    Reaction,
    Reconnected,
    RecordingState,
    VerificationCode,
)
from tui.actions import talk
from tui.ports import AnyEvent, CallPort
from tui.screens.parts.part import Does, Part
from tui.screens.pasting import How, PasteScreen
from tui.screens.reacting import ReactScreen
from tui.thread import Thread
from tui.widgets.chat import ChatPanel
from tui.widgets.chat_input import ChatInput
from tui.widgets.chat_log import ChatLog
from tui.widgets.chat_text import chat_line, first_words, kept_line
from tui.words import describe

if TYPE_CHECKING:
    from tui.screens.call import CallScreen

SHOWN_ELSEWHERE = (
    Knock | Reaction | VerificationCode | E2eeState | FileOffered | FileDone | FileFailed
)
"""Events that have a banner, a screen or a place of their own."""


class Chatting(Part):
    """Writes the log, keeps what was written by id, and gives the keyboard to the line."""

    def __init__(self, screen: CallScreen) -> None:
        super().__init__(screen)
        self._thread = Thread()
        self._away = False
        """Whether something came while the person looked elsewhere."""

    @property
    def does(self) -> Does:
        """Write: a line, a command, an answer, a reaction."""
        return {
            "chat": lambda text: self.widget(ChatPanel).write(text),
            "command": lambda _: self.widget(ChatPanel).write("/"),
            talk.REPLY.id: self._reply,
            talk.REACT.id: self._react,
        }

    def on_event(self, event: AnyEvent) -> None:
        """Write about an event if it is worth a line."""
        text = "" if isinstance(event, SHOWN_ELSEWHERE) else describe(event)
        if text:
            self.screen.say(text, "$error" if is_loud(event) else "$foreground-muted")
        match event:
            case ChatReceived():
                self._written(event)
            case ChatHistory():
                self.widget(ChatPanel).before([kept_line(line) for line in event.lines])
            case Reaction():
                self._reacted(event)
            case Joined() | Reconnected() | ParticipantJoined() | ParticipantLeft():
                self._know()
            case Hosting():
                self.screen.say("Others join with:")
                self.screen.say(f"sotto join '{event.link}'", "$foreground")
            case PasscodeShown():
                self.screen.say(event.passcode, "$foreground bold")
            case _:
                pass

    # --- what comes ---

    @property
    def _me(self) -> str:
        people = self.call.participants if self.call else ()
        return next((person.name for person in people if person.me), "")

    def _written(self, line: ChatReceived) -> None:
        self.came(mine=line.mine)
        self._thread.add(line)
        self.widget(ChatPanel).add(self._drawn(line), line.id)

    def came(self, *, mine: bool) -> None:
        """Count what comes as unread while the person looks elsewhere; to be told before."""
        panel = self.widget(ChatPanel)
        if not mine and self._elsewhere:
            panel.unread(first=not self._away)
            self._away = True
        elif self._away:
            self._away = False
            panel.seen()

    @property
    def _elsewhere(self) -> bool:
        """Whether the person looks at another window, or another screen of ours."""
        return not (self.screen.app.app_focus and self.screen.is_active)

    def back(self) -> None:
        """Note that the person looks here again."""
        self._away = False
        self.widget(ChatPanel).seen()

    def _reacted(self, reaction: Reaction) -> None:
        line = self._thread.line(reaction.chat)
        if line is not None and self._thread.react(reaction):
            self.widget(ChatLog).replace(line.id, self._drawn(line))

    def _drawn(self, line: ChatReceived) -> Content:
        return chat_line(
            line,
            me=self._me,
            quoted=self._thread.line(line.reply_to),
            reactions=self._thread.reactions(line.id),
        )

    # --- what is done ---

    def _know(self) -> None:
        """Know whom a line may name now."""
        people = self.call.participants if self.call else ()
        self.widget(ChatPanel).know([person.name for person in people if not person.me])

    def _target(self, call: CallPort) -> ChatReceived:
        """Return the marked line, or the last one of somebody else. Raises `NotFoundError`."""
        return self._thread.line(self.widget(ChatLog).marked) or talk.last_of_others(call)

    def _reply(self, argument: str) -> None:
        if self.call is None:
            return
        line = self._target(self.call)
        if argument:
            self.call.say(argument, line.id)
        else:
            self.widget(ChatPanel).answer(line.id, line.name, line.text)

    def _react(self, argument: str) -> None:
        if self.call is None:
            return
        line = self._target(self.call)
        key, called = line.id, f"{line.name}: {first_words(line.text, 30)}"
        if argument:
            self._react_to(key, argument)
        else:
            self.screen.app.push_screen(ReactScreen(called), lambda name: self._react_to(key, name))

    def _react_to(self, key: str, emoji: str | None) -> None:
        """React, or take back a reaction that is ours already."""
        if emoji is None or self.call is None:
            return
        emoji = talk.EMOJI.get(emoji, emoji)
        mine = self._me in self._thread.reactions(key).get(emoji, ())
        self.call.react(key, emoji, not mine)

    def pasted(self, text: str) -> None:
        """Ask what is to become of many lines."""

        def do(how: How | None) -> None:
            if how == "send" and self.call is not None:
                self.call.say(text)
            elif how == "join":
                self.widget(ChatPanel).write()
                self.widget(ChatInput).put_in(" ".join(text.splitlines()))

        self.screen.app.push_screen(PasteScreen(text), do)


def is_loud(event: AnyEvent) -> bool:
    """Whether a person has to notice a line about an event."""
    match event:
        case CodeCompared():
            return not event.same
        case RecordingState():
            return event.on
        case _:
            return isinstance(event, ErrorEvent | KeyChanged)
