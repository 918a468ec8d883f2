"""Who is meant by what a person typed: `#N`, or a name however it is written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeVar

from tui.errors import AmbiguousError, NotFoundError, UsageError

if TYPE_CHECKING:
    from rooms.events import Knock, Participant

T = TypeVar("T")


def find_knock(knocks: Sequence[Knock], target: str) -> Knock:
    """Return the knock meant by `#N`, a name or nothing (the first).

    Raises `NotFoundError`, `AmbiguousError`.
    """
    if not knocks:
        raise NotFoundError("nobody is knocking")
    if not target:
        return knocks[0]
    if target.startswith("#"):
        found = [knock for knock in knocks if f"#{knock.knock}" == target]
    else:
        found = [knock for knock in knocks if knock.name.casefold() == target.casefold()]
    return _only(found, "nobody of that name is knocking", "several of that name are knocking")


def find_participant(people: Sequence[Participant], target: str) -> Participant:
    """Return the other participant meant by `#LEAF` or a name.

    Raises `UsageError`, `NotFoundError`, `AmbiguousError`.
    """
    if not target:
        raise UsageError("say who")
    others = [person for person in people if not person.me]
    if target.startswith("#"):
        found = [person for person in others if f"#{person.leaf}" == target]
    else:
        found = [person for person in others if person.name.casefold() == target.casefold()]
    return _only(found, "nobody else here has that name", "several here have that name")


def _only(found: Sequence[T], none: str, several: str) -> T:
    if not found:
        raise NotFoundError(none)
    if len(found) > 1:
        raise AmbiguousError(several)
    return found[0]
