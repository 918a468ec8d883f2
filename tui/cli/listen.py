"""`sotto listen`: what is heard in a room, on standard output or in files."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from tui.cli import report
from tui.cli.commands import COMMANDS
from tui.cli.errands import Errand, hold
from tui.cli.exits import Exit
from tui.cli.link_argument import WayIn, link_argument
from tui.cli.options import FOR, NAME, STANDARD, TIMEOUT, UNTIL, CallOptions
from tui.conduct import RunningCall

FORMATS = {".ogg": "ogg", ".opus": "ogg", ".wav": "wav", ".pcm": "pcm", ".raw": "pcm"}


@click.command(
    "listen",
    help=f"""{COMMANDS["listen"]}

    It begins with the first sound; later silence is kept. Everybody in the room is told that this
    end records; where a host forbids it, the exit code is 4.""",
    epilog="""\b
    Examples:
      sotto listen LINK --who Ada | ffmpeg -i - ada.mp3
      sotto listen LINK --split voices/ --for 3600""",
)
@link_argument
@click.option(
    "--format",
    "form",
    type=click.Choice(["ogg", "wav", "pcm"]),
    help="Ogg/Opus, WAV, or bare samples: 48 kHz mono s16le. Default: by the name of FILE, or ogg.",
)
@click.option(
    "--output", default=STANDARD, metavar="FILE|-", help="Where to. Default: standard output."
)
@click.option("--who", metavar="NAME", help="One voice only, by name or fingerprint.")
@click.option("--split", metavar="DIR", help="An Ogg/Opus file for each person who is heard.")
@NAME
@TIMEOUT
@FOR
@UNTIL
def command(
    way: WayIn,
    *,
    form: str | None,
    output: str,
    who: str | None,
    split: str | None,
    **limits: Any,
) -> int:
    """Write what is heard."""
    writes = split is None and output == STANDARD
    if split is not None and (form not in (None, "ogg") or output != STANDARD or who):
        raise click.UsageError("--split is Ogg/Opus of everybody: no --format, --output or --who")
    if writes and (sys.stdout is None or sys.stdout.isatty()):
        raise click.UsageError(
            "standard output takes no sound here: > FILE, | PROGRAM, or --output"
        )
    form = form or _form(output)
    options = CallOptions(
        audio_out=f"{form}:{output}" if split is None else f"split:{split}", **limits
    )

    async def work(call: RunningCall) -> None:
        from tui.one_voice import OneVoice
        from tui.sounding import until_deaf

        if who:
            OneVoice(call, who, report.complain)
        await until_deaf(call)

    code = hold(Errand(way, options, work, writes=writes, hurried=False))
    if code == Exit.DONE and split is None and not writes and not Path(output).exists():
        report.complain(f"nobody was heard: there is no {output}")
    return code


def _form(output: str) -> str:
    """Return the format a file's name asks for. Raises `click.UsageError` for another one."""
    suffix = Path(output).suffix.lower()
    if suffix and suffix not in FORMATS:
        raise click.UsageError(f"{suffix} is none of {', '.join(FORMATS)}: say --format")
    return FORMATS.get(suffix, "ogg")
