"""What a check finds, and what every check is given. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from e2ee.errors import SottovoceError
from rooms.settings import Settings

State = Literal["ok", "warn", "fail"]
"""`warn`: calls work, but not all of them, or not as well as they could."""


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at: how it is, and what to do about it."""

    state: State
    what: str
    hint: str = ""

    @classmethod
    def of(cls, error: SottovoceError) -> Finding:
        """Return what an error of ours means for whoever looks."""
        return cls("fail", error.message, error.hint)


@dataclass(frozen=True)
class Case:
    """What is looked at. `server`: the address (`HOST:PORT[#PIN]`) to try, if any."""

    settings: Settings = field(default_factory=Settings)
    server: str = ""


Check = Callable[[Case], Iterator[Finding]]
"""Looks at one thing; may raise `SottovoceError` and `OSError`, which are findings, too."""
