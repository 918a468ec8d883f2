"""What was typed after `sotto ctl`, as a request. Light to import: a command waits for it."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from tui.errors import UsageError

OWN = ("status", "who", "verify", "say", "talk", "events", "observe")
ACTS = (
    *("mute", "unmute", "toggle", "video", "reply", "react", "file", "save", "admit", "refuse"),
    *("remove", "cohost", "dismiss", "volume", "louder", "softer", "lock", "unlock", "policy"),
    "leave",
)
VERBS = OWN + ACTS
"""Every verb; none of them can be the name of a call, which has a number, too."""
FOLLOWED = {"events": "kinds", "observe": "properties"}
"""Verbs that are answered until the call ends, with the field that lists what is told."""
TEXT = ("say", "reply")
"""Verbs whose argument is a text, in which nothing is an option."""
OPTIONS = {"--json": False, "--reply-to": True}
"""Options, and whether a word belongs to them."""
MAX_TEXT = 32_768
"""Bytes of standard input that are looked at."""
HELP = "sotto ctl --help lists what there is"


class Typed:
    """A request, and how its answer is wanted: the call, the verb, its fields, `as_json`."""

    def __init__(self, call: str, verb: str, fields: dict[str, object], as_json: bool) -> None:
        self.call, self.verb, self.fields, self.as_json = call, verb, fields, as_json


def read(words: Sequence[str]) -> Typed:
    """Read `[CALL] VERB [ARGUMENT...]`, with options before each of them and, but in text, between.

    Raises `UsageError`.
    """
    options: dict[str, str] = {}
    call, rest = "", _plain(words, options, text=True)
    if rest and rest[0] not in VERBS and rest[1:]:
        call, rest = rest[0], _plain(rest[1:], options, text=True)
    if not rest:
        raise UsageError("say what to do", hint=HELP)
    verb = rest[0]
    if verb not in VERBS:
        wrong = call if call and not call.isdecimal() else verb
        raise UsageError(f"there is no verb {wrong!r}", hint=HELP)
    fields = _fields(verb, _plain(rest[1:], options, text=verb in TEXT))
    if "--reply-to" in options:
        fields["reply_to"] = options["--reply-to"]
    return Typed(call, verb, fields, "--json" in options)


def _plain(words: Sequence[str], options: dict[str, str], *, text: bool) -> list[str]:
    """Note the options there are and return the other words; `text`: after the first is none."""
    plain: list[str] = []
    coming = iter(words)
    for word in coming:
        if word in OPTIONS:
            options[word] = value = next(coming, "") if OPTIONS[word] else ""
            if OPTIONS[word] and not value:
                raise UsageError(f"say what {word} is", hint=HELP)
        elif word.startswith("--") and word != "--":
            raise UsageError(f"there is no option {word!r}", hint=HELP)
        else:
            plain += [] if word == "--" else [word]
            if text or word == "--":
                plain += coming
    return plain


def _fields(verb: str, arguments: Sequence[str]) -> dict[str, object]:
    match verb, *arguments:
        case "say", *_:
            return {"text": _piped() if arguments == ["-"] else " ".join(arguments)}
        case "talk", "on" | "off" as wish:
            return {"on": wish == "on", "at": started()}
        case "talk", *_:
            raise UsageError("say on or off")
        case "file" | "save", _, *_:
            return {"argument": _from_here(verb, arguments)}
        case "verify", "same" | "different" as answer:
            return {"same": answer == "same"}
    if verb in FOLLOWED:
        return {FOLLOWED[verb]: arguments}
    return {"argument": " ".join(arguments)} if arguments else {}


def _from_here(verb: str, words: Sequence[str]) -> str:
    """Return an argument with a path, which is meant from where the shell is, not the call."""
    which = words[:1] if verb == "save" else ()
    return " ".join([*which, os.path.abspath(" ".join(words[len(which) :]))])


def _piped() -> str:
    return sys.stdin.buffer.read(MAX_TEXT).decode(errors="replace") if sys.stdin else ""


def started() -> float:
    """Return when this process was started, in seconds since the machine was.

    Of a key that was tapped, press and release are two processes, and either may be first to get
    through; they were started in the right order.
    """
    with open("/proc/self/stat", encoding="ascii", errors="replace") as stat:
        fields = stat.read().rpartition(")")[2].split()
    return int(fields[19]) / os.sysconf("SC_CLK_TCK")  # the 22nd of proc(5), after a free text
