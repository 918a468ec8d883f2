"""The call: faces on the left, people and chat on the right, the truth at the bottom."""

from __future__ import annotations

from collections.abc import Callable
from functools import singledispatchmethod
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Container, Vertical
from textual.events import Key, Paste
from textual.screen import Screen
from textual.widgets import OptionList

from rooms.events import (
    CameraState,
    ChatReceived,
    CodeCompared,
    E2eeState,
    Ended,
    ErrorEvent,
    Event,
    Hosting,
    Joined,
    KeyChanged,
    Knock,
    Knocking,
    KnockWithdrawn,
    MuteState,
    Note,
    ParticipantJoined,
    ParticipantLeft,
    PasscodeShown,
    Reconnected,
    Reconnecting,
    RoomState,
    SpeakingState,
    Stats,
    VerificationCode,
)
from tui import keys, moderation
from tui.ports import AnyEvent, CallPort, Picture
from tui.screens.help import HelpScreen
from tui.screens.link import LinkScreen
from tui.screens.verify import VerifyScreen
from tui.widgets.alarm import AlarmBanner
from tui.widgets.chat import ChatInput, ChatPanel, chat_line, notice
from tui.widgets.grid import VideoGrid
from tui.widgets.knocks import KnockBanner
from tui.widgets.participants import ParticipantsPanel
from tui.widgets.statusline import Phase, Status, StatusLine
from tui.words import alarm, describe

GAIN_STEP = 0.25
SLOW = 400.0
"""Milliseconds; a round trip people notice when they talk. Shorter ones are not worth a look."""


class CallScreen(Screen[None]):
    """Draws one call and turns keys into intents. Works without a call, until it gets one."""

    AUTO_FOCUS = ""
    BINDINGS: ClassVar = [
        *(Binding(action.key, f"do('{action.id}')", action.title) for action in keys.ACTIONS),
        Binding("minus", "softer", "Softer", show=False),
    ]
    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012 - declared so by Textual
        (0, "-w-tiny"),
        (40, "-w-narrow"),
        (72, "-w-normal"),
        (120, "-w-wide"),
    ]
    VERTICAL_BREAKPOINTS = [  # noqa: RUF012 - declared so by Textual
        (0, "-h-tiny"),
        (12, "-h-short"),
        (20, "-h-normal"),
        (34, "-h-tall"),
    ]
    DEFAULT_CSS = """
    CallScreen { background: $background; }
    CallScreen #main { layout: horizontal; height: 1fr; }
    CallScreen #side { width: 32; height: 1fr; margin-left: 1; }
    CallScreen.-w-wide #side { width: 46; }
    CallScreen.-w-narrow #main { layout: vertical; }
    CallScreen.-w-narrow #side, CallScreen.-w-tiny #side { width: 1fr; margin-left: 0; }
    CallScreen.-w-narrow VideoGrid { display: none; height: 45%; }
    CallScreen.-w-narrow.-h-tall VideoGrid { display: block; }
    CallScreen.-w-tiny VideoGrid, CallScreen.-h-short VideoGrid,
    CallScreen.-h-tiny VideoGrid { display: none; }
    CallScreen.-h-tiny ParticipantsPanel { max-height: 100%; height: 1fr; }
    CallScreen.-h-tiny ChatPanel { display: none; }
    CallScreen.-h-tiny.-writing ParticipantsPanel { display: none; }
    CallScreen.-h-tiny.-writing ChatPanel { display: block; }
    """

    def __init__(self, leave: Callable[[], None], *, show_code: bool = False) -> None:
        super().__init__()
        self._show_code = show_code
        self._leave = leave
        self._phase: Phase = "starting"
        self._gains: dict[int, float] = {}
        self._asked: tuple[str, int] | None = None
        self._quality = ""
        self.call_port: CallPort | None = None

    def compose(self) -> ComposeResult:
        """Yield the whole screen."""
        yield AlarmBanner()
        yield KnockBanner()
        with Container(id="main"):
            yield VideoGrid(self._ask_view)
            with Vertical(id="side"):
                yield ParticipantsPanel()
                yield ChatPanel()
        yield StatusLine()

    def attach(self, call: CallPort) -> None:
        """Draw this call from now on."""
        self.call_port = call
        call.listen(self.on_call_event, self.on_call_picture)
        self._refresh_people()

    def on_call_event(self, event: AnyEvent) -> None:
        """Draw what an event changed, and write about it if it is worth a line."""
        shown = isinstance(event, Knock | VerificationCode | E2eeState)  # by banners and a screen
        text = "" if shown else describe(event)
        if text:
            different = isinstance(event, CodeCompared) and not event.same
            loud = different or isinstance(event, ErrorEvent | KeyChanged)
            self._say(text, "$error" if loud else "$foreground-muted")
        self._changed(event)
        self._refresh_status()

    def on_call_picture(self, picture: Picture) -> None:
        """Draw a picture."""
        self.query_one(VideoGrid).picture(picture)

    # --- what each event changes ---

    @singledispatchmethod
    def _changed(self, event: Event) -> None:
        pass

    @_changed.register(Joined)
    @_changed.register(Reconnected)
    @_changed.register(ParticipantJoined)
    @_changed.register(ParticipantLeft)
    @_changed.register(CodeCompared)
    @_changed.register(MuteState)
    @_changed.register(CameraState)
    @_changed.register(SpeakingState)
    @_changed.register(RoomState)
    @_changed.register(Note)  # it may be about somebody who is gone
    def _(self, event: Event) -> None:
        if isinstance(event, Joined | Reconnected):
            self._phase = "in"
            self.query_one(VideoGrid).renew()
        elif isinstance(event, ParticipantJoined):
            self.query_one(VideoGrid).renew(event.participant.leaf)
        self._refresh_people()

    @_changed.register
    def _(self, event: Reconnecting) -> None:
        self._phase = "reconnecting"

    @_changed.register
    def _(self, event: Hosting) -> None:
        self._say("Others join with:")
        self._say(f"sotto join '{event.link}'", "$foreground")
        if self._show_code:
            self.app.push_screen(LinkScreen(event.link, code_first=True))

    @_changed.register
    def _(self, event: PasscodeShown) -> None:
        self._say(event.passcode, "$foreground bold")

    @_changed.register
    def _(self, event: Knocking) -> None:
        self._phase = "knocking"
        self.query_one(VideoGrid).wait("You have knocked.\nA host has to let you in.")

    @_changed.register(Knock)
    @_changed.register(KnockWithdrawn)
    def _(self, event: Event) -> None:
        if self.call_port is not None:
            self.query_one(KnockBanner).show(self.call_port.knocks)

    @_changed.register
    def _(self, event: ChatReceived) -> None:
        self.query_one(ChatPanel).add(chat_line(event))

    @_changed.register
    def _(self, event: E2eeState) -> None:
        self._phase = "stopped" if event.state == "stopped" else "in"
        why, until = alarm(event)
        if self.query_one(AlarmBanner).show(why, until):
            self._say(why, "$error")
        self._refresh_people()
        if self.call_port is not None and isinstance(self.app.screen, VerifyScreen):
            self.call_port.verification.ask()  # the code on the screen is over

    @_changed.register
    def _(self, event: VerificationCode) -> None:
        if isinstance(self.app.screen, VerifyScreen):
            self.call_later(self.app.screen.show, event)
        elif self.call_port is not None:
            self.app.push_screen(VerifyScreen(event, self.call_port.verification.answer))

    @_changed.register
    def _(self, event: Stats) -> None:
        delay = event.round_trip_ms or 0.0
        self._quality = f"slow: {delay:.0f} ms round trip" if delay > SLOW else ""

    @_changed.register
    def _(self, event: Ended) -> None:
        self._phase = "over"

    def _refresh_people(self) -> None:
        people = self.call_port.participants if self.call_port else ()
        self.query_one(ParticipantsPanel).show(people)
        self.query_one(VideoGrid).show(people)
        self._refresh_status()

    def _refresh_status(self) -> None:
        self.query_one(StatusLine).show(self._status())

    def _status(self) -> Status:
        call = self.call_port
        if call is None:
            return Status(phase=self._phase)
        state = call.moderation.state
        return Status(
            phase=self._phase,
            epoch=call.epoch,
            members=len(call.participants),
            has_microphone=call.has_microphone,
            muted=call.muted,
            sending_audio=call.publishing_audio,
            has_camera=call.has_camera,
            camera=call.camera,
            sending_video=call.publishing_video,
            role=call.moderation.role,
            locked=state is not None and state.locked,
            quality=self._quality,
            verified=call.verification.epoch,
            unverified=call.verification.since,
        )

    def _ask_view(self, leaf: int, width: int, height: int) -> None:
        if self.call_port is not None:
            self.call_port.set_view(leaf, width, height)

    def _say(self, text: str, style: str = "$foreground-muted") -> None:
        self.query_one(ChatPanel).add(notice(text, style))

    # --- what keys and typed lines do ---

    def on_chat_panel_written(self, event: ChatPanel.Written) -> None:
        """Write to the room, or carry out a /command."""
        match keys.parse(event.text):
            case keys.Say(text) if self.call_port is not None:
                self.call_port.say(text)
            case keys.Invoke(action, argument):
                self._carry_out(action, argument)
            case keys.Unknown(command):
                self._say(f"There is no {command}; ? shows what there is.")
            case _:
                pass

    def take_stray_key(self, event: Key) -> None:
        """Give the chat line a letter that came in one burst with the key that chose the line.

        Such letters pass the line, which had no focus yet, and their bindings, as it has it now.
        """
        line = self.query_one(ChatInput)
        if self.focused is line and event.is_printable and event.character:
            event.stop()
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
        """Show the chat while it is written in, even where there is no room for both."""
        chat = self.query_one(ChatPanel)
        self.set_class(chat.has_focus_within, "-writing")

    on_descendant_blur = on_descendant_focus

    def action_do(self, name: str) -> None:
        """Carry out the action with this id, on what is marked or shown."""
        action = next(action for action in keys.ACTIONS if action.id == name)
        self._carry_out(action, "")

    def _carry_out(self, action: keys.Action, argument: str) -> None:
        special = getattr(self, f"_do_{action.id}", None)
        if special is not None:
            special(argument)
        elif action.act is not None and self.call_port is not None:
            self._tell(action.act(self.call_port, argument))
        self._refresh_status()

    def _tell(self, text: str) -> None:
        if text:
            self._say(text)

    def _do_chat(self, argument: str) -> None:
        self.query_one(ChatPanel).write(argument)

    def _do_command(self, argument: str) -> None:
        self.query_one(ChatPanel).write("/")

    def _do_help(self, argument: str) -> None:
        self.app.push_screen(HelpScreen())

    def _do_palette(self, argument: str) -> None:
        self.app.action_command_palette()

    def _do_link(self, argument: str) -> None:
        link = self.call_port.link if self.call_port else ""
        if link:
            self.app.push_screen(LinkScreen(link))
        else:
            self._say("There is no link yet.")

    def _do_leave(self, argument: str) -> None:
        self._phase = "leaving"
        self._leave()

    def _do_admit(self, argument: str) -> None:
        self._answer(keys.admit, argument)

    def _do_refuse(self, argument: str) -> None:
        self._answer(keys.refuse, argument)

    def _answer(self, act: Callable[[CallPort, str], str], argument: str) -> None:
        if self.call_port is None:
            return
        if not argument:
            shown = self.query_one(KnockBanner).answerable
            if shown is None:
                self._tell("" if self.call_port.knocks else act(self.call_port, ""))
                return
            argument = f"#{shown.knock}"
        self._tell(act(self.call_port, argument))

    def _do_remove(self, argument: str) -> None:
        self._do_twice(moderation.remove, argument, "x", "remove {}")

    def _do_cohost(self, argument: str) -> None:
        self._do_twice(moderation.cohost, argument, "c", "make {} a cohost")

    def _do_dismiss(self, argument: str) -> None:
        self._do_twice(moderation.dismiss, argument, "d", "make {} a member again")

    def _do_twice(
        self, act: Callable[[CallPort, str], str], argument: str, key: str, what: str
    ) -> None:
        """Do to whom is named, or to whom is marked once the key is pressed again."""
        call, person = self.call_port, self.query_one(ParticipantsPanel).marked
        if call is None:
            return
        if argument:
            self._tell(act(call, argument))
        elif person is None or person.me:
            self._say("Mark somebody first: tab to the list, then up and down.")
        elif self._asked == (key, person.leaf):
            self._asked = None
            self._tell(act(call, f"#{person.leaf}"))
        else:
            self._asked = (key, person.leaf)
            self._say(f"Press {key} again to {what.format(person.name)}.")

    def _do_volume(self, argument: str) -> None:
        if self.call_port is not None and argument:
            self._tell(keys.volume(self.call_port, argument))
        else:
            self._turn(GAIN_STEP)

    def action_softer(self) -> None:
        """Turn the marked participant down."""
        self._turn(-GAIN_STEP)

    def _turn(self, step: float) -> None:
        person = self.query_one(ParticipantsPanel).marked
        if person is None or person.me or self.call_port is None:
            self._say("Mark somebody first: tab to the list, then up and down.")
            return
        gain = min(max(self._gains.get(person.leaf, 1.0) + step, 0.0), keys.MAX_GAIN)
        self._gains[person.leaf] = gain
        self._tell(keys.volume(self.call_port, f"#{person.leaf} {gain * 100:.0f}"))
