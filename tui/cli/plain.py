"""Commands that only ask a running call, without click where their arguments are plain.

Loading click takes longer than the answer does. What is not plain, such as `--help` or a mistake
with an option, is click's, and so are the words about it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from tui.cli import report
from tui.cli.exits import Exit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tui.ctl.asking import Line

VERIFY = ("--match", "--differs", "--json")
"""The options of `sotto verify`, each at most once, beside one word at most."""
CALL = "SOTTO_CALL"
"""Environment variable: the call that is meant where none is named."""


def run(arguments: Sequence[str]) -> int | None:
    """Run a command of `commands.PLAIN`; None if click has to look at the arguments."""
    name, *rest = arguments
    return _run_verify(rest) if name == "verify" else _run_ctl(rest)


def _run_verify(arguments: Sequence[str]) -> int | None:
    flags = [word for word in arguments if word.startswith("-")]
    words = [word for word in arguments if not word.startswith("-")]
    plain = set(flags) <= set(VERIFY) and len(set(flags)) == len(flags)
    if not plain or len(words) > 1 or {"--match", "--differs"} <= set(flags):
        return None
    return report.ended(
        lambda: verify(
            words[0] if words else None,
            match="--match" in flags,
            differs="--differs" in flags,
            as_json="--json" in flags,
        )
    )


def _run_ctl(arguments: Sequence[str]) -> int | None:
    options = arguments[: arguments.index("--")] if "--" in arguments else arguments
    if "--help" in options or arguments[:1] == ["-h"]:
        return None
    return report.ended(lambda: ctl(arguments))


def verify(call: str | None, *, match: bool, differs: bool, as_json: bool) -> int:
    """Show the verification code of a call, or pass on what came of comparing it.

    Raises `ControlError`, `OutputError`.
    """
    line = _line(call)
    told = line.ask("verify", same=match) if match or differs else line.ask("verify")
    report.answer(_as_json(told) if as_json else _in_words("verify", told))
    return Exit.DONE


def ctl(words: Sequence[str]) -> int:
    """Do what was typed after `sotto ctl`. Raises `ControlError`, `UsageError`, `OutputError`."""
    from tui.ctl.typed import FOLLOWED, read

    typed = read(words)
    line = _line(typed.call)
    if typed.verb in FOLLOWED:
        for told in line.follow(typed.verb, sys.stdout.fileno(), **typed.fields):
            if not report.passed_on(_as_json(told)):
                break
        return Exit.DONE
    told = line.ask(typed.verb, **typed.fields)
    if answer := _as_json(told) if typed.as_json else _in_words(typed.verb, told):
        report.answer(answer)
    return Exit.DONE


def _line(call: str | None) -> Line:
    """Return the line to the call that is meant. Raises `ControlError`, `OutputError`."""
    if sys.stdout is None:
        raise report.OutputError
    from tui.ctl.asking import choose

    return choose(call or os.environ.get(CALL))


def _as_json(told: dict[str, object]) -> str:
    import json

    return json.dumps(told)


def _in_words(verb: str, told: dict[str, object]) -> str:
    if verb != "verify":
        return str(told.get("words", ""))
    from tui.ctl.spelling import code_in_words, comparison_in_words

    return comparison_in_words(told) if "same" in told else code_in_words(told, sys.stdout.isatty())
