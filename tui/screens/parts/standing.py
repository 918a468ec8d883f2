"""How the call stands: the line at the bottom, and the red banner while nothing is sent."""

from __future__ import annotations

from rooms.events import E2eeState, Ended, Joined, Knocking, Reconnected, Reconnecting, Stats
from tui.ports import AnyEvent
from tui.screens.parts.part import Does, Part
from tui.widgets.alarm import AlarmBanner
from tui.widgets.statusline import Phase, Status, StatusLine
from tui.words import alarm

SLOW = 400.0
"""Milliseconds; a round trip people notice when they talk. Shorter ones are not worth a look."""


class Standing(Part):
    """Draws what is true right now."""

    _phase: Phase = "starting"
    _quality = ""

    @property
    def does(self) -> Does:
        """Leave, and say so until it is done."""
        return {"leave": self._leave}

    def attached(self) -> None:
        """Draw how it stands."""
        self.refresh()

    def on_event(self, event: AnyEvent) -> None:
        """Draw how it stands now."""
        match event:
            case Knocking():
                self._phase = "knocking"
            case Joined() | Reconnected():
                self._phase = "in"
            case Reconnecting():
                self._phase = "reconnecting"
            case E2eeState():
                self._agreement(event)
            case Stats():
                delay = event.round_trip_ms or 0.0
                self._quality = f"slow: {delay:.0f} ms round trip" if delay > SLOW else ""
            case Ended():
                self._phase = "over"
            case _:
                pass
        self.refresh()

    def acted(self) -> None:
        """Draw what an action changed."""
        self.refresh()

    def refresh(self) -> None:
        """Draw the line at the bottom."""
        self.widget(StatusLine).show(self._status())

    def _leave(self, argument: str) -> None:
        self._phase = "leaving"
        self.screen.leave()

    def _agreement(self, event: E2eeState) -> None:
        self._phase = "stopped" if event.state == "stopped" else "in"
        why, until = alarm(event)
        if self.widget(AlarmBanner).show(why, until):
            self.screen.say(why, "$error")

    def _status(self) -> Status:
        call = self.call
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
            talk_key=self.screen.talk_key,
            verified=call.verification.epoch,
            unverified=call.verification.since,
        )
