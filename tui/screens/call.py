"""The call: faces on the left, people and chat on the right, the truth at the bottom."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeVar

from textual.app import ComposeResult
from textual.containers import Container
from textual.events import Key, Paste
from textual.widgets import OptionList

from tui import keys
from tui.actions import ACTIONS, Action
from tui.errors import ActionError, in_a_sentence
from tui.keyboard import KeyReleased
from tui.own import Own
from tui.ports import AnyEvent, CallPort, Picture
from tui.screens.acting import ActingScreen, bindings
from tui.screens.parts import PARTS, Part
from tui.screens.parts.chatting import Chatting
from tui.widgets.alarm import AlarmBanner
from tui.widgets.chat import ChatPanel, notice
from tui.widgets.chat_input import ChatInput
from tui.widgets.chat_log import ChatLog
from tui.widgets.grid import VideoGrid
from tui.widgets.knocks import KnockBanner
from tui.widgets.participants import ParticipantsPanel
from tui.widgets.stage import Stage
from tui.widgets.statusline import TALL, StatusLine
from tui.widgets.toasts import CallToasts

P = TypeVar("P", bound=Part)


class CallScreen(ActingScreen):
    """Draws one call and turns keys into intents. Works without a call, until it gets one.

    What is drawn and done is in its parts, one for each feature; `show_code`: open the QR code of
    the link as soon as there is one.
    """

    AUTO_FOCUS = ""
    BINDINGS = bindings(ACTIONS)
    VERTICAL_BREAKPOINTS = [(0, "-low"), (TALL, "-tall")]  # noqa: RUF012 - Textual's
    DEFAULT_CSS = """
    CallScreen { background: $background; }
    CallScreen #scene { height: 1fr; layers: default toasts; }
    """

    def __init__(self, own: Own, leave: Callable[[], None], *, show_code: bool = False) -> None:
        super().__init__(ACTIONS)
        self.own = own
        self.leave = leave
        self.show_code = show_code
        self.call_port: CallPort | None = None
        self.talk_key = ""
        self._parts = [kind(self) for kind in PARTS]
        acts = {action.id: partial(self.act, action) for action in ACTIONS if action.act}
        self.does = {**acts, **{name: do for part in self._parts for name, do in part.does.items()}}

    def compose(self) -> ComposeResult:
        """Yield the whole screen."""
        yield AlarmBanner()
        yield KnockBanner()
        with Container(id="scene"):
            yield Stage(VideoGrid(self._ask_view), ParticipantsPanel(), ChatPanel())
            yield CallToasts()
        yield StatusLine()

    def part(self, kind: type[P]) -> P:
        """Return a part by its class."""
        return next(part for part in self._parts if isinstance(part, kind))

    def attach(self, call: CallPort) -> None:
        """Draw this call from now on."""
        self.call_port = call
        call.listen(self.on_call_event, self.on_call_picture)
        for part in self._parts:
            part.attached()

    def on_call_event(self, event: AnyEvent) -> None:
        """Have every part draw what an event changed."""
        for part in self._parts:
            part.on_event(event)

    def on_call_picture(self, picture: Picture) -> None:
        """Draw a picture."""
        self.query_one(VideoGrid).picture(picture)

    def _ask_view(self, leaf: int, width: int, height: int) -> None:
        if self.call_port is not None:
            self.call_port.set_view(leaf, width, height)

    def say(self, text: str, style: str = "$foreground-muted") -> None:
        """Write a line for the person about something that happened."""
        self.query_one(ChatPanel).add(notice(text, style))

    # --- what keys and typed lines do ---

    def carry_out(self, name: str, argument: str = "") -> None:
        """Do it as a part does on this screen, or else as the action does by itself."""
        try:
            super().carry_out(name, argument)
        except ActionError as error:
            self.say(in_a_sentence(error))
        self.acted()

    def acted(self) -> None:
        """Have every part draw what was done."""
        for part in self._parts:
            part.acted()

    def act(self, action: Action, argument: str) -> None:
        """Do what an action does itself, and write what it answers."""
        if action.act is None or self.call_port is None:
            return
        if answer := keys.carry_out(self.call_port, action, argument):
            self.say(answer)

    def on_chat_panel_written(self, event: ChatPanel.Written) -> None:
        """Write to the room, or carry out a /command."""
        match keys.parse(event.text):
            case keys.Say(text) if self.call_port is not None:
                self.call_port.say(text, event.answers)
            case keys.Invoke(action, argument):
                self.carry_out(action.id, argument)
            case keys.Unknown(command):
                self.say(f"There is no {command}; {self.keymap.name('help')} shows what there is.")
            case _:
                pass

    def on_chat_log_chosen(self, event: ChatLog.Chosen) -> None:
        """Answer the line that was chosen, or write."""
        event.stop()
        self.carry_out("reply" if event.key else "chat")

    def on_chat_input_pasted(self, event: ChatInput.Pasted) -> None:
        """Ask what is to become of many lines."""
        event.stop()
        self.part(Chatting).pasted(event.text)

    def on_key_released(self, event: KeyReleased) -> None:
        """Tell every part of a key that was released."""
        for part in self._parts:
            part.on_key_released(event)

    def let_go(self) -> None:
        """Stop what lasts only while somebody is at the keys of this screen."""
        for part in self._parts:
            part.let_go()

    def step_out(self) -> None:
        """Stop what goes on while nobody watches."""
        for part in self._parts:
            part.step_out()

    def on_screen_suspend(self) -> None:
        """Let go when another screen takes the keys."""
        self.let_go()

    def on_mount(self) -> None:
        """Notice when the person comes back to the terminal."""
        self.watch(self.app, "app_focus", self.on_screen_resume, init=False)

    def on_screen_resume(self) -> None:
        """Have every part know that the person looks here again, if they do."""
        if self.app.app_focus:
            for part in self._parts:
                part.back()

    def take_stray_key(self, event: Key) -> None:
        """Take a key that means no action: one for a part, or a letter for the chat line.

        A letter that came in one burst with the key that chose the line passed the line, which had
        no focus yet, and its bindings, as it has it now.
        """
        line = self.query_one(ChatInput)
        if not self.is_active:
            return
        if self.focused is not line:
            for part in self._parts:
                part.on_key(event)
        elif event.is_printable and event.character:
            line.insert_text_at_cursor(event.character)

    def on_paste(self, event: Paste) -> None:
        """Give the chat line what was pasted while something else had the keys."""
        event.stop()
        self.query_one(ChatPanel).paste(event.text)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Enter writes in the chat, also from the participants panel."""
        event.stop()
        self.query_one(ChatPanel).write()

    def on_descendant_focus(self) -> None:
        """Have every part draw what having the keys elsewhere changes."""
        if self.query_one(ChatPanel).has_focus_within:
            self.let_go()
        self.acted()

    on_descendant_blur = on_descendant_focus
