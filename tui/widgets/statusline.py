"""The status line: what is really true right now, as much of it as the width allows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from textual.content import Content
from textual.widgets import Static

from tui.ctl.spelling import standing
from tui.facts import SENT, Facts, Phase, Sending
from tui.widgets.fitting import Part, fit, several

WIDE: Final = 140
"""Cells; from here on the numbers of the connection are shown although it is good."""
TALL: Final = 34
"""Rows of a terminal; from here on there are two rows."""
NAMED: Final = 3
"""People named at most where there are more."""

_ALARM, _QUIET, _GOOD, _LOOK = "bold $error", "$foreground-muted", "$success", "$warning"
_PHASES: Final[dict[Phase, Part]] = {
    "starting": Part(("sotto is starting", "starting"), vital=True),
    "knocking": Part(("knocked, waiting for a host", "knocked"), _LOOK, vital=True),
    "stopped": Part(("NOT SENDING, keys not confirmed", "NOT SENDING"), _ALARM, vital=True),
    "reconnecting": Part(
        ("connection lost, coming back; nothing is sent", "connection lost", "offline"),
        "bold $warning",
        vital=True,
    ),
    "leaving": Part(("leaving",), vital=True),
    "over": Part(("the call is over", "over"), vital=True),
}
_SOUND: Final[dict[Sending, Part]] = {
    "live": Part(("● mic live",), _GOOD, vital=True),
    "still": Part(("● mic STILL SENDING", "● mic SENDING"), _ALARM, vital=True),
    "unsent": Part(("○ mic on, nothing sent", "○ nothing sent"), _LOOK, vital=True),
    "starting": Part(("○ mic starting",), vital=True),
    "off": Part(("× muted",), vital=True),
    "missing": Part(("× no mic",), vital=True),
}
_PICTURE: Final[dict[Sending, Part]] = {
    "live": Part(("● camera live",), _GOOD, vital=True),
    "still": Part(("● camera STILL SENDING", "● cam SENDING"), _ALARM, vital=True),
    "unsent": Part(("○ no picture sent", "○ no picture"), vital=True),
    "starting": Part(("○ camera starting",), vital=True),
    "off": Part(("× camera off",), vital=True),
    "missing": Part(("× no camera",), vital=True),
}


@dataclass(frozen=True)
class Status:
    """Everything the line can say: the facts, how to be heard while muted, and keys to begin with.

    `hints` go from the longest to the shortest.
    """

    facts: Facts = field(default_factory=Facts)
    talk_key: str = ""
    hints: tuple[str, ...] = ()


def sending(facts: Facts) -> Iterator[Part]:
    """Yield whether sound and pictures leave this machine."""
    for state, words in ((facts.sound, _SOUND), (facts.picture, _PICTURE)):
        if facts.phase == "in" or state in SENT:
            yield words[state]


def recording(facts: Facts) -> Iterator[Part]:
    """Yield who records, by what their clients say; we come first."""
    names = [*["you"] * facts.recording, *facts.recorders]
    if names and facts.phase != "over":
        fewer = [f"● REC {several(names, most)}" for most in range(min(NAMED, len(names)), 0, -1)]
        yield Part((*fewer, f"● REC {len(names)}"), _ALARM, vital=True)


def earshot(facts: Facts) -> Iterator[Part]:
    """Yield who can hear and see us: all who hold the keys, if anything is sent."""
    if not facts.sent:
        if facts.phase in ("in", "stopped", "reconnecting"):
            yield Part(("nobody hears you",))
        return
    count = len(facts.hearers)
    plural = "" if count == 1 else "s"
    verbs = ["hear"] * (facts.sound in SENT) + ["see"] * (facts.picture in SENT)
    does = " and ".join(verb if plural else f"{verb}s" for verb in verbs)
    if not count:
        yield Part((f"nobody is here to {' or '.join(verbs)} you", "nobody is here"))
        return
    names = [several(facts.hearers, most) for most in range(min(NAMED, count), 0, -1)]
    forms = tuple(f"{who} {does} you" for who in (*names, str(count)))
    yield Part(forms, _LOOK if "still" in (facts.sound, facts.picture) else "$foreground")


def encryption(facts: Facts) -> Iterator[Part]:
    """Yield with which keys, and who shares them."""
    epoch = f"epoch {facts.epoch}"
    people = f"{facts.members} member{'' if facts.members == 1 else 's'}"
    yield Part((f"encrypted, {facts.suite} keys", "encrypted"), _GOOD)
    yield Part((f"{epoch}, {people}", f"{epoch}, {facts.members} in"), _GOOD)


def verification(facts: Facts) -> Iterator[Part]:
    """Yield at which epoch a code was compared, and how many came since."""
    said = standing(facts.verified, facts.unverified)
    if facts.verified is None:
        yield Part((said, "unverified"))
    elif facts.unverified:
        yield Part((said, f"{facts.unverified} unverified"), _LOOK)
    else:
        yield Part((said, "verified"), _GOOD)


def connection(facts: Facts, width: int) -> Iterator[Part]:
    """Yield how good the connection is: what is bad about it, and all numbers if there is room."""
    if not facts.link:
        return
    everything = ", ".join(measure.short for measure in facts.link)
    bad = [measure.short for measure in facts.link if measure.bad]
    verdict = f"connection {'bad' if bad else 'good'}"
    brief = (f"{verdict}: {', '.join(bad)}", f"bad: {bad[0]}") if bad else (verdict,)
    full = (f"{verdict}: {everything}", everything) if width >= WIDE else ()
    yield Part((*full, *brief), _LOOK if bad else _QUIET)


def room(facts: Facts) -> Iterator[Part]:
    """Yield what is special about the room, and about us in it."""
    if facts.locked:
        yield Part(("locked",), _LOOK)
    if facts.role != "member":
        yield Part((facts.role,), "$primary")


def leaving(status: Status) -> list[Part]:
    """Return what is said about what leaves this machine, the most important first."""
    facts = status.facts
    found = [] if facts.phase == "in" else [_PHASES[facts.phase]]
    return [*found, *sending(facts), *recording(facts)]


def standing_so(status: Status, width: int) -> list[Part]:
    """Return what is said about the keys, the connection and the room."""
    facts = status.facts
    if facts.phase != "in":
        return []
    link = list(connection(facts, width))
    rest = [*encryption(facts), *room(facts), *verification(facts)]
    first = width >= WIDE or any(measure.bad for measure in facts.link)
    return [*link, *rest] if first else [*rest, *link]


def talk_key(status: Status) -> list[Part]:
    """Return how to be heard, while we are not."""
    silent = status.facts.phase == "in" and status.facts.sound == "off"
    return [Part((status.talk_key,))] if status.talk_key and silent else []


def rows(status: Status, width: int, height: int) -> Sequence[Content]:
    """Return one row, or two: what leaves this machine, and below it all else."""
    first, second, key = leaving(status), standing_so(status, width), talk_key(status)
    hearing = list(earshot(status.facts))
    if height >= 2:
        return [fit([*first, *hearing, *key], (), width), fit(second, status.hints, width)]
    # that nobody hears us follows from what was said already
    rest = [*hearing, *second] if status.facts.sent else [*second, *hearing]
    return [fit([*first, *rest, *key], status.hints, width)]


class StatusLine(Static):
    """At the bottom: a row, or two on a screen that is tall."""

    SCOPED_CSS = False
    DEFAULT_CSS = """
    StatusLine { dock: bottom; height: 1; background: $panel; }
    .-tall StatusLine { height: 2; }
    """

    def __init__(self) -> None:
        super().__init__("", markup=False)
        self.status = Status()

    def show(self, status: Status) -> None:
        """Draw another status, if it looks another."""
        before, self.status = self.render(), status
        if not self.render().is_same(before):
            self.refresh()

    def render(self) -> Content:
        """Return the line at the present width."""
        return Content("\n").join(rows(self.status, self.size.width, self.size.height))
