"""Names of rooms and tries of passcodes, as transcripts with the hall (`conftest.Transcript`)."""

from __future__ import annotations

import pytest

from rooms.hall import Hall
from rooms.limits import Limits
from rooms.wire import (
    CommitAccepted,
    CommitDelivered,
    ConfirmPasscode,
    Joiner,
    Knock,
    KnockReceived,
    KnockWaiting,
    Leave,
    NameRoom,
    NameTaken,
    OpenRoom,
    ParticipantGone,
    PasscodeConfirmed,
    PasscodeGone,
    PasscodeRefused,
    PasscodeReplied,
    PasscodeTried,
    RefusePasscode,
    Removed,
    ReplyPasscode,
    RoomNamed,
    RoomOpened,
    ServerError,
    SubmitCommit,
    TryPasscode,
    Welcomed,
    WelcomeFor,
    encode,
)

ROOM, OTHER = b"r" * 16, b"o" * 16
SHARE, AGAIN, PROOF = b"s" * 65, b"a" * 65, b"p" * 32
NOT_NOW = ServerError("wire.malformed", "this message is not allowed at this point")
NOBODY = ServerError("room.missing", "no room has this name here")

OPENED = ((">>", "host", OpenRoom(ROOM)), ("<<", "host", RoomOpened(1)))
NAMED = (
    *OPENED,
    (">>", "host", NameRoom("banana")),
    ("<<", "host", RoomNamed("banana")),
)
TRIED = (
    *NAMED,
    (">>", "ana", TryPasscode("banana", SHARE)),
    ("<<", "host", PasscodeTried(1, SHARE)),
)
ANSWERED = (
    *TRIED,
    (">>", "host", ReplyPasscode(1, b"answer")),
    ("<<", "ana", PasscodeReplied(b"answer")),
)
DELIVERED = (
    *ANSWERED,
    (">>", "ana", ConfirmPasscode(PROOF)),
    ("<<", "host", PasscodeConfirmed(1, PROOF)),
    (">>", "host", ReplyPasscode(1, b"the link, sealed")),
    ("<<", "ana", PasscodeReplied(b"the link, sealed")),
)


def test_a_passcode_leads_to_a_link(talk) -> None:
    talk.play(
        *DELIVERED,
        (">>", "ana", Leave()),
        ("<<", "host", PasscodeGone(1)),
        ("--", "ana"),
        (">>", "ben", TryPasscode("banana", SHARE)),
        ("<<", "host", PasscodeTried(2, SHARE)),  # no number is given twice
    )


def test_another_try_on_the_same_connection_keeps_its_number(talk) -> None:
    talk.play(
        *ANSWERED,
        (">>", "ana", TryPasscode("banana", AGAIN)),
        ("<<", "host", PasscodeTried(1, AGAIN)),
        (">>", "host", RefusePasscode(1)),
        ("<<", "ana", PasscodeRefused()),
        ("--", "ana"),
        (">>", "host", RefusePasscode(1)),  # gone: nothing to say
        (">>", "host", ReplyPasscode(1, b"too late")),
    )
    assert not talk.hall.names.attempts


def test_a_try_that_breaks_off_is_told(talk) -> None:
    talk.play(*TRIED, ("xx", "ana"), ("<<", "host", PasscodeGone(1)))


def test_a_name_that_is_taken_is_not_given_until_it_is_free(talk) -> None:
    talk.play(
        *NAMED,
        (">>", "host", NameRoom("banana")),  # it is ours already
        ("<<", "host", RoomNamed("banana")),
        (">>", "other", OpenRoom(OTHER)),
        ("<<", "other", RoomOpened(1)),
        (">>", "other", NameRoom("banana")),
        ("<<", "other", NameTaken("banana")),
        (">>", "other", NameRoom("acorn")),
        ("<<", "other", RoomNamed("acorn")),
        (">>", "host", NameRoom("bicycle")),
        ("<<", "host", RoomNamed("bicycle")),
        (">>", "other", NameRoom("banana")),
        ("<<", "other", RoomNamed("banana")),
    )
    assert set(talk.hall.names.names) == {"banana", "bicycle"}


def test_a_name_ends_with_the_connection_that_has_it_and_so_do_tries(talk) -> None:
    talk.play(
        *TRIED,
        (">>", "host", Leave()),
        ("<<", "ana", NOBODY),
        ("--", "host"),
        ("--", "ana"),
        (">>", "ben", TryPasscode("banana", SHARE)),
        ("<<", "ben", NOBODY),
        ("--", "ben"),
    )
    assert not talk.hall.names.names


def test_another_name_ends_the_tries_of_the_former(talk) -> None:
    talk.play(
        *TRIED,
        (">>", "host", NameRoom("acorn")),
        ("<<", "ana", NOBODY),
        ("<<", "host", RoomNamed("acorn")),
        ("--", "ana"),
    )


def test_a_name_ends_when_its_member_is_removed(talk) -> None:
    talk.play(
        *OPENED,
        (">>", "ana", Knock(ROOM, b"knock")),
        ("<<", "ana", KnockWaiting(2)),
        ("<<", "host", KnockReceived(2, b"knock")),
        (">>", "host", SubmitCommit(0, b"add", WelcomeFor(b"w", [Joiner(2, 1)]))),
        ("<<", "host", CommitAccepted(1)),
        ("<<", "ana", Welcomed(b"w")),
        (">>", "ana", NameRoom("banana")),
        ("<<", "ana", RoomNamed("banana")),
        (">>", "host", SubmitCommit(1, b"remove", removes=[2])),
        ("<<", "host", CommitAccepted(2)),
        ("<<", "ana", CommitDelivered(2, b"remove")),
        ("<<", "ana", Removed()),
        ("--", "ana"),
    )
    assert not talk.hall.names.names


OUT_OF_TURN = [
    (TRIED, ConfirmPasscode(PROOF)),  # before the host has shown anything
    (TRIED, TryPasscode("banana", AGAIN)),  # faster than it is answered
    (ANSWERED, TryPasscode("acorn", AGAIN)),  # another room
    (DELIVERED, ConfirmPasscode(PROOF)),
    (DELIVERED, TryPasscode("banana", AGAIN)),
]


@pytest.mark.parametrize(("before", "message"), OUT_OF_TURN)
def test_attack_messages_of_a_try_out_of_turn(talk, before, message) -> None:
    talk.play(
        *before,
        (">>", "ana", message),
        ("<<", "ana", NOT_NOW),
        ("<<", "host", PasscodeGone(1)),
        ("--", "ana"),
    )


def test_attack_a_confirmation_is_played_twice(talk) -> None:
    talk.play(
        *ANSWERED,
        (">>", "ana", ConfirmPasscode(PROOF)),
        ("<<", "host", PasscodeConfirmed(1, PROOF)),
        (">>", "ana", ConfirmPasscode(PROOF)),
        ("<<", "ana", NOT_NOW),
        ("<<", "host", PasscodeGone(1)),
        ("--", "ana"),
    )


def test_attack_a_member_answers_the_tries_of_another_room(talk) -> None:
    talk.play(
        *TRIED,
        (">>", "eve", OpenRoom(OTHER)),
        ("<<", "eve", RoomOpened(1)),
        (">>", "eve", ReplyPasscode(1, b"mine")),
        (">>", "eve", RefusePasscode(1)),
        (">>", "eve", NameRoom("acorn")),
        ("<<", "eve", RoomNamed("acorn")),
        (">>", "eve", ReplyPasscode(1, b"mine")),
    )


def test_attack_a_host_answers_more_than_it_is_asked(talk) -> None:
    talk.play(
        *ANSWERED,
        (">>", "host", ReplyPasscode(1, b"more")),
        (">>", "host", ReplyPasscode(7, b"to nobody")),
    )


@pytest.mark.parametrize(
    "name", ["", "ab", "abcdefghi", "Banana", "ban ana", "ban\x1b", "banana\n", "bañana", "баня"]
)
def test_attack_a_hostile_name(talk, name: str) -> None:
    broken = ServerError("wire.malformed", "a message is not one this protocol knows")
    talk.play(
        *OPENED,
        (">>", "eve", TryPasscode(name, SHARE)),
        ("<<", "eve", broken),
        ("--", "eve"),
        (">>", "host", NameRoom(name)),
        ("<<", "host", broken),
        ("--", "host"),
    )


def test_another_version_is_refused(talk) -> None:
    told = ServerError("wire.version", "this server speaks version 1 of the protocol only")
    talk.play(
        *NAMED,
        (">>", "ana", TryPasscode("banana", SHARE, 2)),
        ("<<", "ana", told),
        ("--", "ana"),
    )


def test_attack_many_connections_take_all_places_and_say_nothing() -> None:
    hall = Hall(Limits(tries=2, try_seconds=10.0))
    hall.connected(1, 0.0, "host")
    hall.received(1, encode(OpenRoom(ROOM)), 0.0)
    hall.received(1, encode(NameRoom("banana")), 0.0)

    def tried(conn: int, now: float) -> list[object]:
        hall.outbox.clear()
        hall.connected(conn, now, f"source {conn}")
        hall.received(conn, encode(TryPasscode("banana", SHARE)), now)
        return [(to, message) for to, message in hall.outbox]

    assert tried(2, 0.0) == [(1, PasscodeTried(1, SHARE))]
    assert tried(3, 5.0) == [(1, PasscodeTried(2, SHARE))]
    full = ServerError("room.full", "too many try passcodes of this room")
    assert tried(4, 9.0) == [(4, full)]
    assert tried(5, 10.0) == [
        (2, ServerError("room.full", "others wait to try")),
        (1, PasscodeGone(1)),
        (1, PasscodeTried(3, SHARE)),
    ]
    assert 2 not in hall.connections


def test_attack_one_source_tries_again_and_again() -> None:
    hall = Hall(Limits(source_try_burst=2, source_try_rate=0.1))
    hall.connected(1, 0.0, "host")
    hall.received(1, encode(OpenRoom(ROOM)), 0.0)
    hall.received(1, encode(NameRoom("banana")), 0.0)
    for conn in (2, 3, 4, 5):
        hall.connected(conn, 0.0, "eve" if conn < 5 else "ana")
        hall.received(conn, encode(TryPasscode("banana", SHARE)), 0.0)
    text = "too many passcodes are tried from this address"
    assert (4, ServerError("wire.too_fast", text)) in hall.outbox
    assert (1, PasscodeTried(3, SHARE)) in hall.outbox  # of another source
    assert len(hall.names.attempts) == 3


def test_attack_one_source_takes_all_names() -> None:
    hall = Hall(Limits(source_name_burst=2, names=3))
    words = ["acorn", "banana", "bicycle", "august", "agree"]
    for conn, word in enumerate(words, 1):
        source = "eve" if conn < 4 else f"somebody {conn}"
        hall.connected(conn, 0.0, source)
        hall.received(conn, encode(OpenRoom(bytes([conn]) * 16)), 0.0)
        hall.received(conn, encode(NameRoom(word)), 0.0)
    text = "too many rooms are named from this address"
    assert (3, ServerError("wire.too_fast", text)) in hall.outbox
    assert set(hall.names.names) == {"acorn", "banana", "august"}
    assert hall.outbox[-1] == (5, NameTaken("agree"))  # the table is full


def test_others_of_the_room_learn_nothing_of_tries(talk) -> None:
    talk.play(
        *OPENED,
        (">>", "ana", Knock(ROOM, b"knock")),
        ("<<", "ana", KnockWaiting(2)),
        ("<<", "host", KnockReceived(2, b"knock")),
        (">>", "host", SubmitCommit(0, b"add", WelcomeFor(b"w", [Joiner(2, 1)]))),
        ("<<", "host", CommitAccepted(1)),
        ("<<", "ana", Welcomed(b"w")),
        (">>", "host", NameRoom("banana")),
        ("<<", "host", RoomNamed("banana")),
        (">>", "ben", TryPasscode("banana", SHARE)),
        ("<<", "host", PasscodeTried(1, SHARE)),
        (">>", "host", Leave()),
        ("<<", "ben", NOBODY),
        ("<<", "ana", ParticipantGone(1)),
        ("--", "host"),
        ("--", "ben"),
    )
