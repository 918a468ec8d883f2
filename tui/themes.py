"""The colours of the screens: quiet and on paper, and both with a high contrast."""

from __future__ import annotations

from typing import Final, Literal

from textual.theme import Theme

from media.cells.depth import Depth

Name = Literal["dark", "light", "contrast-dark", "contrast-light"]
"""As the setting `theme` names them."""

# Greys this dull stay greys in 256 colours: a little bluer, and a panel turns teal there.
QUIET = Theme(
    name="sotto",
    primary="#8fb0d0",
    secondary="#a9a3cf",
    accent="#8fb0d0",
    success="#9ac7a2",
    warning="#dcbc7f",
    error="#e08a86",
    foreground="#cdd2da",
    background="#15181c",
    surface="#1c1f25",
    panel="#2b303a",
    dark=True,
    variables={
        "foreground-muted": "#949ba6",
        "scrollbar": "#2b303a",
        "scrollbar-hover": "#3b424f",
        "scrollbar-active": "#3b424f",
        "scrollbar-background": "#15181c",
        "scrollbar-background-hover": "#15181c",
        "scrollbar-background-active": "#15181c",
    },
)

PAPER = Theme(
    name="sotto-light",
    primary="#2f5f8f",
    secondary="#5d548f",
    accent="#2f5f8f",
    success="#276539",
    warning="#7b5000",
    error="#a8322d",
    foreground="#22262c",
    background="#f6f5f2",
    surface="#ecebe7",
    panel="#dcdad4",
    dark=False,
    variables={"foreground-muted": "#565b62"},
)

# Of colours all of the sixteen have, so that they are what they seem where there are no others.
NIGHT = Theme(
    name="sotto-contrast",
    primary="#5cffff",
    secondary="#ffffff",
    accent="#5cffff",
    success="#00ff00",
    warning="#ffff00",
    error="#ff9f9f",
    foreground="#ffffff",
    background="#000000",
    surface="#000000",
    panel="#262626",
    dark=True,
    variables={"foreground-muted": "#d0d0d0", "text-disabled": "#d0d0d0"},
)

DAY = Theme(
    name="sotto-contrast-light",
    primary="#00005f",
    secondary="#000000",
    accent="#00005f",
    success="#004000",
    warning="#4f3000",
    error="#7f0000",
    foreground="#000000",
    background="#ffffff",
    surface="#ffffff",
    panel="#e4e4e4",
    dark=False,
    variables={"foreground-muted": "#303030", "text-disabled": "#303030"},
)

THEMES: Final = (QUIET, PAPER, NIGHT, DAY)
_BY_NAME: Final[dict[Name, Theme]] = {
    "dark": QUIET,
    "light": PAPER,
    "contrast-dark": NIGHT,
    "contrast-light": DAY,
}


def chosen(name: Name, depth: Depth = Depth.TRUE) -> Theme:
    """Return the theme a setting names; with sixteen colours or none, in a high contrast."""
    theme = _BY_NAME[name]
    if depth in (Depth.TRUE, Depth.COLOURS_256):
        return theme
    return NIGHT if theme.dark else DAY
