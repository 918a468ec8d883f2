from __future__ import annotations

import inspect

import pytest

from tui import errors
from tui.cli.exits import Exit, exit_for


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (errors.ActionError, Exit.PERSON),
        (errors.NotFoundError, Exit.PERSON),
        (errors.UnsureError, Exit.PERSON),
        (errors.UsageError, Exit.USAGE),
        (errors.AmbiguousError, Exit.USAGE),
        (errors.NotAllowedError, Exit.REFUSED),
        (errors.NotInRoomError, Exit.ROOM),
        (errors.NoDeviceError, Exit.DEVICE),
    ],
)
def test_a_script_learns_from_the_exit_code_what_kept_an_action_back(
    kind: type[errors.ActionError], code: Exit
) -> None:
    assert exit_for(kind.code) == code


def test_no_two_have_one_code_and_all_are_a_persons_to_mend() -> None:
    kinds = [kind for _, kind in inspect.getmembers(errors, inspect.isclass)]
    mine = [kind for kind in kinds if issubclass(kind, errors.ActionError)]
    assert len({kind.code for kind in mine}) == len(mine) == 8
    assert {kind.fault for kind in mine} == {"person"}


def test_a_face_makes_a_sentence_of_the_message() -> None:
    assert errors.in_a_sentence(errors.NotInRoomError()) == "You are not in the room."
    assert errors.in_a_sentence(errors.NotFoundError("Ada is no cohost")) == "Ada is no cohost."
