"""Options several commands share, and what they mean as one value."""

from __future__ import annotations

import functools
import math
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

import click

from tui.cli.on_option import ON
from tui.cli.report import OutputError

if TYPE_CHECKING:
    from media.control import Configure
    from rooms.settings import Settings
    from tui.conditions import Condition
    from tui.conduct import Limits
    from tui.hooks import Hook

STANDARD = "-"
NONE = "none"


@dataclass(frozen=True)
class CallOptions:
    """What the person asked of their own part in a call. None stands for the default."""

    name: str | None = None
    headless: bool = False
    jsonl: bool = False
    audio_in: str | None = None
    audio_out: str | None = None
    video_in: str | None = None
    muted: bool = False
    video: bool | None = None
    timeout: float | None = None
    stay: float | None = None
    until: tuple[Condition, ...] = ()
    on: tuple[Hook, ...] = field(default=(), repr=False)
    no_audio: bool = False
    bot: bool = False
    levels: bool = False
    suite: str = "auto"
    hide_level: bool = False
    plain: bool = False

    @property
    def plays_out(self) -> bool:
        """Whether what is heard goes to standard output, in any format."""
        return (self.audio_out or "").rpartition(":")[2] == STANDARD

    def check(self, *, reads_link: bool = False) -> None:
        """Raise `click.UsageError` if options contradict each other, as two for standard output do.

        Raises `OutputError` if that is closed, `DeviceError` if a file to be played is missing:
        before a room is opened for it, and others have its link.
        """
        if self.headless and self.plain:
            raise click.UsageError("--plain is for people, --headless for scripts: not both")
        if self.on and not self.headless:
            raise click.UsageError("--on needs --headless: its commands may print")
        if self.levels and not self.headless:
            raise click.UsageError("--levels needs --headless: screens have meters")
        if self.no_audio and (self.audio_in or self.audio_out):
            raise click.UsageError("--no-audio is neither to speak nor to hear")
        if not self.headless and (self.jsonl or self.plays_out or self.audio_in == STANDARD):
            raise click.UsageError("--jsonl and - for audio need --headless")
        if self.jsonl and self.plays_out:
            raise click.UsageError("--jsonl and --audio-out - both write to standard output")
        if (self.jsonl or self.plays_out) and sys.stdout is None:
            raise OutputError
        if reads_link and self.audio_in == STANDARD:
            raise click.UsageError("the link and --audio-in - both come from standard input")
        for source in filter(None, (self.audio_in, self.video_in)):
            _find(source)

    def configure(self, settings: Settings) -> Configure:
        """Return the sources and sinks.

        With a screen, what the settings say: by default microphone and loudspeaker where there are
        any, and a camera that is off. Headless, only what was asked for: a script opens no
        microphone by itself. A source that was asked for is on, unless that was asked for, too.
        """
        from media.control import Configure

        none = NONE if self.headless else ""
        silent = NONE if self.no_audio else none
        return Configure(
            audio_in=self.audio_in or silent or settings.audio_in,
            audio_out=self.audio_out or silent or settings.audio_out,
            video_in=self.video_in or none or settings.video_in,
            muted=self.muted or not (self.audio_in or settings.microphone_on),
            camera=bool(self.video_in or settings.camera_on) if self.video is None else self.video,
            share_level=settings.share_level and not self.hide_level,
            constant_bitrate=settings.constant_bitrate,
        )

    def limits(self) -> Limits:
        """Return the limits in time."""
        from tui.conduct import Limits

        return Limits(self.timeout, self.stay, self.until)


def _find(source: str) -> None:
    from media.control import source_file
    from media.errors import DeviceError

    path = source_file(source)
    if path is not None and not os.path.exists(path):
        raise DeviceError(f"{path} cannot be played: there is no such file")


class Seconds(click.ParamType[float]):
    """A number of seconds, more than none."""

    name = "seconds"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Return the number."""
        try:
            seconds = float(value)
        except ValueError:
            seconds = 0.0
        if not 0 < seconds < math.inf:
            self.fail(f"{value!r} is no number of seconds, such as 30 or 0.5", param, ctx)
        return seconds


SECONDS = Seconds()
PORT = click.IntRange(0, 65535)

PLAIN = click.option(
    "--plain",
    is_flag=True,
    envvar="SOTTO_PLAIN",
    help="Plain lines instead of a screen: for screen readers and simple terminals.",
)


def _conditions(_ctx: click.Context, _option: click.Parameter, values: tuple[str, ...]) -> object:
    from tui.conditions import Condition

    try:
        return tuple(Condition.parse(value) for value in values)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


NAME = click.option("--name", metavar="NAME", help="The name others see.")
TIMEOUT = click.option(
    "--timeout",
    type=SECONDS,
    metavar="S",
    help="Give up (exit code 124) if not in the room after S seconds.",
)
FOR = click.option("--for", "stay", type=SECONDS, metavar="S", help="Leave after S seconds.")
UNTIL = click.option(
    "--until",
    multiple=True,
    callback=_conditions,
    metavar="EVENT[=VALUE]",
    help="Leave (exit code 0) at this event, such as chat=done; of several, at the first. "
    "EVENT~PART is for a part of what is compared. With --for, 124 if none came.",
)

_CALL_OPTIONS = (
    NAME,
    click.option("--muted", is_flag=True, help="Start with the microphone off."),
    click.option(
        "--video/--no-video", default=None, help="Start with the camera on, or off (the default)."
    ),
    PLAIN,
    click.option("--headless", is_flag=True, help="No screen: for scripts."),
    click.option("--jsonl", is_flag=True, help="Headless: events as JSON lines on stdout."),
    click.option(
        "--audio-in",
        metavar="FILE|-",
        help="Speak from a file; - is 48 kHz mono s16le on stdin; also default, device:NAME, none, "
        "speech.",
    ),
    click.option(
        "--audio-out",
        metavar="FILE|-",
        help="Write what is heard to a WAV, or Ogg/Opus by its name; - is s16le on stdout; also "
        "default, device:NAME, none.",
    ),
    click.option("--no-audio", is_flag=True, help="Neither speak nor hear."),
    click.option(
        "--video-in",
        metavar="FILE|testsrc",
        help="Show a file or a drawn test face; also camera, device:NAME, none.",
    ),
    TIMEOUT,
    FOR,
    UNTIL,
    ON,
    click.option("--levels", is_flag=True, help="Headless: tell how loud it is, too."),
    click.option("--bot", is_flag=True, help="Tell everybody that a program sits at this end."),
    click.option(
        "--suite",
        type=click.Choice(["auto", "classic"]),
        default="auto",
        help="Keys against quantum computers, too, if everybody's can; or never.",
    ),
    click.option(
        "--hide-level",
        is_flag=True,
        help="Never tell the server how loud you are; in large rooms you may be heard less.",
    ),
)


def call_options(function: Callable[..., int]) -> Callable[..., int]:
    """Add the options of one's own part in a call; the command gets them as `options`."""
    names = {field.name for field in fields(CallOptions)}

    @functools.wraps(function)
    def wrapper(**values: Any) -> int:
        own = {name: values.pop(name) for name in names}
        return function(options=CallOptions(**own), **values)

    decorated: Callable[..., int] = wrapper
    for option in reversed(_CALL_OPTIONS):
        decorated = option(decorated)
    return decorated


def _addresses(_ctx: click.Context, _option: click.Parameter, values: tuple[str, ...]) -> object:
    import ipaddress

    for value in values:
        try:
            ipaddress.ip_address(value)
        except ValueError as error:
            raise click.BadParameter(
                f"{value!r} is not an IP address of this machine, such as 127.0.0.1 or 0.0.0.0"
            ) from error
    return values


def server_options(function: Callable[..., int]) -> Callable[..., int]:
    """Add where a server listens: `listen` (addresses, none is the default) and `port`."""
    listen = click.option(
        "--listen",
        metavar="ADDRESS",
        multiple=True,
        callback=_addresses,
        help="Address to listen on; may be repeated. Default: this machine's own.",
    )
    port = click.option(
        "--port", type=PORT, default=0, metavar="PORT", help="TCP port; 0 is a free one."
    )
    return listen(port(function))
