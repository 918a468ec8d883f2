"""Privacy on one screen: what others may learn, and beside it what really left this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Container, VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import OptionList, Static

from rooms.errors import SettingsError
from tui.ports import LedgerPort, SettingsPort
from tui.preferences import PREFERENCES, PRIVACY, SINCE, Choice, Preference
from tui.widgets.rows import Row, Rows
from tui.widgets.usage import Usage

if TYPE_CHECKING:
    from rooms.settings import Settings

REFRESH = 1.0
"""Seconds between two looks into the ledger."""
KEYS = "↑ ↓ mark   enter changes   e exports the data usage   escape closes"
ALWAYS = "Always, and without a switch: end-to-end encryption, no telemetry, no third parties."


def row(preference: Preference, settings: Settings) -> Row:
    """Return how a preference is drawn."""
    choice = preference.current(settings)
    mind = choice is not preference.choices[0] and bool(choice.costs)
    return Row(preference.name, preference.title, choice.words, choice.costs, mind)


def detail(preference: Preference, settings: Settings) -> Content:
    """Return all choices of a preference, and what each costs."""
    current = preference.current(settings)
    since = SINCE[preference.since]
    head = Content(preference.title).stylize("bold")
    head += Content(f"  {since}" if since else "").stylize("$foreground-muted")
    return Content("\n").join([head, *(_choice(one, one is current) for one in preference.choices)])


def _choice(choice: Choice, made: bool) -> Content:
    text = Content(f"{'●' if made else '○'} {choice.words}")
    text = text.stylize("" if made else "$foreground-muted")
    if choice.costs:
        text += Content(f"  costs: {choice.costs}").stylize("$warning")
    return text


class PrivacyScreen(Screen[None]):
    """Enter goes to the next choice of the marked setting; the ledger is live."""

    BINDINGS: ClassVar = [
        Binding("escape,q", "dismiss", "Close", show=False),
        Binding("space", "change", "Change", show=False),
        Binding("e", "export", "Export", show=False),
    ]
    HORIZONTAL_BREAKPOINTS = [(0, "-w-normal"), (110, "-w-wide")]  # noqa: RUF012 - Textual's
    DEFAULT_CSS = """
    PrivacyScreen { background: $background; }
    PrivacyScreen #both { layout: vertical; height: 1fr; }
    PrivacyScreen.-w-wide #both { layout: horizontal; }
    PrivacyScreen #settings { height: auto; max-height: 75%; border-top: solid $primary;
        border-title-color: $primary; scrollbar-size-vertical: 1; }
    PrivacyScreen.-w-wide #settings { width: 62%; height: 1fr; max-height: 100%;
        margin-right: 1; }
    PrivacyScreen #usage { height: 1fr; border-top: solid $panel;
        border-title-color: $foreground-muted; scrollbar-size-vertical: 1; }
    PrivacyScreen #detail { height: auto; padding: 0 1; margin-top: 1; }
    PrivacyScreen #always { height: auto; padding: 0 1; margin-top: 1; color: $success; }
    PrivacyScreen #keys { dock: bottom; height: 1; padding: 0 1; background: $panel;
        color: $foreground-muted; }
    """

    def __init__(self, settings: SettingsPort, ledger: LedgerPort) -> None:
        super().__init__()
        self._settings = settings
        self._ledger = ledger

    def compose(self) -> ComposeResult:
        """Yield the settings, the data usage and the keys."""
        settings, data = VerticalScroll(id="settings", can_focus=False), VerticalScroll(id="usage")
        settings.border_title = Content("privacy")
        data.border_title = Content("data usage of this run")
        with Container(id="both"):
            with settings:
                yield Rows()
                yield Static(id="detail", markup=False)
                yield Static(Content(ALWAYS), id="always", markup=False)
            with data:
                yield Usage()
        yield Static(Content(KEYS), id="keys", markup=False)

    def on_mount(self) -> None:
        """Draw what is, and keep drawing what leaves."""
        self._draw()
        self._look()
        self.query_one(Rows).focus()
        self.set_interval(REFRESH, self._look)

    def _draw(self) -> None:
        self.query_one(Rows).show([row(each, self._settings.now) for each in PRIVACY])
        self._explain()

    def _explain(self) -> None:
        marked = PREFERENCES.get(self.query_one(Rows).marked, PRIVACY[0])
        self.query_one("#detail", Static).update(detail(marked, self._settings.now))

    def _look(self) -> None:
        self.query_one(Usage).show(self._ledger.snapshot())

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Explain what is marked."""
        event.stop()
        self._explain()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Enter changes what is marked."""
        event.stop()
        self.action_change()

    def action_change(self) -> None:
        """Go to the next choice of what is marked, and keep it."""
        preference = PREFERENCES[self.query_one(Rows).marked]
        try:
            self._settings.keep(preference.name, preference.next(self._settings.now).value)
        except SettingsError as error:
            self.notify(f"{error.message}. {error.hint}".strip(), severity="error", markup=False)
        self._draw()

    def action_export(self) -> None:
        """Write the data usage into a file."""
        try:
            path = self._ledger.export()
        except SettingsError as error:
            self.notify(error.message, severity="error", markup=False)
        else:
            self.notify(f"Written to {path}", markup=False)
