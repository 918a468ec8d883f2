"""The help screen: one line an action, from the actions themselves."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from tui.keys import ACTIONS, Action

_MARKS = "● speaking   ○ microphone open   × muted"


def help_line(action: Action) -> Content:
    """Return one line: key, /command, help."""
    key = Content(f"{action.key_name:>6}").stylize("bold $primary")
    command = Content(f"  {action.usage:<25}").stylize("$foreground-muted")
    return key + command + Content(action.help)


class HelpScreen(ModalScreen[None]):
    """Any of its keys closes it."""

    BINDINGS = [  # noqa: RUF012
        Binding("escape,question_mark,q,enter", "dismiss", "Close", show=False)
    ]
    DEFAULT_CSS = """
    HelpScreen { align: center middle; }
    HelpScreen VerticalScroll { width: 76; max-width: 100%; height: auto; max-height: 100%;
        background: $surface; border: round $primary; border-title-color: $primary;
        padding: 0 1; }
    """

    def compose(self) -> ComposeResult:
        """Yield the list."""
        box = VerticalScroll()
        box.border_title = Content("keys and commands")
        box.border_subtitle = Content("escape closes")
        with box:
            for action in ACTIONS:
                yield Static(help_line(action), markup=False)
            yield Static(Content(f"\n   tab  {'':<25}move between people, chat and line"))
            yield Static(Content(f"\n{_MARKS}").stylize("$foreground-muted"))
