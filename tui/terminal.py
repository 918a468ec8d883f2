"""What the terminal can do, decided once from the environment; no question is asked of it."""

from __future__ import annotations

import os
from collections.abc import Mapping

_CANNOT_DRAW = frozenset({"", "dumb", "unknown", "emacs", "network", "dialup"})
"""Values of TERM (after terminfo's own generic entries) of what cannot move a cursor."""


def dumb(environ: Mapping[str, str] = os.environ) -> bool:
    """Return whether nothing can be drawn here, so that only plain lines are of use."""
    return environ.get("TERM", "").strip().lower() in _CANNOT_DRAW
