"""What was told last of what comes again and again: for whoever asks in between."""

from __future__ import annotations

from rooms.events import (
    AnyEvent,
    E2eeState,
    Ended,
    Joined,
    Knocking,
    QualityState,
    Reconnected,
    Reconnecting,
    Stats,
)
from rooms.flow_events import Quality


class Latest:
    """Keeps the last of its kind. None: nothing was told yet, or it does not hold any more.

    `keys`: whether all agree on the keys; `stats`: how the media flow; `away`: why we are not
    connected to the server, empty while we are; `quality`: how good that connection is for media;
    `knocking`: we wait to be let in; `over`: the call has ended.
    """

    def __init__(self) -> None:
        self.keys: E2eeState | None = None
        self.stats: Stats | None = None
        self.away = ""
        self.quality: Quality = "good"
        self.knocking = self.over = False

    def on_event(self, event: AnyEvent) -> None:
        """Keep what an event says."""
        match event:
            case E2eeState():
                self.keys = event
            case Stats():
                self.stats = event
            case QualityState():
                self.quality = event.quality
            case Reconnecting():
                self.away, self.stats = event.reason, None
            case Reconnected():
                self.away = ""
            case Knocking():
                self.knocking = True
            case Joined():
                self.knocking = False
            case Ended():
                self.over, self.stats = True, None
            case _:
                pass
