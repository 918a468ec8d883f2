"""How a call stands, as facts: the one source for every face, each with words of its own.

What is said about microphone and camera comes from packets that left, not from switches.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from tui.quality import Measure, measures

if TYPE_CHECKING:
    from rooms.events import Role, Suite
    from tui.ports import CallPort

Phase = Literal["starting", "knocking", "in", "stopped", "reconnecting", "leaving", "over"]
Sending = Literal["live", "still", "unsent", "starting", "off", "missing"]
"""live: sent as it should be. still: sent as it should not. unsent: on, yet nothing is sent.

starting: nobody knows yet whether there is one. off: as wanted. missing: there is none.
"""
SENT: Final = ("live", "still")


@dataclass(frozen=True)
class Facts:
    """How it stands. `hearers` are all others who hold the keys of this epoch, gone or not.

    Whoever holds them can read what is sent now, whether their client says that it listens or
    not. `recorders` are the names of those who say that they record, without us; `recording`:
    we do. `link`: what was measured of the connection last.
    """

    phase: Phase = "starting"
    epoch: int = 0
    suite: Suite = "classic"
    sound: Sending = "off"
    picture: Sending = "off"
    hearers: tuple[str, ...] = ()
    recorders: tuple[str, ...] = ()
    recording: bool = False
    verified: int | None = None
    unverified: int = 0
    role: Role = "member"
    locked: bool = False
    link: tuple[Measure, ...] = ()

    @property
    def members(self) -> int:
        """How many hold the keys, with us."""
        return len(self.hearers) + 1

    @property
    def sent(self) -> bool:
        """Whether anything of microphone or camera leaves this machine."""
        return self.sound in SENT or self.picture in SENT

    @classmethod
    def of(cls, call: CallPort) -> Facts:
        """Return how a call stands right now."""
        now, latest, state = phase(call), call.latest, call.moderation.state
        may = now == "in"
        others = [person for person in call.participants if not person.me]
        return cls(
            phase=now,
            epoch=call.epoch,
            suite=latest.keys.suite if latest.keys is not None else "classic",
            sound=_sending(not call.muted, call.publishing_audio, call.has_microphone, may),
            picture=_sending(call.camera, call.publishing_video, call.has_camera, may),
            hearers=tuple(person.name for person in others),
            recorders=tuple(person.name for person in others if person.recording),
            recording=any(person.me and person.recording for person in call.participants),
            verified=call.verification.epoch,
            unverified=call.verification.since,
            role=call.moderation.role,
            locked=state is not None and state.locked,
            link=measures(latest.stats),
        )


def phase(call: CallPort) -> Phase:
    """Return where in its course a call is."""
    latest = call.latest
    if latest.over:
        return "over"
    if latest.away:
        return "reconnecting"
    if not call.participants:
        return "knocking" if latest.knocking else "starting"
    told = latest.keys is not None and latest.keys.state == "stopped"
    return "stopped" if told or call.sending_stopped else "in"


def _sending(on: bool, sent: bool, has: bool | None, may: bool) -> Sending:
    if sent:
        return "live" if on and may else "still"
    if on:
        return "starting" if has is None else "unsent"
    return "missing" if has is False else "off"
