"""`sotto doctor`: is everything here that a call needs? A line for each thing looked at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from tui.cli import report
from tui.cli.commands import COMMANDS
from tui.cli.exits import Exit

if TYPE_CHECKING:
    from tui.doctor.finding import Finding

VERSION = 1


@click.command(
    "doctor",
    help=f"""{COMMANDS["doctor"]}

    A line is ok, warn or fail, what was looked at, and what to do. No address is contacted but
    that of the server in the settings, or of --server.""",
)
@click.option("--json", "as_json", is_flag=True, help="One line of JSON.")
@click.option("--server", metavar="ADDRESS", default="", help="Try this server: HOST:PORT.")
def command(*, as_json: bool, server: str) -> int:
    """Make all checks; the exit code is 1 if one has failed."""
    from tui.doctor.checks import examine

    found: list[tuple[str, Finding]] = []
    for check, finding in examine(server):
        found.append((check, finding))
        if not as_json:
            hint = f" — {finding.hint}" if finding.hint else ""
            report.answer(f"{finding.state:<4}  {check}: {finding.what}{hint}")
    if as_json:
        _print_json(found)
    failed = any(finding.state == "fail" for _, finding in found)
    return Exit.PERSON if failed else Exit.DONE


def _print_json(found: Sequence[tuple[str, Finding]]) -> None:
    """Print what was found, and every address that was contacted for it."""
    import json
    from dataclasses import asdict

    import msgspec

    from rooms.own_ledger import own_ledger

    findings = [{"check": check, **asdict(finding)} for check, finding in found]
    contacted = msgspec.to_builtins(own_ledger().snapshot())
    told = {"v": VERSION, "findings": findings, "contacted": contacted}
    report.answer(json.dumps(told, ensure_ascii=False))
