"""What `sotto` alone is: the rooms, and the calls that are held from there."""

from __future__ import annotations

import click

from tui.cli.face import dwell
from tui.cli.unlock import unlock


@click.command("home", hidden=True, help="Your rooms, and the ways into a call.")
def command() -> int:
    """Show the rooms."""
    return dwell(unlock())
