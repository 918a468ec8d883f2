"""One written line as it is drawn: time, name, text, what it answers, how people reacted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from textual.content import Content

from rooms.chat_events import KeptLine
from rooms.events import FileFailed
from tui.file_words import FileEvent, how_far, sends
from tui.mentions import links, mentions
from tui.ports import ChatReceived

QUOTED = 60
"""Characters of a line that is answered, shown above the answer."""
INDENT = "  "


def chat_line(
    event: ChatReceived,
    *,
    me: str = "",
    quoted: ChatReceived | None = None,
    reactions: Mapping[str, Sequence[str]] | None = None,
) -> Content:
    """Return a written line. All of it plain, never markup.

    `me`: our name, marked where it stands. `quoted`: the line it answers, if we have it.
    `reactions`: who reacted, by emoji.
    """
    text = Content(f"{_local(event.sent)} ").stylize("$foreground-muted")
    text += Content(event.name).stylize("bold $secondary" if event.mine else "bold $primary")
    text += Content(" ") + _body(event, me)
    if event.reply_to:
        text = _quote(quoted) + text
    if reactions:
        text += Content(f"\n{INDENT}") + _reactions(reactions, me)
    return text


def kept_line(line: KeptLine) -> Content:
    """Return a line of an earlier call, with its day, dimmed."""
    text = line.text.replace("\n", f"\n{INDENT}")
    when = f"{line.sent.astimezone():%Y-%m-%d %H:%M}"
    return Content(f"{when} {line.name} {text}").stylize("$foreground-muted")


def file_line(event: FileEvent) -> Content:
    """Return the line of a file: when, who sends what, and how far it is."""
    text = Content(f"{_local(event.time)} ").stylize("$foreground-muted")
    told = Content(sends(event))
    who = 0 if event.mine else len(event.name)
    text += told.stylize("bold $primary", 0, who) if who else told
    if not (far := how_far(event)):
        return text
    style = "$error" if isinstance(event, FileFailed) else "$accent"
    return text + Content(" · ") + Content(far).stylize(style)


def first_words(text: str, most: int = QUOTED) -> str:
    """Return the beginning of a text, on one line."""
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}…"


def _body(event: ChatReceived, me: str) -> Content:
    body = Content(event.text)
    for start, end in links(event.text):
        body = body.stylize("underline $accent", start, end)
    for start, end in [] if event.mine else mentions(event.text, me):
        body = body.stylize("bold $warning", start, end)
    first, *rest = body.split("\n", allow_blank=True)
    return Content(f"\n{INDENT}").join([first, *rest])


def _quote(quoted: ChatReceived | None) -> Content:
    said = "a line from before" if quoted is None else f"{quoted.name}: {first_words(quoted.text)}"
    return Content(f"↳ {said}\n").stylize("$foreground-muted")


def _reactions(reactions: Mapping[str, Sequence[str]], me: str) -> Content:
    shown = []
    for emoji, names in reactions.items():
        count = Content(f"{emoji} {len(names)}")
        shown.append(count.stylize("bold $secondary" if me in names else "$foreground-muted"))
    return Content(INDENT).join(shown)


def _local(sent: datetime) -> str:
    return sent.astimezone().strftime("%H:%M")
