"""A robot of the demo: greets, answers whoever addresses it, and says something now and then."""

from __future__ import annotations

import asyncio
import re
from itertools import cycle

from rooms.events import AnyEvent, ChatReceived, Joined, ParticipantJoined
from tui.ports import CallPort

PAUSE = 9.0
"""Seconds between two lines of small talk."""
REPLY_DELAY = 0.8
"""Seconds; an answer at once looks odd."""

_SMALL_TALK = (
    "I am drawn with half blocks, two pixels a cell.",
    "My voice is made up, but its packets are as real as yours.",
    "The server carries all of this and can read none of it.",
    "Write my name and I will answer.",
    "Every epoch has new keys; the line at the bottom counts them.",
    "Press m and nothing of your microphone leaves this machine.",
)
# Replies name nobody, so that two robots never answer each other's answers.
_REPLIES = (
    "I hear you.",
    "That is a good question for somebody who is not a robot.",
    "Loud and clear.",
    "I could not agree more.",
)


class Robot:
    """Decides what to say; says it through the call."""

    def __init__(self, name: str, seed: int) -> None:
        self._me = re.compile(rf"\b{re.escape(name)}\b", re.IGNORECASE)
        turn = seed % len(_SMALL_TALK)
        self._talk = cycle(_SMALL_TALK[turn:] + _SMALL_TALK[:turn])
        self._replies = cycle(_REPLIES[seed % len(_REPLIES) :] + _REPLIES)

    def react(self, event: AnyEvent) -> tuple[float, str] | None:
        """Return the delay in seconds and the line an event calls for, if any."""
        match event:
            case Joined():
                return 0.0, "Hello! I am a robot, do not mind me."
            case ParticipantJoined():
                return REPLY_DELAY, f"Welcome, {event.participant.name}."
            case ChatReceived(mine=False) if self._me.search(event.text):
                return REPLY_DELAY, next(self._replies)
            case _:
                return None

    def small_talk(self) -> str:
        """Return the next line of small talk."""
        return next(self._talk)

    async def live(self, call: CallPort) -> None:
        """React to events and talk until cancelled."""
        joined = asyncio.Event()
        loop = asyncio.get_running_loop()

        def on_event(event: AnyEvent) -> None:
            reaction = self.react(event)
            if isinstance(event, Joined):
                joined.set()
            if reaction is not None:
                loop.call_later(reaction[0], call.say, reaction[1])

        call.listen(on_event)
        await joined.wait()
        while True:
            await asyncio.sleep(PAUSE)
            call.say(self.small_talk())
