"""What the program is built on, and the clock."""

from __future__ import annotations

import datetime as dt
import platform
from collections.abc import Iterator
from typing import Final

from rooms.folders import state_folder
from tui.cli.versions import installed, libopus
from tui.doctor.finding import Case, Finding

MADE: Final = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
"""No clock that is right has shown an earlier time to this program."""
AHEAD: Final = 60.0
"""Seconds a file may be newer than now: file servers have clocks of their own."""


def libraries(_case: Case) -> Iterator[Finding]:
    """Say which versions run, and what cannot be done with them."""
    yield Finding("ok", f"Python {platform.python_version()}, sottovoce {installed('sottovoce')}")
    yield _sound_and_pictures()
    yield _suites()


def _sound_and_pictures() -> Finding:
    av, opus = installed("av"), libopus()
    if av is None or opus is None:
        missing = "PyAV" if av is None else "libopus"
        return Finding("fail", f"{missing} is missing", "install sottovoce again")
    return Finding("ok", f"PyAV {av}, libopus {opus}")


def _suites() -> Finding:
    from e2ee.mls.cipher_suite import CLASSIC, SUITES

    if list(SUITES) == [CLASSIC]:
        return Finding(
            "warn",
            "no keys against quantum computers",
            "they need cryptography 47 or newer, on an OpenSSL that has ML-KEM",
        )
    return Finding("ok", "keys against quantum computers")


def clock(_case: Case) -> Iterator[Finding]:
    """Compare the clock with what is known of the time."""
    now = dt.datetime.now(dt.UTC)
    folder = state_folder()
    newest = max((path.stat().st_mtime for path in folder.glob("*")), default=0.0)
    shown = f"{now:%Y-%m-%d %H:%M} UTC"
    if now < MADE:
        yield Finding("fail", f"the clock shows {shown}, which was long ago", "set the clock")
    elif newest > now.timestamp() + AHEAD:
        yield Finding(
            "warn",
            f"the clock shows {shown}, earlier than files in {folder} were written",
            "set the clock: others may take what you say for old",
        )
    else:
        yield Finding("ok", f"the clock shows {shown}")
