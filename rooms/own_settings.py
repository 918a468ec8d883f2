"""The person's settings while a program runs: read once, changed in the file, told to listeners."""

from __future__ import annotations

from collections.abc import Callable

from rooms.settings import Settings, keep


class OwnSettings:
    """Implements `tui.ports.SettingsPort`. Raises `SettingsError` if they cannot be read."""

    def __init__(self) -> None:
        self._now = Settings.load()
        self._listeners: list[Callable[[Settings], None]] = []

    @property
    def now(self) -> Settings:
        """The settings there are, as this program read or wrote them last."""
        return self._now

    def keep(self, name: str, value: bool | str | None) -> None:
        """Set one, or `keys.ACTION`; None unsets it. Raises `SettingsError`; nothing changed then.

        What another program wrote meanwhile counts from then on, too.
        """
        self._now = keep(name, value)
        for listener in self._listeners:
            listener(self._now)

    def listen(self, on_change: Callable[[Settings], None]) -> None:
        """Register a listener for changes."""
        self._listeners.append(on_change)
