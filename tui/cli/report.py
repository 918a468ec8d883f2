"""Errors as a person sees them: one line that says what, one that says what to do."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable

from e2ee.errors import SottovoceError
from tui.cli.commands import PROGRAM
from tui.cli.exits import Exit, exit_for

DEBUG = "SOTTO_DEBUG"
"""Environment variable: when set, tracebacks of unexpected errors are printed."""


class OutputError(SottovoceError):
    """Standard output takes nothing: its disk is full, or it is closed."""

    code = "face.output"

    def __init__(self) -> None:
        super().__init__("standard output cannot be written")


class UnreadError(OutputError):
    """Whoever read standard output has enough, as `head` has: nothing went wrong."""


def answer(text: str) -> None:
    """Print what was asked for on standard output. Raises `OutputError`."""
    if sys.stdout is None:
        raise OutputError
    try:
        print(text, flush=True)
    except UnicodeEncodeError as error:
        print(text.encode(error.encoding, "replace").decode(error.encoding), flush=True)
    except BrokenPipeError as error:
        seal_output()
        raise UnreadError from error
    except OSError as error:
        seal_output()
        raise OutputError from error


def passed_on(text: str) -> bool:
    """Print a line of what goes on and on; False if nobody reads any more. Raises `OutputError`."""
    try:
        answer(text)
    except UnreadError:
        return False
    return True


def seal_output() -> None:
    """Let nobody write to a standard output that takes nothing, the interpreter's end included."""
    if sys.stdout is None:
        return
    try:
        sys.stdout.flush()
    except (OSError, ValueError):
        with contextlib.suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def complaint(message: str, hint: str = "") -> str:
    """Return a message and, when there is one, its hint: two lines at most."""
    return f"{PROGRAM}: {message}\nhint: {hint}" if hint else f"{PROGRAM}: {message}"


def complain(message: str, hint: str = "") -> None:
    """Print a message and its hint on standard error."""
    with contextlib.suppress(OSError, ValueError):  # nobody reads it
        print(complaint(message, hint), file=sys.stderr, flush=True)


def expected(error: SottovoceError) -> Exit:
    """Print an error of ours; return its exit code."""
    complain(error.message, error.hint)
    return exit_for(error.code)


def unexpected(error: BaseException) -> Exit:
    """Print that something of ours is broken; return the exit code.

    Only the type and the place are shown: a message made by a library may quote what it was
    given, and that may be a secret.
    """
    import traceback

    if os.environ.get(DEBUG):
        traceback.print_exception(error)
    frames = traceback.extract_tb(error.__traceback__)
    place = f" in {os.path.basename(frames[-1].filename)}:{frames[-1].lineno}" if frames else ""
    complain(
        f"internal error: {type(error).__name__}{place}",
        "this is a fault of the program, not yours; "
        f"run it again with {DEBUG}=1 to see where it comes from",
    )
    return Exit.PERSON


def ended(command: Callable[[], int]) -> int:
    """Run a command; whatever it raises becomes an exit code and at most two lines of text."""
    try:
        return command()
    except KeyboardInterrupt:
        return Exit.INTERRUPTED
    except UnreadError:
        return Exit.DONE
    except SottovoceError as error:
        return expected(error)
    except Exception as error:
        return unexpected(error)
