"""`sotto speak`: play sound into a room and leave when it was heard."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from tui.cli.commands import COMMANDS
from tui.cli.errands import Errand, check_input, hold
from tui.cli.link_argument import WayIn, link_and
from tui.cli.options import NAME, STANDARD, TIMEOUT, CallOptions
from tui.conduct import RunningCall


@click.command(
    "speak",
    help=f"""{COMMANDS["speak"]}

    FILE is anything with sound in it. Without it, or with -, sound comes through standard input:
    WAV, Ogg, FLAC or another form with a header, else bare 16-bit samples.""",
    epilog="""\b
    Examples:
      espeak-ng --stdout "The build is green." | sotto speak LINK
      sotto speak LINK gong.ogg""",
)
@link_and("file", "FILE|-")
@click.option(
    "--rate", type=click.IntRange(4_000, 384_000), default=48_000, metavar="HZ",
    help="Of bare samples. Default: 48000.",
)  # fmt: skip
@click.option(
    "--channels", type=click.IntRange(1, 16), default=1, metavar="N",
    help="Of bare samples. Default: 1.",
)  # fmt: skip
@NAME
@TIMEOUT
def command(way: WayIn, *, file: str | None, rate: int, channels: int, **limits: Any) -> int:
    """Speak, and leave."""
    if file is None or file == STANDARD:
        check_input(way, "FILE")
        source = f"stream:{rate}:{channels}"
    else:
        source = str(Path(file).absolute())

    async def work(call: RunningCall) -> None:
        from tui.sounding import until_spoken

        await until_spoken(call)

    return hold(Errand(way, CallOptions(audio_in=source, **limits), work))
