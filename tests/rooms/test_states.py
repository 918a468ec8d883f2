"""The table itself: who may do what, and that nobody comes back."""

from __future__ import annotations

import typing

import pytest

from rooms import wire
from rooms.states import TRANSITIONS, State, allowed, moved

EXAMPLES = {
    wire.OpenRoom: wire.OpenRoom(bytes(16)),
    wire.Knock: wire.Knock(bytes(16), b"x"),
    wire.SubmitCommit: wire.SubmitCommit(0, b"x"),
    wire.Refuse: wire.Refuse(1),
    wire.SendApplication: wire.SendApplication(b"x"),
    wire.StartMedia: None,
    wire.Leave: wire.Leave(),
}


def may(state: State) -> set[str]:
    """Names of what a client may send."""
    return {
        kind.__name__ for kind in TRANSITIONS[state] if kind in typing.get_args(wire.ClientMessage)
    }


def test_who_may_send_what() -> None:
    inside = {"SubmitCommit", "SendApplication", "StartMedia", "Leave"}
    assert may(State.NEW) == {"OpenRoom", "Knock", "Leave"}
    assert may(State.KNOCKING) == {"Leave"}
    assert may(State.MEMBER) == inside
    assert may(State.HOST) == inside | {"Refuse"}
    assert may(State.GONE) == set()


def test_every_client_message_is_allowed_somewhere() -> None:
    assert set().union(*map(may, State)) == {kind.__name__ for kind in EXAMPLES}
    assert set(EXAMPLES) == set(typing.get_args(wire.ClientMessage))


def test_the_ways_in_and_out() -> None:
    assert moved(State.NEW, wire.OpenRoom) is State.HOST
    assert moved(State.NEW, wire.Knock) is State.KNOCKING
    assert moved(State.KNOCKING, wire.Welcomed) is State.MEMBER
    assert moved(State.KNOCKING, wire.Refused) is State.GONE
    assert moved(State.MEMBER, wire.Removed) is State.GONE
    assert moved(State.MEMBER, wire.SubmitCommit) is State.MEMBER


def test_only_a_welcome_makes_a_member() -> None:
    ways = {(state, by) for state, row in TRANSITIONS.items() for by in row}
    into = {(state, by) for state, by in ways if moved(state, by) is State.MEMBER}
    assert {pair for pair in into if pair[0] is not State.MEMBER} == {
        (State.KNOCKING, wire.Welcomed)
    }


def test_every_living_state_can_fail_and_leave() -> None:
    for state in set(State) - {State.GONE}:
        assert moved(state, wire.ServerError) is State.GONE
        assert moved(state, wire.Leave) is State.GONE


def test_nothing_comes_back_from_gone() -> None:
    assert not allowed(State.GONE, wire.Leave())
    with pytest.raises(KeyError):
        moved(State.GONE, wire.OpenRoom)
