"""Files: sending one to everybody, saving one that came."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tui.actions.action import Action
from tui.errors import NotFoundError, UsageError

if TYPE_CHECKING:
    from rooms.events import FileDone
    from tui.ports import CallPort


def send(call: CallPort, argument: str) -> str:
    """Send a file to everybody."""
    if not argument:
        raise UsageError("say which file")
    call.files.send(argument)
    return ""


def save(call: CallPort, argument: str) -> str:
    """Save a file somebody sent, by its number or name, or the last one; here, or elsewhere."""
    done, path = _meant(call.files.here, argument)
    return f"Saved: {call.files.save(done.file, path)}"


def _meant(here: Sequence[FileDone], argument: str) -> tuple[FileDone, str]:
    """Return the file that is meant, the newest if several are, and the rest of what was said.

    Names may have blanks in them, so the longest one that fits counts. Raises `NotFoundError`.
    """
    if not here:
        raise NotFoundError("no file is here to be saved")
    if not argument:
        return here[-1], ""
    called = [(name, done) for done in here for name in (str(done.number), done.file_name)]
    fitting = [one for one in called if f"{argument} ".startswith(f"{one[0]} ")]
    if not fitting:
        raise NotFoundError(f"no file is here that is called {argument.partition(' ')[0]}")
    name, done = max(reversed(fitting), key=lambda one: len(one[0]))
    return done, argument[len(name) :].strip()


FILE = Action("file", "F", "Send a file", "send a file to everybody", "chat", "PATH", send)
SAVE = Action(
    "save", "S", "Save a file", "save a file somebody sent", "chat", "[FILE] [PATH]", save
)
