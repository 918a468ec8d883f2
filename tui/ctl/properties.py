"""How a call stands, as values a script can look at and follow."""

from __future__ import annotations

from typing import Literal

from tui.ctl.schema import Properties
from tui.ports import CallPort

State = Literal["joining", "in_room", "reconnecting"]


def properties(call: CallPort, number: int) -> Properties:
    """Return everything that can be observed about the call of a number."""
    people = list(call.participants)
    room = call.moderation.state
    return Properties(
        call=number,
        state=_state(call),
        name=next((person.name for person in people if person.me), ""),
        role=call.moderation.role,
        epoch=call.epoch,
        participants=people,
        knocks=len(call.knocks),
        locked=room is not None and room.locked,
        muted=call.muted,
        camera=call.camera,
        publishing_audio=call.publishing_audio,
        publishing_video=call.publishing_video,
        sending_stopped=call.sending_stopped,
        recording=[person.name for person in people if person.recording],
        speaking=[person.name for person in people if person.speaking],
        quality=call.latest.quality,
        verified=call.verification.epoch,
        since=call.verification.since,
    )


def _state(call: CallPort) -> State:
    if not call.participants:
        return "joining"
    return "reconnecting" if call.latest.away else "in_room"
