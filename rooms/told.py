"""What a session tells: to whom, and what of it is kept for a face that is drawn anew."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Final

from media.control import Picture
from rooms import events
from rooms.latest import Latest
from rooms.quality import QualityJudge

CHAT_KEPT: Final = 1000
"""Lines kept for a face that is drawn anew."""

OnEvent = Callable[[events.AnyEvent], None]
OnPicture = Callable[[Picture], None]


class Told:
    """The listeners of a session. `chat`: the last lines; `knocks`: those undecided, by number."""

    def __init__(self) -> None:
        self.latest = Latest()
        self.knocks: dict[int, events.Knock] = {}
        self.chat: deque[events.ChatReceived] = deque(maxlen=CHAT_KEPT)
        self._quality = QualityJudge()
        self._listeners: list[tuple[OnEvent, OnPicture | None]] = []

    def listen(self, on_event: OnEvent, on_picture: OnPicture | None = None) -> None:
        """Register a listener."""
        self._listeners.append((on_event, on_picture))

    def tell(self, event: events.AnyEvent) -> None:
        """Tell everybody, in the order they came; then what follows from it."""
        self._keep(event)
        for on_event, _ in self._listeners:
            on_event(event)
        if isinstance(event, events.Stats) and (news := self._quality.judge(event)) is not None:
            self.tell(news)

    def show(self, picture: Picture) -> None:
        """Show a picture to whoever looks."""
        for _, on_picture in self._listeners:
            if on_picture is not None:
                on_picture(picture)

    def _keep(self, event: events.AnyEvent) -> None:
        self.latest.on_event(event)
        match event:
            case events.Knock():
                self.knocks[event.knock] = event
            case events.KnockWithdrawn():
                self.knocks.pop(event.knock, None)
            case events.ChatReceived():
                self.chat.append(event)
            case _:
                pass
