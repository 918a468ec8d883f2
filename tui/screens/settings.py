"""The settings that are not about privacy: name, devices with live meters, looks, keys."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import OptionList, Static

from rooms.errors import SettingsError
from rooms.events import AnyEvent, LevelState
from tui.actions import Action
from tui.keymap import Keymap, KeymapError
from tui.ports import DevicesPort, FoundDevice, SettingsPort
from tui.preferences import LOOKS, PREFERENCES
from tui.screens.asking import KeyScreen, LineScreen
from tui.widgets.meter import Meter
from tui.widgets.rows import Row, Rows

if TYPE_CHECKING:
    from rooms.settings import Settings

DEVICES = {
    "audio_in": ("Microphone", "microphone", ("default", "none")),
    "audio_out": ("Loudspeaker", "loudspeaker", ("default", "none")),
    "video_in": ("Camera", "camera", ("camera", "none")),
}
"""By setting: its title, the kind of device, and what else it may be."""
KEYS = "↑ ↓ mark   enter changes   escape closes"
ANY = {"default": "the system's own", "camera": "the first there is", "none": "none"}
LONGEST_NAME = 64


def device_words(spec: str) -> str:
    """Return in words which device is taken."""
    return ANY.get(spec, spec.removeprefix("device:"))


def rows(settings: Settings, actions: Sequence[Action], keymap: Keymap) -> Iterator[Row]:
    """Yield every row."""
    yield Row("name", "Your name", settings.name)
    for name, (title, _, _) in DEVICES.items():
        yield Row(name, title, device_words(getattr(settings, name)))
    for preference in LOOKS:
        yield Row(preference.name, preference.title, preference.current(settings).words)
    for action in actions:
        yield Row(f"keys.{action.id}", f"Key: {action.title}", keymap.name(action.id) or "none")


class SettingsScreen(Screen[None]):
    """Enter changes what is marked, in the file and at once; meters run while it is open."""

    BINDINGS: ClassVar = [Binding("escape,q", "dismiss", "Close", show=False)]
    DEFAULT_CSS = """
    SettingsScreen { background: $background; }
    SettingsScreen #settings { height: 1fr; border-top: solid $primary;
        border-title-color: $primary; scrollbar-size-vertical: 1; }
    SettingsScreen #meters { height: 3; border-top: solid $panel;
        border-title-color: $foreground-muted; }
    SettingsScreen #keys { dock: bottom; height: 1; padding: 0 1; background: $panel;
        color: $foreground-muted; }
    """

    def __init__(
        self, settings: SettingsPort, devices: DevicesPort, actions: Sequence[Action]
    ) -> None:
        super().__init__()
        self._settings = settings
        self._devices = devices
        self._actions = tuple(actions)
        self._found: Sequence[FoundDevice] = ()

    def compose(self) -> ComposeResult:
        """Yield the settings and the meters."""
        settings, meters = VerticalScroll(id="settings", can_focus=False), Vertical(id="meters")
        settings.border_title = Content("settings")
        meters.border_title = Content("levels")
        with settings:
            yield Rows()
        with meters:
            yield Meter("microphone ", id="in")
            yield Meter("loudspeaker", id="out")
        yield Static(Content(KEYS), id="keys", markup=False)

    def on_mount(self) -> None:
        """Draw what is set, look for devices, and measure."""
        self._draw()
        self.query_one(Rows).focus()
        self._devices.open(self._on_event)
        self.run_worker(self._look())

    async def on_unmount(self) -> None:
        """Stop measuring."""
        await self._devices.close()

    async def _look(self) -> None:
        self._found = await self._devices.found()

    def _on_event(self, event: AnyEvent) -> None:
        if isinstance(event, LevelState):
            self.query_one("#in", Meter).show(event.microphone)
            self.query_one("#out", Meter).show(event.loudspeaker)

    def _draw(self) -> None:
        settings = self._settings.now
        keymap = Keymap(settings.keys)
        self.query_one(Rows).show(list(rows(settings, self._actions, keymap)))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Change what is marked: the next choice, or ask for it."""
        event.stop()
        name = self.query_one(Rows).marked
        table, _, action = name.rpartition(".")
        if table:
            title = next(each.title for each in self._actions if each.id == action)
            self.app.push_screen(KeyScreen(title), lambda key: self._remap(action, key))
        elif name == "name":
            self._ask_name()
        elif name in DEVICES:
            self._keep(name, self._next_device(name))
        else:
            self._keep(name, PREFERENCES[name].next(self._settings.now).value)

    def _ask_name(self) -> None:
        window = LineScreen(
            "your name",
            value=self._settings.now.name,
            hint="Others see it, from the next call.",
            check=lambda text: "" if len(text) <= LONGEST_NAME else "This is too long.",
        )
        self.app.push_screen(window, lambda name: None if name is None else self._rename(name))

    def _rename(self, name: str) -> None:
        self._keep("name", name.strip() or None)

    def _remap(self, action: str, key: str | None) -> None:
        if key is None:
            return
        chosen = {**self._settings.now.keys, action: key}
        try:
            Keymap({name: one for name, one in chosen.items() if one})
        except KeymapError as error:
            self._complain(error)
        else:
            self._keep(f"keys.{action}", key or None)

    def _next_device(self, name: str) -> str:
        _, kind, others = DEVICES[name]
        specs = [*others, *(device.spec for device in self._found if device.kind == kind)]
        now: str = getattr(self._settings.now, name)
        return specs[(specs.index(now) + 1) % len(specs)] if now in specs else specs[0]

    def _keep(self, name: str, value: bool | str | None) -> None:
        try:
            self._settings.keep(name, value)
        except SettingsError as error:
            self._complain(error)
        self._draw()

    def _complain(self, error: KeymapError | SettingsError) -> None:
        text = f"{error.message}. {error.hint}" if error.hint else error.message
        self.notify(text, severity="error", markup=False)
