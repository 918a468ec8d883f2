"""The help screen: one line an action, from the actions themselves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from tui.actions import GROUPS, Action
from tui.actions.view import COMMAND
from tui.keymap import Keymap

_MARKS = "● speaking   ○ microphone open   × muted"


def help_line(action: Action, key: str, *, typed: bool = True) -> Content:
    """Return one line: key, /command (its title where nothing is typed), help."""
    shown = Content(f"{key:>6}").stylize("bold $primary")
    what = action.usage if typed else action.title
    command = Content(f"  {what:<{25 if typed else 18}}").stylize("$foreground-muted")
    return shown + command + Content(action.help)


def help_lines(actions: Sequence[Action], keymap: Keymap) -> Iterator[Content]:
    """Yield the whole text: each group under its title."""
    typed = COMMAND in actions
    for group, title in GROUPS.items():
        members = [action for action in actions if action.group == group]
        if members:
            yield Content(f"{title}").stylize("bold")
            yield from (
                help_line(action, keymap.name(action.id), typed=typed) for action in members
            )
    if not typed:
        return
    yield Content(f"   tab  {'':<25}move between people, chat and line; keys are for whom you mark")
    yield Content(f"\n{_MARKS}").stylize("$foreground-muted")


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

    def __init__(self, actions: Sequence[Action], keymap: Keymap) -> None:
        super().__init__()
        self._lines = list(help_lines(actions, keymap))

    def compose(self) -> ComposeResult:
        """Yield the list."""
        box = VerticalScroll()
        box.border_title = Content("keys and commands")
        box.border_subtitle = Content("escape closes")
        with box:
            for line in self._lines:
                yield Static(line, markup=False)
