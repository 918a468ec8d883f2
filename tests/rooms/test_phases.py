"""What a server may say in each phase of a call."""

from __future__ import annotations

from typing import get_args

import pytest

from rooms import wire
from rooms.phases import EXPECTED, Phase


def test_every_server_message_but_errors_belongs_to_exactly_one_phase() -> None:
    again = EXPECTED[Phase.RETURNING]
    placed = [kind for kinds in EXPECTED.values() for kind in kinds if kinds is not again]
    assert len(placed) == len(set(placed))
    assert set(placed) == set(get_args(wire.ServerMessage)) - {wire.ServerError}
    assert again == EXPECTED[Phase.OPENING] | EXPECTED[Phase.KNOCKING]


@pytest.mark.parametrize("phase", [Phase.NEW, Phase.AWAY, Phase.OVER])
def test_nothing_is_expected_before_and_after_a_call(phase: Phase) -> None:
    assert not EXPECTED[phase]


def test_every_phase_is_in_the_table() -> None:
    assert set(EXPECTED) == set(Phase)
