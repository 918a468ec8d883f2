"""What the next Commit is to do. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from e2ee.errors import SottovoceError
from rooms.errors import PolicyError
from rooms.knocks import Knocker
from rooms.policy import RoomState
from rooms.removals import Removal
from rooms.returns import Return
from rooms.roles import Edit


@dataclass(frozen=True, slots=True)
class Plan:
    """What one Commit is to do; `state` is what its edits make of the room's."""

    adds: tuple[Knocker, ...]
    returns: Mapping[int, Return]
    removes: Mapping[int, Removal]
    edits: tuple[Edit, ...]
    state: RoomState
    renew: bool


def edited(
    state: RoomState, edits: Sequence[Edit]
) -> tuple[RoomState, list[Edit], list[SottovoceError]]:
    """Return what edits make of a state, those that can be made, and why others cannot."""
    made: list[Edit] = []
    failed: list[SottovoceError] = []
    for edit in edits:
        try:
            changed = edit(state)
            changed.encode()
        except PolicyError as error:
            failed.append(error)
        else:
            state = changed
            made.append(edit)
    return state, made, failed
