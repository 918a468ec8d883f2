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
MAX_TEXT = 32_768
"""Characters of standard input that are looked at."""
HELP = "sotto ctl --help lists what there is"


class Typed:
    """A request, and how its answer is wanted: the call, the verb, its fields, `as_json`."""

    def __init__(self, call: str, verb: str, fields: dict[str, object], as_json: bool) -> None:
        self.call, self.verb, self.fields, self.as_json = call, verb, fields, as_json


def read(words: Sequence[str]) -> Typed:
    """Read `[CALL] VERB [--json] [ARGUMENT...]`; after `--` nothing is an option.

    Raises `UsageError`.
    """
    end = words.index("--") if "--" in words else len(words)
    plain, as_json, reply_to = _options(words[:end])
    plain += words[end + 1 :]
    call = plain.pop(0) if plain and plain[0] not in VERBS and plain[1:2] else ""
    if not plain:
        raise UsageError("say what to do", hint=HELP)
    if plain[0] not in VERBS:
        wrong = call if call and not call.isdecimal() else plain[0]
        raise UsageError(f"there is no verb {wrong!r}", hint=HELP)
    verb, *arguments = plain
    fields = _fields(verb, arguments)
    if reply_to:
        fields["reply_to"] = reply_to
    return Typed(call, verb, fields, as_json)


def _options(words: Sequence[str]) -> tuple[list[str], bool, str]:
    """Return the words that are no options, whether JSON is wanted, and the line to answer."""
    plain, as_json, reply_to = [], False, ""
    coming = iter(words)
    for word in coming:
        if word == "--json":
            as_json = True
        elif word == "--reply-to":
            reply_to = next(coming, "")
        elif word.startswith("--"):
            raise UsageError(f"there is no option {word!r}", hint=HELP)
        else:
            plain.append(word)
    return plain, as_json, reply_to


def _fields(verb: str, arguments: Sequence[str]) -> dict[str, object]:
    match verb, *arguments:
        case "say", *_:
            return {"text": sys.stdin.read(MAX_TEXT) if arguments == ["-"] else " ".join(arguments)}
        case "talk", "on" | "off" as wish:
            return {"on": wish == "on", "at": started()}
        case "talk", *_:
            raise UsageError("say on or off")
        case "file", _, *_:
            return {"argument": os.path.abspath(" ".join(arguments))}
        case "verify", "same" | "different" as answer:
            return {"same": answer == "same"}
    if verb in FOLLOWED:
        return {FOLLOWED[verb]: arguments}
    return {"argument": " ".join(arguments)} if arguments else {}


def started() -> float:
    """Return when this process was started, in seconds since the machine was.

    Of a key that was tapped, press and release are two processes, and either may be first to get
    through; they were started in the right order.
    """
    with open("/proc/self/stat", encoding="ascii", errors="replace") as stat:
        fields = stat.read().rpartition(")")[2].split()
    return int(fields[19]) / os.sysconf("SC_CLK_TCK")  # the 22nd of proc(5), after a free text
