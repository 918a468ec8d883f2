"""What is said of files that are sent: a line when one begins, and how far it is. Pure."""

from __future__ import annotations

from rooms.events import FileDone, FileFailed, FileOffered, FileProgress
from rooms.ledger import in_words

FileEvent = FileOffered | FileProgress | FileDone | FileFailed
_WHY = {
    "incomplete": "part of it is missing",
    "disconnected": "the connection broke",
    "no_room": "too many others come at the same time",
}


def sends(event: FileEvent) -> str:
    """Return who sends what: `Ada sends report.pdf (1.2 MB)`."""
    who = "You send" if event.mine else f"{event.name} sends"
    return f"{who} {event.file_name} ({in_words(event.size)})"


def how_far(event: FileEvent) -> str:
    """Return how it stands with a file, in a word or two; empty when it has just begun."""
    match event:
        case FileProgress():
            return f"{100 * event.done // max(event.size, 1)} %"
        case FileDone(mine=True):
            return "sent"
        case FileDone():
            return f"/save {event.number}"
        case FileFailed():
            return f"failed: {_WHY[event.reason]}"
        case FileOffered():
            return ""


def came_of(event: FileDone | FileFailed) -> str:
    """Return what came of a file in a sentence, which begins with who sent it."""
    whose = "Your" if event.mine else f"{event.name}'s"
    match event:
        case FileDone(mine=True):
            return f"You sent {event.file_name}."
        case FileDone():
            return f"{whose} {event.file_name} is here: /save {event.number} writes it to the disk."
        case FileFailed():
            verb = "was not sent" if event.mine else "did not come"
            return f"{whose} {event.file_name} {verb}: {_WHY[event.reason]}."
