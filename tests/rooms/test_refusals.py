from __future__ import annotations

import typing

import pytest

from rooms.bounds import WhyRefused
from rooms.errors import PolicyError, RefusedError, RoomFullError, RoomLockedError, SuiteError
from rooms.refusals import refusal, why_refused


@pytest.mark.parametrize("why", typing.get_args(WhyRefused))
def test_what_a_doorkeeper_says_is_what_whoever_knocked_hears(why: WhyRefused) -> None:
    assert why_refused(refusal(why)) == why
    assert refusal(why).hint


def test_only_a_lock_and_a_full_room_have_a_name() -> None:
    assert why_refused(RoomLockedError("x")) == "locked"
    assert why_refused(RoomFullError("x")) == "full"
    for error in (RefusedError("x"), PolicyError("a forged key"), SuiteError("x")):
        assert why_refused(error) == "no"
