"""The command palette: every action of the screen that is open."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content

from tui.screens.acting import ActingScreen

IN_HELP: Final = 0.01
"""Score of what has the words in its help only: less than any title has."""


class ActionCommands(Provider):
    """Offers the actions of the topmost screen that has any."""

    def entries(self) -> list[tuple[str, str, Callable[[], None]]]:
        """Return title, help and what to do, of each."""
        screens = (s for s in reversed(self.app.screen_stack) if isinstance(s, ActingScreen))
        screen = next(screens)

        def doer(name: str) -> Callable[[], None]:
            return lambda: screen.action_do(name)

        return [
            (action.title, action.help, doer(action.id))
            for action in screen.actions
            if action.id != "palette"
        ]

    async def discover(self) -> Hits:
        """Yield everything, before anything is typed."""
        for title, text, command in self.entries():
            yield DiscoveryHit(Content(title), command, help=text)

    async def search(self, query: str) -> Hits:
        """Yield what matches: titles by their letters, before help that has the words."""
        matcher = self.matcher(query)
        for title, text, command in self.entries():
            score = matcher.match(title) or IN_HELP * (query.casefold() in text.casefold())
            if score > 0:
                yield Hit(score, matcher.highlight(title), command, help=text)
