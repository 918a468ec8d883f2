"""Where a server runs, as the command line says it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Place:
    """Addresses (none: the default), TCP port (0: a free one), folder of the kept certificate."""

    listen: tuple[str, ...] = ()
    port: int = 0
    state: Path | None = None
