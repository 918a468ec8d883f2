"""What one connection, one room and one server may take up."""

from __future__ import annotations

import dataclasses

import pytest

from e2ee.file_chunks import MAX_FILE, SEALED_LENGTH, chunk_count
from rooms.hall import Hall
from rooms.limits import Allowance, Limits, Sources, source_of
from rooms.media_actions import JoinMedia, LeaveMedia
from rooms.wire import (
    MAX_MESSAGE,
    ApplicationAccepted,
    ChunkAccepted,
    ChunkTaken,
    CommitAccepted,
    CountRoom,
    HeartbeatDelivered,
    Joiner,
    Knock,
    KnockReceived,
    KnockWaiting,
    OpenRoom,
    ProposalDelivered,
    Propose,
    RoomCount,
    RoomOpened,
    SendApplication,
    SendChunk,
    SendHeartbeat,
    ServerError,
    StartMedia,
    SubmitCommit,
    Welcomed,
    WelcomeFor,
    encode,
)

PIECE = SendChunk(bytes(16), 0, 0, bytes(SEALED_LENGTH))


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


def test_the_largest_file_passes_at_once_and_costs_nothing_else() -> None:
    allowance = Allowance(Limits(message_burst=1))
    assert all(allowance.take_chunk(0.0) for _ in range(chunk_count(MAX_FILE)))
    assert allowance.take_message(1, 0.0)


def test_a_whole_file_may_wait_for_a_slow_reader() -> None:
    assert Limits().chunk_backlog > len(encode(PIECE)) * chunk_count(MAX_FILE)


@pytest.mark.parametrize(
    ("address", "source"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::9", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("no address", "no address"),
    ],
)
def test_a_source_is_an_address_or_a_network_of_version_6(address: str, source: str) -> None:
    assert source_of(address) == source


def test_rooms_and_knocks_of_a_source_are_counted_apart_and_come_back() -> None:
    sources = Sources(
        Limits(source_room_rate=1, source_room_burst=1, source_knock_rate=1, source_knock_burst=1)
    )
    assert sources.take_room("a", 0.0)
    assert not sources.take_room("a", 0.1)
    assert sources.take_knock("a", 0.1)
    assert not sources.take_knock("a", 0.2)
    assert sources.take_room("b", 0.2)
    assert sources.take_room("a", 2.0)


def test_everybody_of_a_full_room_may_come_from_one_source_at_once() -> None:
    limits = Limits()
    assert limits.source_connections >= limits.participants
    assert limits.source_sockets > limits.source_connections  # the hall can still say why not
    assert limits.source_knock_burst >= limits.participants


def said(hall: Hall, conn: int) -> str:
    """What the hall told a connection that it closes, if it does."""
    told = [m.message for to, m in hall.outbox if to == conn and isinstance(m, ServerError)]
    assert bool(told) == (conn in hall.closings)
    return "".join(told)


def test_attack_one_source_takes_all_connections() -> None:
    hall = Hall(Limits(connections=10, source_connections=2))
    for conn, source in enumerate(["a", "a", "a", "b"], 1):
        hall.connected(conn, 0.0, source)
    assert said(hall, 3) == "the server takes no more connections from this address"
    assert set(hall.connections) == {1, 2, 4}
    hall.disconnected(1, 1.0)
    hall.connected(5, 1.0, "a")
    assert 5 in hall.connections


def test_attack_one_source_opens_room_after_room() -> None:
    hall = Hall(Limits(source_room_burst=2))
    for conn, source in enumerate(["a", "a", "a", "b"], 1):
        hall.connected(conn, 0.0, source)
        hall.received(conn, encode(OpenRoom(bytes([conn]) * 16)), 0.0)
    assert said(hall, 3) == "too many rooms are opened from this address"
    assert len(hall.rooms) == 3


def test_attack_one_source_knocks_again_and_again() -> None:
    hall = Hall(Limits(source_knock_burst=2))
    for conn, source in enumerate(["host", "a", "a", "a", "b"], 1):
        hall.connected(conn, 0.0, source)
        first = Knock(ROOM, b"sealed") if conn > 1 else OpenRoom(ROOM)
        hall.received(conn, encode(first), 0.0)
    assert said(hall, 4) == "too many knocks come from this address"
    assert len(hall.rooms[ROOM].waiting) == 3


def test_attack_one_source_counts_heads_again_and_again() -> None:
    hall = Hall(Limits(source_count_burst=2, source_knock_burst=2))
    for conn, source in enumerate(["a", "a", "a", "b"], 1):
        hall.connected(conn, 0.0, source)
        hall.received(conn, encode(CountRoom(ROOM)), 0.0)
    told = [type(message) for _, message in hall.outbox]
    assert told == [RoomCount, RoomCount, ServerError, RoomCount]
    assert hall.closings == [1, 2, 3, 4]
    hall.connected(5, 0.0, "a")
    hall.received(5, encode(OpenRoom(ROOM)), 0.0)
    hall.connected(6, 0.0, "a")
    hall.received(6, encode(Knock(ROOM, b"sealed")), 0.0)
    assert len(hall.rooms[ROOM].waiting) == 1  # it costs the people behind that address no knock


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
ADMITTED = (
    (">>", "host", SubmitCommit(0, b"add ana", WelcomeFor(b"hello ana", [Joiner(2, 2)]))),
    ("<<", "host", CommitAccepted(1)),
    ("<<", "ana", Welcomed(b"hello ana")),
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


def test_attack_a_flood_of_files_is_cut_off(talk) -> None:
    few = limited(type(talk), chunk_rate=1.0, chunk_burst=2.0)
    piece = ((">>", "host", PIECE), ("<<", "host", ChunkAccepted()))
    few.play(*OPENED, *piece, *piece)
    few.now = 1.0
    text = "messages come faster than the server allows"
    few.play(
        *piece,
        (">>", "host", PIECE),
        ("<<", "host", ServerError("wire.too_fast", text)),
        ("--", "host"),
    )


def test_attack_a_member_says_without_end_that_it_has_what_it_was_never_sent(talk) -> None:
    few = limited(type(talk), message_rate=1.0, message_burst=3.0)
    text = "messages come faster than the server allows"
    few.play(
        *OPENED,
        (">>", "host", ChunkTaken()),
        (">>", "host", ChunkTaken()),
        (">>", "host", ChunkTaken()),
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


def test_attack_a_flood_of_proposals_reaches_nobody(talk) -> None:
    few = limited(type(talk), proposal_burst=2.0, proposal_rate=0.5)
    passed = ((">>", "ana", Propose(b"p")), ("<<", "host", ProposalDelivered(b"p")))
    few.play(*KNOCKED, *ADMITTED, *passed, *passed, (">>", "ana", Propose(b"p")))
    few.now = 2.0
    few.play(*passed)


def test_attack_a_flood_of_heartbeats_reaches_nobody_and_ends_nothing(talk) -> None:
    passed = ((">>", "ana", SendHeartbeat(b"h")), ("<<", "host", HeartbeatDelivered(b"h")))
    too_many = (">>", "ana", SendHeartbeat(b"h"))
    talk.play(*KNOCKED, *ADMITTED, *passed * 5, too_many, too_many)
    talk.now = 4.0
    talk.play(*passed, too_many)


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
