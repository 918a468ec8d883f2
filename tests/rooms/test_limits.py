"""What one connection, one room and one server may take up."""

from __future__ import annotations

import dataclasses

from rooms.hall import JoinMedia, LeaveMedia
from rooms.limits import Allowance, Limits
from rooms.wire import (
    MAX_MESSAGE,
    ApplicationAccepted,
    Knock,
    KnockReceived,
    KnockWaiting,
    OpenRoom,
    RoomOpened,
    SendApplication,
    ServerError,
    StartMedia,
)


def test_the_largest_message_passes_with_the_usual_limits() -> None:
    assert Allowance(Limits()).take_message(MAX_MESSAGE, 0.0)


def test_messages_and_bytes_are_counted_apart() -> None:
    allowance = Allowance(Limits(message_rate=1, message_burst=2, byte_rate=10, byte_burst=100))
    assert allowance.take_message(90, 0.0)
    assert not allowance.take_message(90, 0.0)  # too many bytes
    assert not allowance.take_message(1, 0.0)  # too many messages
    assert allowance.take_message(90, 9.0)


def test_media_offers_have_an_allowance_of_their_own() -> None:
    allowance = Allowance(Limits(media_rate=1, media_burst=1))
    assert allowance.take_media(0.0)
    assert not allowance.take_media(0.5)
    assert allowance.take_message(1, 0.5)
    assert allowance.take_media(2.0)


def test_a_pasted_minute_of_chat_passes() -> None:
    # Sixty lines in one burst, as when somebody pastes a text.
    allowance = Allowance(Limits())
    assert all(allowance.take_message(400, 0.0) for _ in range(60))


# --- in the hall ---

ROOM, OTHER = b"r" * 16, b"o" * 16
OPENED = (
    (">>", "host", OpenRoom(ROOM)),
    ("<<", "host", RoomOpened(1)),
)
KNOCKED = (
    *OPENED,
    (">>", "ana", Knock(ROOM, b"ana's knock")),
    ("<<", "ana", KnockWaiting(2)),
    ("<<", "host", KnockReceived(2, b"ana's knock")),
)


def limited(make: type, **values: int | float):
    """A transcript with some limits lowered."""
    return make(dataclasses.replace(Limits(), **values))


def test_attack_a_flood_of_messages_is_cut_off(talk) -> None:
    few = limited(type(talk), message_rate=1.0, message_burst=4.0)
    line = (
        (">>", "host", SendApplication(b"line")),
        ("<<", "host", ApplicationAccepted()),
    )
    few.play(*OPENED, *line, *line, *line)
    few.now = 1.0
    text = "messages come faster than the server allows"
    few.play(
        *line,
        (">>", "host", SendApplication(b"line")),
        ("<<", "host", ServerError("wire.too_fast", text)),
        ("--", "host"),
    )


def test_attack_a_member_spends_the_bandwidth_of_everybody(talk) -> None:
    few = limited(type(talk), application_burst=2.0)
    said = (
        (">>", "host", SendApplication(bytes(16 * 1024))),
        ("<<", "host", ApplicationAccepted()),
    )
    text = "messages come faster than the server allows"
    few.play(
        *OPENED,
        *said,
        *said,
        (">>", "host", SendApplication(b"x")),
        ("<<", "host", ServerError("wire.too_fast", text)),
        ("--", "host"),
    )


def test_application_messages_at_once_do_not_cut_a_slow_reader_off() -> None:
    assert Limits().application_burst * 16 * 1024 < Limits().backlog


def test_attack_a_flood_of_bytes_is_cut_off(talk) -> None:
    few = limited(type(talk), byte_rate=1.0, byte_burst=10_000.0)
    text = "messages come faster than the server allows"
    few.play(
        *OPENED,
        (">>", "host", SendApplication(bytes(9_000))),
        ("<<", "host", ApplicationAccepted()),
        (">>", "host", SendApplication(bytes(9_000))),
        ("<<", "host", ServerError("wire.too_fast", text)),
        ("--", "host"),
    )


def test_attack_a_flood_of_offers_is_cut_off(talk, offer) -> None:
    few = limited(type(talk), media_burst=1.0)
    few.play(
        *OPENED, (">>", "host", StartMedia(offer)), ("**", JoinMedia(1, ROOM.hex(), 1, offer, 0))
    )
    few.hall.media_answered(1, None)
    few.drain()
    text = "media offers come faster than the server allows"
    few.play(
        (">>", "host", StartMedia(offer)),
        ("<<", "host", ServerError("wire.too_fast", text)),
        ("--", "host"),
        ("**", LeaveMedia(ROOM.hex(), 1)),
    )


def test_one_offer_at_a_time(talk, offer) -> None:
    text = "the last media offer is not answered yet"
    talk.play(
        *OPENED,
        (">>", "host", StartMedia(offer)),
        ("**", JoinMedia(1, ROOM.hex(), 1, offer, 0)),
        (">>", "host", StartMedia(offer)),
        ("<<", "host", ServerError("wire.malformed", text)),
        ("--", "host"),
        ("**", LeaveMedia(ROOM.hex(), 1)),
    )


def test_attack_a_flood_of_knocks_is_bounded(talk) -> None:
    few = limited(type(talk), knocks=1)
    few.play(
        *KNOCKED,
        (">>", "ben", Knock(ROOM, b"knock")),
        ("<<", "ben", ServerError("room.full", "too many are knocking at this room")),
        ("--", "ben"),
    )


def test_members_and_knockers_together_fill_a_room(talk) -> None:
    few = limited(type(talk), participants=2)
    full = (
        ("<<", "ben", ServerError("room.full", "the room takes no more participants")),
        ("--", "ben"),
    )
    few.play(*KNOCKED, (">>", "ben", Knock(ROOM, b"knock")), *full)


def test_rooms_and_connections_are_bounded(talk) -> None:
    few = limited(type(talk), rooms=1, connections=3)
    few.play(
        *OPENED,
        (">>", "zoe", OpenRoom(OTHER)),
        ("<<", "zoe", ServerError("room.full", "the server takes no more rooms")),
        ("--", "zoe"),
    )
    few.number("a")
    few.number("b")
    few.number("one too many")
    error = ServerError("room.full", "the server takes no more connections")
    assert few.drain() == [("<<", "one too many", error), ("--", "one too many")]
