"""Our own knock: a screen of its own over the call until we are in the room."""

from __future__ import annotations

from rooms.events import Ended, Joined, Knocking, LevelState
from tui.ports import AnyEvent, Picture
from tui.screens.knocking import KnockingScreen
from tui.screens.parts.part import Part


class OwnKnock(Part):
    """Opens the screen when we have knocked, and tries microphone and camera while it is open."""

    _window: KnockingScreen | None = None

    def attached(self) -> None:
        """Have pictures of ourselves drawn where they are looked at."""
        if self.call is not None:
            self.call.listen(lambda _: None, self._picture)

    def on_event(self, event: AnyEvent) -> None:
        """Open or close the screen; draw what it shows."""
        match event:
            case Knocking():
                self._open(host_here=event.host_here)
            case LevelState() if self._window is not None:
                self._window.level(event.microphone)
            case Joined() | Ended():
                self._close()
            case _:
                pass

    def _open(self, *, host_here: bool) -> None:
        if self.call is None:
            return
        if self._window is None:
            self._window = KnockingScreen(self.screen, self.call)
            self.screen.app.push_screen(self._window)
            self.call.rehearse(True)
            self.call.set_meters(True)
        self._window.told(host_here=host_here)

    def _close(self) -> None:
        window, self._window = self._window, None
        if window is None or self.call is None:
            return
        self.call.set_meters(False)
        self.call.rehearse(False)
        app = self.screen.app
        while window in app.screen_stack:  # and whatever was opened over it
            app.pop_screen()

    def _picture(self, picture: Picture) -> None:
        if self._window is not None:
            self._window.picture(picture)
