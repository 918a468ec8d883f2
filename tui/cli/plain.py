"""Commands that only ask a running call, without click where their arguments are plain.

Loading click takes longer than the answer does. What is not plain, such as `--help` or a mistake,
is click's, and so are the words about it.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from tui.cli import report
from tui.cli.commands import PLAIN
from tui.cli.exits import Exit


def run(arguments: Sequence[str]) -> int | None:
    """Run a command of `PLAIN`; None if click has to look at the arguments."""
    name, *rest = arguments
    flags = [word for word in rest if word.startswith("-")]
    words = [word for word in rest if not word.startswith("-")]
    plain = set(flags) <= set(PLAIN[name]) and len(set(flags)) == len(flags)
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


def verify(call: str | None, *, match: bool, differs: bool, as_json: bool) -> int:
    """Show the verification code of a call, or pass on what came of comparing it.

    Raises `ControlError`, `OutputError`.
    """
    from tui.ctl.asking import choose

    line = choose(call)
    told = line.ask("verify", same=match) if match or differs else line.ask("verify")
    if as_json:
        import json

        report.answer(json.dumps(told))
    else:
        from tui.ctl.spelling import code_in_words, comparison_in_words

        large = sys.stdout.isatty()
        report.answer(comparison_in_words(told) if match or differs else code_in_words(told, large))
    return Exit.DONE
