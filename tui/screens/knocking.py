"""Before the door: what is asked of whom, who we seem to be, and whether we are seen and heard.

It lies over the call from our knock until we are let in. Microphone and camera are tried here, for
ourselves alone.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Static

from tui.actions import own
from tui.actions.view import HELP, PALETTE
from tui.ports import OWN, CallPort, Destination, Picture, SottovoceError
from tui.screens.acting import ActingScreen, bindings
from tui.screens.help import HelpScreen
from tui.screens.joining import trouble
from tui.screens.settings import device_words
from tui.widgets.key_bar import KeyBar
from tui.widgets.meter import Meter
from tui.widgets.video import VideoTile
from tui.words import key_state_words

if TYPE_CHECKING:
    from tui.screens.call import CallScreen

ACTIONS: Final = (own.MUTE, own.CAMERA, own.LEAVE, PALETTE, HELP)
KEYS = (("mute", "microphone"), ("camera", "camera"))
LAST_KEYS = (("help", "help"), ("leave", "leave"))
NOTHING = "Until then no sound and no picture leaves this machine."
FINGERPRINT = 23
"""Characters shown of a fingerprint: as many as a person compares."""


def waiting_in_words(seconds: float) -> str:
    """Return how long we wait."""
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}:{rest:02d}"


def who_is_asked(where: Destination) -> Content:
    """Return what is asked of whom, and what they see of us."""
    room = where.title or "a room"
    lines = [
        Content(room).stylize("bold"),
        Content(f"at {where.server}").stylize("$foreground-muted"),
    ]
    if where.own:
        lines.append(Content("\nhosted by you: your key makes you host again").stylize("$success"))
    elif where.host:
        words = f"\nhosted by {where.host}, {key_state_words(where.host_state)}"
        lines.append(Content(words).stylize("$success"))
    else:
        lines.append(Content("\nhosted by a key you have not met").stylize("$warning"))
    lines.append(Content(_short(where.host_key)).stylize("$foreground-muted"))
    lines.append(Content(f"\nthey see you as {where.name}"))
    lines.append(Content(_short(where.key)).stylize("$foreground-muted"))
    lines.append(Content("new to them unless you met").stylize("$foreground-muted"))
    return Content("\n").join(lines)


def _short(fingerprint: str) -> str:
    cut = len(fingerprint) > FINGERPRINT
    return f"{fingerprint[:FINGERPRINT]}…" if cut else fingerprint


class KnockingScreen(ActingScreen):
    """Shows one knock over the screen of its call, which does what its actions say."""

    BINDINGS = bindings(ACTIONS)
    HORIZONTAL_BREAKPOINTS = [(0, "-w-narrow"), (72, "-w-normal")]  # noqa: RUF012 - Textual's
    VERTICAL_BREAKPOINTS = [(0, "-h-short"), (23, "-h-normal"), (34, "-h-tall")]  # noqa: RUF012
    DEFAULT_CSS = """
    KnockingScreen { background: $background; align: center middle; }
    KnockingScreen #door { height: auto; max-height: 100%; max-width: 100;
        overflow-y: auto; border-top: solid $primary;
        border-title-color: $primary; }
    KnockingScreen #who { width: 1fr; height: auto; padding: 1 1 0 1; }
    KnockingScreen #both { height: auto; }
    KnockingScreen VideoTile { width: 34; height: 13; margin: 1 1 0 1; }
    KnockingScreen.-h-tall VideoTile { width: 44; height: 17; }
    KnockingScreen.-w-narrow VideoTile { width: 24; height: 10; }
    KnockingScreen #wait { height: auto; padding: 1 1 0 1; }
    KnockingScreen #devices { height: auto; padding: 0 1; margin-bottom: 1;
        color: $foreground-muted; }
    KnockingScreen Meter { max-width: 60; margin-top: 1; }
    KnockingScreen.-h-short #who, KnockingScreen.-h-short #wait { padding: 0 1; }
    KnockingScreen.-h-short Meter, KnockingScreen.-h-short #devices { margin: 0; }
    """

    def __init__(self, below: CallScreen, call: CallPort) -> None:
        super().__init__(ACTIONS)
        self._below = below
        self._call = call
        self._since = time.monotonic()
        self._host_here = True
        self._who = Static("", id="who", markup=False)
        self._tile = VideoTile(OWN, below.own.settings.now.name)
        self._wait = Static("", id="wait", markup=False)
        self._meter = Meter("microphone")
        self._devices = Static("", id="devices", markup=False)
        self.does = {
            "mute": lambda _: self._pass_on("mute"),
            "camera": lambda _: self._pass_on("camera"),
            "leave": lambda _: self._pass_on("leave"),
            "palette": lambda _: self.app.action_command_palette(),
            "help": lambda _: self._help(),
        }

    def compose(self) -> ComposeResult:
        """Yield who is asked, ourselves, how long we wait, and the devices."""
        box = Vertical(id="door")
        box.border_title = Content("knocking")
        with box:
            with Horizontal(id="both"):
                yield self._who
                yield self._tile
            yield self._wait
            yield self._meter
            yield self._devices
        yield KeyBar(KEYS, LAST_KEYS)

    def on_mount(self) -> None:
        """Say who is asked, and try the devices."""
        self.run_worker(self._say_who())
        self.draw()
        self.set_interval(1.0, self.draw)

    async def _say_who(self) -> None:
        try:
            where = await self._below.own.rooms.where(self._call.link)
        except SottovoceError as error:
            self._who.update(trouble(error))
        else:
            self._who.update(who_is_asked(where))
            self._tile.person = where.name

    def told(self, *, host_here: bool) -> None:
        """Take the server's word for whether somebody is there who may let us in."""
        self._host_here = host_here
        self.draw()

    def level(self, level: float | None) -> None:
        """Draw how loud our microphone is."""
        self._meter.show(level)

    def picture(self, picture: Picture) -> None:
        """Draw a picture of ourselves."""
        if picture.leaf == OWN and self._call.camera:
            self._tile.show(picture)

    def draw(self) -> None:
        """Draw how long we wait, and what our devices do."""
        waited = waiting_in_words(time.monotonic() - self._since)
        who = "A host has to let you in." if self._host_here else "No host is there now; you wait."
        style = "bold" if self._host_here else "bold $warning"
        text = Content(who).stylize(style) + Content(f"  {waited}").stylize("$primary")
        text += Content(f"\n{NOTHING}").stylize("$foreground-muted")
        self._wait.update(text)
        self._devices.update(self._devices_in_words())
        if not self._call.camera:
            self._tile.clear()

    def _devices_in_words(self) -> Content:
        call, settings = self._call, self._below.own.settings.now
        if call.has_microphone is False:
            microphone = "× no microphone here"
        else:
            state = "× muted" if call.muted else "○ on as you enter"
            microphone = f"{state}: {device_words(settings.audio_in)}"
        if call.has_camera is False:
            camera = "× no camera here"
        else:
            state = "○ camera on as you enter" if call.camera else "× camera off"
            camera = f"{state}: {device_words(settings.video_in)}"
        return Content(f"{microphone}\n{camera}")

    def on_video_tile_resized(self, event: VideoTile.Resized) -> None:
        """Ask for our own picture in the size that is shown."""
        event.stop()
        self._call.set_view(event.leaf, event.width, event.height)

    def _pass_on(self, name: str) -> None:
        self._below.carry_out(name)
        self.draw()

    def _help(self) -> None:
        self.app.push_screen(HelpScreen(ACTIONS, self.keymap))
