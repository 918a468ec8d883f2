"""The command line: `main` is the entry point, each command is one file loaded when it is used."""

import os
import sys

from tui.cli import commands


def main() -> int:
    """Run `sotto` with the arguments of this process; return the exit code.

    What needs no command is answered here, before click is imported.
    """
    _keep_numbers()
    arguments = sys.argv[1:]
    if not arguments and _drawable():
        arguments = [commands.DEFAULT]
    if arguments in ([], ["--help"], ["-h"]):
        return _answer(commands.overview(), 0 if arguments else 2)
    if arguments == ["--version"]:
        return _answer(commands.version())
    if sorted(arguments) == ["--json", "--version"]:
        from tui.cli.versions import as_json

        return _answer(as_json())
    if arguments[0] in commands.PLAIN:
        from tui.cli.plain import run as run_plain

        code = run_plain(arguments)
        if code is not None:
            return code
    from tui.cli.group import run

    return run(arguments)


def _drawable() -> bool:
    """Return whether a screen is drawn: on a terminal that is not dumb, for who wants one."""
    if not (sys.stdin and sys.stdin.isatty() and sys.stdout and sys.stdout.isatty()):
        return False
    from tui.terminal import dumb

    return not dumb() and os.environ.get("SOTTO_PLAIN", "") in ("", "0")


def _keep_numbers() -> None:
    """Keep the numbers of standard streams that are closed: else sockets would have them.

    Words for nobody go nowhere: `print` would write them on standard output.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)  # it takes the lowest one
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115 - for as long as we run


def _answer(text: str, code: int = 0) -> int:
    try:
        if sys.stdout is None:
            raise OSError
        print(text, flush=True)
    except OSError:
        from tui.cli import report

        def again() -> int:
            report.answer(text)
            return code

        return report.ended(again)  # which says why not
    return code
