"""The colours of the screens."""

from __future__ import annotations

from typing import Final

from textual.theme import Theme

QUIET = Theme(
    name="sotto",
    primary="#8fb0d0",
    secondary="#a9a3cf",
    accent="#8fb0d0",
    success="#9ac7a2",
    warning="#dcbc7f",
    error="#e08a86",
    foreground="#cdd2da",
    background="#14171c",
    surface="#1a1e25",
    panel="#2a303a",
    dark=True,
    variables={
        "scrollbar": "#2a303a",
        "scrollbar-hover": "#3a424f",
        "scrollbar-active": "#3a424f",
        "scrollbar-background": "#14171c",
        "scrollbar-background-hover": "#14171c",
        "scrollbar-background-active": "#14171c",
    },
)

PAPER = Theme(
    name="sotto-light",
    primary="#2f5f8f",
    secondary="#5d548f",
    accent="#2f5f8f",
    success="#2c6e3f",
    warning="#8a5a00",
    error="#a8322d",
    foreground="#22262c",
    background="#f6f5f2",
    surface="#ecebe7",
    panel="#dcdad4",
    dark=False,
)

THEMES: Final = (QUIET, PAPER)
