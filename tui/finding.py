"""Who is meant by what a person typed: `#N`, or a name however it is written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from rooms.events import Knock, Participant

T = TypeVar("T")
NOBODY: Final = "Nobody is knocking."


def find_knock(knocks: Sequence[Knock], target: str) -> Knock | str:
    """Return the knock meant by `#N`, a name or nothing (the first); or why there is none."""
    if not knocks:
        return NOBODY
    if not target:
        return knocks[0]
    if target.startswith("#"):
        found = [knock for knock in knocks if f"#{knock.knock}" == target]
    else:
        found = [knock for knock in knocks if knock.name.casefold() == target.casefold()]
    return _only(found, "Nobody of that name is knocking.", "Several of that name are knocking.")


def find_participant(people: Sequence[Participant], target: str) -> Participant | str:
    """Return the other participant meant by `#LEAF` or a name; or why there is none."""
    others = [person for person in people if not person.me]
    if target.startswith("#"):
        found = [person for person in others if f"#{person.leaf}" == target]
    else:
        found = [person for person in others if person.name.casefold() == target.casefold()]
    return _only(found, "Nobody else here has that name.", "Several here have that name.")


def _only(found: Sequence[T], none: str, several: str) -> T | str:
    if len(found) == 1:
        return found[0]
    return several if found else none
