"""The command line: `main` is the entry point, each command is one file loaded when it is used."""

import sys

from tui.cli import commands


def main() -> int:
    """Run `sotto` with the arguments of this process; return the exit code.

    What needs no command is answered here, before click is imported.
    """
    arguments = sys.argv[1:]
    if arguments in ([], ["--help"], ["-h"]):
        print(commands.overview())
        return 0 if arguments else 2
    if arguments == ["--version"]:
        print(commands.version())
        return 0
    from tui.cli.group import run

    return run(arguments)
