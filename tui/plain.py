"""The plain face: whole lines, one after the other, for screen readers and simple terminals.

Each line starts with what matters, and nothing is ever moved, drawn or coloured. What screens do
by keys is done by /commands, what they show all the time is told by /people and /status.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Final, TextIO

from rooms.events import (
    AnyEvent,
    ChatReceived,
    E2eeState,
    ErrorEvent,
    Hosting,
    Joined,
    KeyChanged,
    Knock,
    KnockWithdrawn,
    MuteState,
    PasscodeShown,
    PublishingState,
    SpeakingState,
    VerificationCode,
)
from tui import keys, own_lines, tty
from tui.applying import Applying
from tui.cli.exits import Exit
from tui.conduct import Limits, Opener, Outcome, Stop, conduct
from tui.lines import lines
from tui.narrator import Narrator, theirs
from tui.own import Own
from tui.pen import Pen

WELCOME: Final = "Type a line to write it, /help for what else there is, /leave to end."
TIMES, SPEAKING = "/times", "/speaking"
_URGENT: Final = E2eeState | ErrorEvent | KeyChanged | Knock
_SWITCHES: Final = {
    TIMES: ("Lines end with the time.", "Lines have no time."),
    SPEAKING: ("You are told who speaks.", "You are not told who speaks."),
}
_HELP: Final = (
    "/privacy: every setting about what others learn, and what it costs.",
    "/set NAME VALUE: change a setting.",
    "/ledger: every address contacted, and what it could read.",
    f"{TIMES} on|off: say when, at the end of each line.",
    f"{SPEAKING} on|off: say who speaks.",
)


class Plain:
    """Writes on `out`. `announce`: say the link of a room we host.

    `terminal` is the one keys are taken from, if it shows `out`, too; else lines are read from
    standard input as they come, and `leaves` says whether its end ends the call.
    """

    def __init__(
        self,
        out: TextIO,
        own: Own,
        *,
        announce: bool = True,
        terminal: int | None = None,
        typed: AsyncGenerator[str, None] | None = None,
        leaves: bool = False,
    ) -> None:
        self._out = out
        self._own = own
        self._announce = announce
        self._terminal = terminal
        self._typed = typed
        self._leaves = leaves or terminal is not None
        self._on = {TIMES: False, SPEAKING: False}
        self._sent = (False, False)
        self._waiting: dict[int, str] = {}
        self._acting = False

    async def run(self, opener: Opener, limits: Limits, stop: Stop) -> Outcome:
        """Hold the call; return how it ended. Raises what `opener` and the call raise."""
        self._stop = stop
        self._narrator = Narrator(stop)
        self._pen = Pen(self._out, self._lost)
        self._pen.write(WELCOME)
        try:
            async with opener() as call:
                self._call = call
                settings = self._own.settings
                settings.listen(Applying(settings.now, lambda: call).changed)
                call.listen(self.on_event)
                reading = asyncio.ensure_future(self._read())
                try:
                    outcome = await conduct(call, limits, stop)
                finally:
                    reading.cancel()
                    await asyncio.wait([reading])
        finally:
            self._pen.close()
        told = outcome.message and outcome.message == self._narrator.last_error
        return Outcome(outcome.code) if told else outcome

    def _lost(self, error: Exception) -> None:
        self._stop.ask(Outcome(Exit.PERSON, "standard output cannot be written"))

    # --- what is typed ---

    async def _read(self) -> None:
        """Carry out what is typed; a script's lines wait until somebody can read them."""
        if self._terminal is not None:
            typed = tty.lines(self._pen, self._let_go, self._terminal)
        else:
            typed = self._typed or lines()
            await self._joined()
        async with aclosing(typed) as coming:
            async for line in coming:
                self._take(line)
        if self._leaves:
            self._call.leave()

    async def _joined(self) -> None:
        joined = asyncio.Event()
        self._call.listen(lambda event: joined.set() if isinstance(event, Joined) else None)
        await joined.wait()

    def _take(self, line: str) -> None:
        """Carry out a typed line: one of our own commands, or an action of every face."""
        self._acting = True
        answer = self._answer(line)
        self._acting = False
        if answer:
            self._pen.write(answer)

    def _answer(self, line: str) -> str:
        command, _, argument = line.strip().lower().partition(" ")
        match command:
            case "/times" | "/speaking":
                return self._switch(command, argument.strip())
            case "/privacy" | "/settings":
                return own_lines.privacy(self._own.settings)
            case "/set":
                return own_lines.change(self._own.settings, argument.strip())
            case "/ledger":
                return own_lines.usage(self._own.ledger)
            case "/help" if not argument:
                return "\n".join([keys.perform(self._call, line), *_HELP])
            case _:
                return keys.perform(self._call, line)

    def _switch(self, name: str, argument: str) -> str:
        if argument not in {"on", "off"}:
            return f"Say {name} on, or {name} off."
        self._on[name] = argument == "on"
        return _SWITCHES[name][argument == "off"]

    def _let_go(self) -> None:
        """Be neither heard nor seen while the process stands still."""
        self._call.set_muted(True)
        self._call.set_camera(False)
        self._pen.write("Stopped. When you continue, you are muted and your camera is off.")

    # --- what happens ---

    def on_event(self, event: AnyEvent) -> None:
        """Write what there is to say about an event."""
        if isinstance(event, Knock):  # whoever is let in by itself is so right after this
            asyncio.get_running_loop().call_soon(self._tell, event)
        else:
            self._tell(event)

    def _tell(self, event: AnyEvent) -> None:
        text = self._words(event)
        if text and self._on[TIMES]:
            text += f" ({event.time.astimezone():%H:%M})"
        if text:
            self._pen.write(text, urgent=isinstance(event, _URGENT))

    def _words(self, event: AnyEvent) -> str:
        text = self._narrator.line(event)
        match event:
            case Hosting() if self._announce:
                text += f" Others join with: sotto join '{event.link}'"
            case PasscodeShown():
                text = f"The passcode is {event.passcode}. {text}"
            case Knock():
                text = f"{text} Type {answers(event)}." if event in self._call.knocks else ""
                self._waiting |= {event.knock: event.name} if text else {}
            case KnockWithdrawn(knock=number):
                name = self._waiting.pop(number, "")
                gone = theirs(name, f"{name} does not knock any more.")
                text = gone if name and not self._acting else ""
            case VerificationCode():
                text = spelled(event)
            case ChatReceived(mine=True) if self._terminal is not None:
                text = ""  # it is there already, as it was typed
            case MuteState() if self._is_me(event.leaf):
                muted = "" if self._call.has_microphone is False else "You are muted."
                text = muted if event.muted else "You are not muted."
            case PublishingState():
                text = self._leaving(event)
            case SpeakingState(on=True) if self._on[SPEAKING]:
                text = theirs(event.name, f"{event.name} is speaking.")
        return text

    def _is_me(self, leaf: int) -> bool:
        return any(person.me and person.leaf == leaf for person in self._call.participants)

    def _leaving(self, event: PublishingState) -> str:
        """Say what begins to leave this machine, or ends, of what is really sent."""
        before, self._sent = self._sent, (event.audio, event.video)
        said = []
        if event.audio != before[0]:
            said.append("You can be heard now." if event.audio else "No sound of yours is sent.")
        if event.video != before[1]:
            said.append("You can be seen now." if event.video else "No picture of yours is sent.")
        return " ".join(said)


def answers(knock: Knock) -> str:
    """Return what to type about a knock: its number, as two may choose one name, or `all`."""
    return f"/admit #{knock.knock}, or /refuse #{knock.knock}"


def spelled(code: VerificationCode) -> str:
    """Return a code to be read aloud: digit by digit, and a comma after each group and word."""
    digits = ", ".join(" ".join(group) for group in code.digits)
    return (
        f"The verification code of epoch {code.epoch}.\n"
        f"Digits: {digits}.\n"
        f"Or words: {', '.join(code.words)}.\n"
        "Compare the digits or the words by voice, then type /verify same or /verify different."
    )
