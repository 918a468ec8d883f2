"""The status line: what is really true right now, as much of it as the width allows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from textual.content import Content
from textual.widgets import Static

from tui.ctl.spelling import standing
from tui.ports import Role

Phase = Literal["starting", "knocking", "in", "stopped", "reconnecting", "leaving", "over"]

_PHASES: dict[Phase, tuple[str, str]] = {
    "starting": ("sotto is starting", "$foreground-muted"),
    "knocking": ("knocked, waiting for a host", "$warning"),
    "stopped": ("NOT SENDING, keys not confirmed", "bold $error"),
    "reconnecting": ("connection lost, coming back; nothing is sent", "bold $warning"),
    "leaving": ("leaving", "$foreground-muted"),
    "over": ("the call is over", "$foreground-muted"),
}


_KEYS = ("l link  ? help  q leave", "? help  q leave", "? help")
AROUND_KEYS = 3
"""Cells: two before the keys, one after."""
OWN_DEVICES = 2
"""Parts after the first that say what leaves this machine; they may cost all keys but help."""
BRIEF_BELOW = 60
"""Cells; below, the state of the keys is said in fewer words so the microphone is not cut."""


@dataclass(frozen=True)
class Status:
    """Everything the line can say. `sending_*` come from packets counted, not from switches.

    `has_*` are None until it is known whether there is one; `talk_key` says how to be heard while
    muted.
    """

    phase: Phase = "starting"
    epoch: int = 0
    members: int = 0
    has_microphone: bool | None = True
    muted: bool = True
    sending_audio: bool = False
    has_camera: bool | None = True
    camera: bool = False
    sending_video: bool = False
    role: Role = "member"
    locked: bool = False
    quality: str = ""
    talk_key: str = ""
    verified: int | None = None
    unverified: int = 0


Part = tuple[str, str]
"""A text and the style it is drawn in."""


def encryption(status: Status, *, brief: bool = False) -> Part:
    """Say who shares the keys."""
    if status.phase != "in":
        return _PHASES[status.phase]
    if brief:
        return f"epoch {status.epoch}, {status.members} in", "$success"
    people = f"{status.members} member{'' if status.members == 1 else 's'}"
    return f"encrypted, epoch {status.epoch}, {people}", "$success"


def microphone(status: Status) -> Part:
    """Say whether sound leaves this machine."""
    match status.muted, status.sending_audio:
        case True, True:
            return "● mic STILL SENDING", "bold $error"
        case True, False:
            missing = status.has_microphone is False
            return "× no mic" if missing else "× muted", "$foreground-muted"
        case False, True:
            return "● mic live", "$success"
        case _ if status.has_microphone is None:
            return "○ mic starting", "$foreground-muted"
        case _:
            return "○ mic on, nothing sent", "$warning"


def lens(status: Status) -> Part:
    """Say whether pictures leave this machine."""
    match status.camera, status.sending_video:
        case _, True:
            return "● camera live" if status.camera else "● camera STILL SENDING", (
                "$success" if status.camera else "bold $error"
            )
        case True, False:
            return "○ no picture sent", "$foreground-muted"
        case _:
            missing = status.has_camera is False
            return "× no camera" if missing else "× camera off", "$foreground-muted"


def verification(status: Status) -> Part:
    """Say at which epoch a code was compared, and how many came since."""
    said = standing(status.verified, status.unverified)
    return said, "$warning" if status.unverified else "$success"


def parts(status: Status, *, brief: bool = False) -> list[Part]:
    """Return all there is to say, the most important first."""
    found = [encryption(status, brief=brief)]
    if status.phase == "stopped":  # nothing should be sent: what is, is worth an alarm
        if status.sending_audio:
            found.append(("● mic STILL SENDING", "bold $error"))
        if status.sending_video:
            found.append(("● camera STILL SENDING", "bold $error"))
    if status.phase == "in":
        found += [microphone(status), lens(status)]
        if status.verified is not None:
            found.append(verification(status))
        if status.locked:
            found.append(("locked", "$warning"))
        if status.role != "member":
            found.append((status.role, "$primary"))
        if status.quality:
            found.append((status.quality, "$foreground-muted"))
        if status.talk_key and status.muted and status.has_microphone is not False:
            found.append((status.talk_key, "$foreground-muted"))
    return found


def compose(status: Status, width: int) -> Content:
    """Return as many parts as fit into `width` cells; at the right the keys to begin with.

    The keys that lead to help come before all that is not about what leaves this machine.
    """
    first, *rest = parts(status, brief=width < BRIEF_BELOW)
    leaving = sum(len(text) + 2 for text, _ in [first, *rest[:OWN_DEVICES]]) - 1
    if leaving > width - len(_KEYS[-1]) - AROUND_KEYS:
        first = (first[0].removeprefix("encrypted, "), first[1])  # the epoch says as much
    line = Content(" ") + _styled(first)
    for number, part in enumerate(rest):
        longer = line + Content("  ") + _styled(part)
        keys = _KEYS[-1] if number < OWN_DEVICES else _KEYS[-2]
        if longer.cell_length > width - len(keys) - AROUND_KEYS:
            if number < OWN_DEVICES:
                break
            continue  # what is shorter may still fit
        line = longer
    for keys in _KEYS if status.phase == "in" else _KEYS[1:]:
        gap = width - line.cell_length - len(keys) - 1
        if gap >= AROUND_KEYS - 1:
            return line + Content(" " * gap) + Content(keys).stylize("$foreground-muted")
    return line.truncate(width, ellipsis=True)


def _styled(part: Part) -> Content:
    return Content(part[0]).stylize(part[1])


class StatusLine(Static):
    """One row at the bottom."""

    DEFAULT_CSS = """
    StatusLine { dock: bottom; height: 1; background: $panel; }
    """

    def __init__(self) -> None:
        super().__init__("", markup=False)
        self.status = Status()

    def show(self, status: Status) -> None:
        """Draw another status, if it is another."""
        if status != self.status:
            self.status = status
            self.refresh()

    def render(self) -> Content:
        """Return the line at the present width."""
        return compose(self.status, self.size.width)
