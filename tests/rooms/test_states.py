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
    wire.NameDoorkeepers: wire.NameDoorkeepers([1]),
    wire.Refuse: wire.Refuse(1),
    wire.Propose: wire.Propose(b"x"),
    wire.SendApplication: wire.SendApplication(b"x"),
    wire.SendChunk: wire.SendChunk(bytes(16), 0, 0, bytes(32816)),
    wire.ChunkTaken: wire.ChunkTaken(),
    wire.SendHeartbeat: wire.SendHeartbeat(b"x"),
    wire.StartMedia: None,
    wire.NameRoom: wire.NameRoom("banana"),
    wire.TryPasscode: wire.TryPasscode("banana", bytes(65)),
    wire.ConfirmPasscode: wire.ConfirmPasscode(bytes(32)),
    wire.ReplyPasscode: wire.ReplyPasscode(1, b"x"),
    wire.RefusePasscode: wire.RefusePasscode(1),
    wire.CountRoom: wire.CountRoom(bytes(16)),
    wire.Leave: wire.Leave(),
}


def may(state: State) -> set[str]:
    """Names of what a client may send."""
    return {
        kind.__name__ for kind in TRANSITIONS[state] if kind in typing.get_args(wire.ClientMessage)
    }


def test_who_may_send_what() -> None:
    keeping = {"SubmitCommit", "NameDoorkeepers", "Refuse"}
    naming = {"NameRoom", "ReplyPasscode", "RefusePasscode"}
    sending = {
        "Propose",
        "SendApplication",
        "SendChunk",
        "ChunkTaken",
        "SendHeartbeat",
        "StartMedia",
    }
    assert may(State.NEW) == {"OpenRoom", "Knock", "TryPasscode", "CountRoom", "Leave"}
    assert may(State.KNOCKING) == {"Leave"}
    assert may(State.TRYING) == {"TryPasscode", "ConfirmPasscode", "Leave"}
    assert may(State.MEMBER) == {"Leave"} | sending | keeping | naming
    assert may(State.GONE) == set()


def test_every_client_message_is_allowed_somewhere() -> None:
    assert set().union(*map(may, State)) == {kind.__name__ for kind in EXAMPLES}
    assert set(EXAMPLES) == set(typing.get_args(wire.ClientMessage))


def test_the_ways_in_and_out() -> None:
    assert moved(State.NEW, wire.OpenRoom) is State.MEMBER
    assert moved(State.NEW, wire.Knock) is State.KNOCKING
    assert moved(State.KNOCKING, wire.Welcomed) is State.MEMBER
    assert moved(State.KNOCKING, wire.Refused) is State.GONE
    assert moved(State.NEW, wire.TryPasscode) is State.TRYING
    assert moved(State.TRYING, wire.PasscodeRefused) is State.GONE
    assert moved(State.NEW, wire.CountRoom) is State.NEW
    assert moved(State.NEW, wire.RoomCount) is State.GONE
    assert moved(State.MEMBER, wire.Removed) is State.GONE
    assert moved(State.MEMBER, wire.SubmitCommit) is State.MEMBER


def test_only_a_welcome_or_opening_makes_a_member() -> None:
    ways = {(state, by) for state, row in TRANSITIONS.items() for by in row}
    into = {(state, by) for state, by in ways if moved(state, by) is State.MEMBER}
    assert {pair for pair in into if pair[0] is not State.MEMBER} == {
        (State.NEW, wire.OpenRoom),
        (State.KNOCKING, wire.Welcomed),
    }


def test_every_living_state_can_fail_and_leave() -> None:
    for state in set(State) - {State.GONE}:
        assert moved(state, wire.ServerError) is State.GONE
        assert moved(state, wire.Leave) is State.GONE


def test_nothing_comes_back_from_gone() -> None:
    assert not allowed(State.GONE, wire.Leave())
    with pytest.raises(KeyError):
        moved(State.GONE, wire.OpenRoom)


# --- in the hall ---

ROOM, OTHER = b"r" * 16, b"o" * 16
NOT_NOW = wire.ServerError("wire.malformed", "this message is not allowed at this point")
BOTH = wire.WelcomeFor(b"w", [wire.Joiner(2, 2), wire.Joiner(3, 3)])
OPENED = (
    (">>", "host", wire.OpenRoom(ROOM)),
    ("<<", "host", wire.RoomOpened(1)),
)


def test_attack_a_knocker_acts_as_if_admitted(talk, offer) -> None:
    forbidden = [
        wire.SubmitCommit(0, b"commit"),
        wire.SendApplication(b"let me in"),
        wire.SendHeartbeat(b"heartbeat"),
        wire.StartMedia(offer),
        wire.Refuse(2),
        wire.NameDoorkeepers([2]),
        wire.NameRoom("banana"),
        wire.TryPasscode("banana", bytes(65)),
        wire.CountRoom(ROOM),
        wire.Knock(ROOM, b"again"),
        wire.OpenRoom(OTHER),
    ]
    talk.play(*OPENED)
    for number, message in enumerate(forbidden, start=2):
        who = f"knocker {number}"
        talk.play(
            (">>", who, wire.Knock(ROOM, b"knock")),
            ("<<", who, wire.KnockWaiting(number)),
            ("<<", "host", wire.KnockReceived(number, b"knock")),
            (">>", who, message),
            ("<<", who, NOT_NOW),
            ("<<", "host", wire.KnockWithdrawn(number)),
            ("--", who),
        )


def test_attack_a_stranger_acts_as_if_inside(talk, offer) -> None:
    talk.play(*OPENED)
    for message in (
        wire.SubmitCommit(0, b"c"),
        wire.SendApplication(b"a"),
        wire.SendHeartbeat(b"h"),
        wire.StartMedia(offer),
        wire.Refuse(1),
    ):
        who = type(message).__name__
        talk.play((">>", who, message), ("<<", who, NOT_NOW), ("--", who))


def test_attack_a_member_refuses_knocks_or_opens_rooms(talk) -> None:
    talk.play(
        *OPENED,
        (">>", "ana", wire.Knock(ROOM, b"knock")),
        ("<<", "ana", wire.KnockWaiting(2)),
        ("<<", "host", wire.KnockReceived(2, b"knock")),
        (">>", "ben", wire.Knock(ROOM, b"knock")),
        ("<<", "ben", wire.KnockWaiting(3)),
        ("<<", "host", wire.KnockReceived(3, b"knock")),
        (">>", "host", wire.SubmitCommit(0, b"add both", BOTH)),
        ("<<", "host", wire.CommitAccepted(1)),
        ("<<", "ana", wire.Welcomed(b"w")),
        ("<<", "ben", wire.Welcomed(b"w")),
        (">>", "ana", wire.Refuse(3)),
        (">>", "ana", wire.OpenRoom(OTHER)),
        ("<<", "ana", NOT_NOW),
        ("<<", "host", wire.ParticipantGone(2)),
        ("<<", "ben", wire.ParticipantGone(2)),
        ("--", "ana"),
        (">>", "ben", wire.OpenRoom(OTHER)),
        ("<<", "ben", NOT_NOW),
        ("<<", "host", wire.ParticipantGone(3)),
        ("--", "ben"),
    )


@pytest.mark.parametrize("data", [b"", b"\xc1", b"\x80", bytes(100), b"\x81\xa1t\xa4open"])
def test_attack_garbage_ends_the_connection_only(talk, data) -> None:
    text = "a message is not one this protocol knows"
    talk.play(
        *OPENED,
        (">>", "stranger", data),
        ("<<", "stranger", wire.ServerError("wire.malformed", text)),
        ("--", "stranger"),
        (">>", "stranger", data),
    )
