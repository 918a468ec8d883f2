"""The server's side of conversations, as transcripts (see `conftest.Transcript`)."""

from __future__ import annotations

import pytest

from rooms import wire
from rooms.hall import Hall
from rooms.media_actions import JoinMedia, LeaveMedia
from rooms.wire import (
    ApplicationAccepted,
    ApplicationDelivered,
    ChunkAccepted,
    ChunkDelivered,
    ChunkTaken,
    CommitAccepted,
    CommitDelivered,
    CommitRejected,
    CountRoom,
    HeartbeatDelivered,
    Joiner,
    Knock,
    KnockReceived,
    KnockWaiting,
    KnockWithdrawn,
    Leave,
    MediaStarted,
    NameDoorkeepers,
    OpenRoom,
    ParticipantGone,
    Refuse,
    Refused,
    Removed,
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
)

ROOM, OTHER = b"r" * 16, b"o" * 16
NOT_NOW = ServerError("wire.malformed", "this message is not allowed at this point")

OPENED = ((">>", "host", OpenRoom(ROOM)), ("<<", "host", RoomOpened(1)))
KNOCKED = (
    *OPENED,
    (">>", "ana", Knock(ROOM, b"ana's knock")),
    ("<<", "ana", KnockWaiting(2)),
    ("<<", "host", KnockReceived(2, b"ana's knock")),
)
TWO = (
    *KNOCKED,
    (">>", "host", SubmitCommit(0, b"add ana", WelcomeFor(b"hello ana", [Joiner(2, 2)]))),
    ("<<", "host", CommitAccepted(1)),
    ("<<", "ana", Welcomed(b"hello ana")),
)
BEN_KNOCKS = (
    (">>", "ben", Knock(ROOM, b"ben's knock")),
    ("<<", "ben", KnockWaiting(3)),
    ("<<", "host", KnockReceived(3, b"ben's knock")),
)
THREE = (
    *TWO,
    *BEN_KNOCKS,
    (">>", "host", SubmitCommit(1, b"add ben", WelcomeFor(b"hello ben", [Joiner(3, 3)]))),
    ("<<", "host", CommitAccepted(2)),
    ("<<", "ana", CommitDelivered(2, b"add ben")),
    ("<<", "ben", Welcomed(b"hello ben")),
)

# --- coming in ---


def test_three_people_come_together(talk) -> None:
    talk.play(*THREE)
    room = talk.hall.rooms[ROOM]
    assert (room.epoch, list(room.members), list(room.waiting)) == (2, [1, 2, 3], [])


def test_several_are_admitted_by_one_commit(talk) -> None:
    both = WelcomeFor(b"hello both", [Joiner(3, 3), Joiner(2, 2)])
    talk.play(
        *KNOCKED,
        *BEN_KNOCKS,
        (">>", "host", SubmitCommit(0, b"add both", both)),
        ("<<", "host", CommitAccepted(1)),
        ("<<", "ben", Welcomed(b"hello both")),
        ("<<", "ana", Welcomed(b"hello both")),
    )


def test_a_knock_is_refused(talk) -> None:
    talk.play(
        *KNOCKED,
        (">>", "host", Refuse(2)),
        ("<<", "ana", Refused()),
        ("--", "ana"),
        ("xx", "ana"),
        (">>", "host", Refuse(2)),  # no longer there: nothing to say
        (">>", "host", Refuse(77)),
    )


def test_a_knocker_who_loses_patience_is_withdrawn(talk) -> None:
    talk.play(
        *KNOCKED,
        (">>", "ana", Leave()),
        ("<<", "host", KnockWithdrawn(2)),
        ("--", "ana"),
        *BEN_KNOCKS,  # as number 3: none is given twice
        ("xx", "ben"),
        ("<<", "host", KnockWithdrawn(3)),
    )


def test_a_knocker_gone_before_its_welcome_is_announced_and_the_commit_stands(talk) -> None:
    talk.play(
        *TWO,
        *BEN_KNOCKS,
        ("xx", "ben"),
        ("<<", "host", KnockWithdrawn(3)),
        (">>", "host", SubmitCommit(1, b"add ben", WelcomeFor(b"hello ben", [Joiner(3, 3)]))),
        ("<<", "host", CommitAccepted(2)),
        ("<<", "ana", CommitDelivered(2, b"add ben")),
        ("<<", "host", ParticipantGone(3)),
    )


def test_a_room_that_is_not_there(talk) -> None:
    talk.play(
        *OPENED,
        (">>", "ana", Knock(OTHER, b"knock")),
        ("<<", "ana", ServerError("room.missing", "there is no such room here")),
        ("--", "ana"),
    )


def test_whoever_has_the_link_may_count_heads_and_nobody_inside_is_told(talk) -> None:
    talk.play(
        *TWO,
        *BEN_KNOCKS,  # who waits is not in
        (">>", "zoe", CountRoom(ROOM)),
        ("<<", "zoe", RoomCount(2)),
        ("--", "zoe"),
        (">>", "zoe", Knock(ROOM, b"knock")),  # that connection is over
    )


def test_a_room_that_is_not_there_has_no_heads(talk) -> None:
    talk.play(
        (">>", "ana", CountRoom(ROOM)),
        ("<<", "ana", RoomCount(0)),
        ("--", "ana"),
    )
    assert not talk.hall.rooms


def test_heads_are_counted_in_our_version_only(talk) -> None:
    talk.play(
        (">>", "ana", CountRoom(ROOM, version=2)),
        (
            "<<",
            "ana",
            ServerError("wire.version", "this server speaks version 1 of the protocol only"),
        ),
        ("--", "ana"),
    )


def test_a_room_is_not_opened_twice(talk) -> None:
    talk.play(
        *OPENED,
        (">>", "thief", OpenRoom(ROOM)),
        ("<<", "thief", ServerError("room.exists", "this room is open already")),
        ("--", "thief"),
    )
    assert list(talk.hall.rooms[ROOM].members) == [1]


@pytest.mark.parametrize("first", [OpenRoom(ROOM, 2), Knock(ROOM, b"knock", 0)])
def test_another_version_is_refused_in_words(talk, first) -> None:
    text = "this server speaks version 1 of the protocol only"
    talk.play(
        (">>", "ana", first),
        ("<<", "ana", ServerError("wire.version", text)),
        ("--", "ana"),
    )


# --- Commits and messages ---


def test_a_commit_of_another_epoch_is_rejected(talk) -> None:
    talk.play(
        *TWO,
        (">>", "host", SubmitCommit(1, b"update")),
        ("<<", "host", CommitAccepted(2)),
        ("<<", "ana", CommitDelivered(2, b"update")),
        (">>", "host", SubmitCommit(1, b"again")),
        ("<<", "host", CommitRejected(2)),
        (">>", "host", SubmitCommit(3, b"from the future")),
        ("<<", "host", CommitRejected(2)),
        (">>", "host", SubmitCommit(2, b"again")),
        ("<<", "host", CommitAccepted(3)),
        ("<<", "ana", CommitDelivered(3, b"again")),
    )


def test_a_rejected_commit_changes_nothing(talk) -> None:
    talk.play(
        *TWO,
        *BEN_KNOCKS,
        (">>", "host", SubmitCommit(0, b"late", WelcomeFor(b"hello ben", [Joiner(3, 3)]), [2])),
        ("<<", "host", CommitRejected(1)),
    )
    room = talk.hall.rooms[ROOM]
    assert (list(room.members), list(room.waiting)) == ([1, 2], [3])


def test_messages_reach_everybody_else_in_order(talk) -> None:
    talk.play(
        *THREE,
        (">>", "ana", SendApplication(b"first")),
        ("<<", "ana", ApplicationAccepted()),
        ("<<", "host", ApplicationDelivered(b"first")),
        ("<<", "ben", ApplicationDelivered(b"first")),
        (">>", "ben", SendApplication(b"second")),
        ("<<", "ben", ApplicationAccepted()),
        ("<<", "host", ApplicationDelivered(b"second")),
        ("<<", "ana", ApplicationDelivered(b"second")),
    )


def test_rooms_do_not_hear_each_other(talk) -> None:
    talk.play(
        *TWO,
        (">>", "zoe", OpenRoom(OTHER)),
        ("<<", "zoe", RoomOpened(1)),
        (">>", "zoe", SendApplication(b"hello?")),
        ("<<", "zoe", ApplicationAccepted()),
        (">>", "zoe", SubmitCommit(0, b"remove ana?", None, [2])),
        ("<<", "zoe", CommitAccepted(1)),
        ("xx", "zoe"),
    )
    assert list(talk.hall.rooms) == [ROOM]


def test_heartbeats_reach_all_other_members_and_nobody_who_knocks(talk) -> None:
    talk.play(
        *THREE,
        (">>", "cleo", Knock(ROOM, b"cleo's knock")),
        ("<<", "cleo", KnockWaiting(4)),
        ("<<", "host", KnockReceived(4, b"cleo's knock")),
        (">>", "ana", SendHeartbeat(b"ana's")),
        ("<<", "host", HeartbeatDelivered(b"ana's")),
        ("<<", "ben", HeartbeatDelivered(b"ana's")),
    )


def test_a_piece_of_a_file_reaches_all_other_members_and_nobody_who_knocks(talk) -> None:
    piece = b"f" * 16, 2, 0, bytes(32816)
    talk.play(
        *THREE,
        (">>", "cleo", Knock(ROOM, b"cleo's knock")),
        ("<<", "cleo", KnockWaiting(4)),
        ("<<", "host", KnockReceived(4, b"cleo's knock")),
        (">>", "ana", SendChunk(*piece)),
        ("<<", "ana", ChunkAccepted()),
        ("<<", "host", ChunkDelivered(*piece)),
        ("<<", "ben", ChunkDelivered(*piece)),
        (">>", "ben", ChunkTaken()),
        ("++", "ben"),
    )


def test_what_a_member_was_never_sent_has_not_arrived(talk) -> None:
    piece = b"f" * 16, 2, 0, bytes(32816)
    talk.play(
        *TWO,
        (">>", "host", SendChunk(*piece)),
        ("<<", "host", ChunkAccepted()),
        ("<<", "ana", ChunkDelivered(*piece)),
        (">>", "ana", ChunkTaken()),
        ("++", "ana"),
        (">>", "ana", ChunkTaken()),
    )


def test_attack_somebody_outside_sends_a_piece_of_a_file(talk) -> None:
    talk.play(
        *KNOCKED,
        (">>", "ana", SendChunk(b"f" * 16, 0, 0, bytes(32816))),
        ("<<", "ana", NOT_NOW),
        ("<<", "host", KnockWithdrawn(2)),
        ("--", "ana"),
    )


# --- going ---


def test_a_removed_member_gets_the_commit_and_is_closed(talk) -> None:
    talk.play(
        *THREE,
        (">>", "host", SubmitCommit(2, b"remove ana", None, [2])),
        ("<<", "host", CommitAccepted(3)),
        ("<<", "ana", CommitDelivered(3, b"remove ana")),
        ("<<", "ben", CommitDelivered(3, b"remove ana")),
        ("<<", "ana", Removed()),
        ("--", "ana"),
        (">>", "ana", SendApplication(b"I am still here")),  # under way while closing
        ("xx", "ana"),
        (">>", "ben", SendApplication(b"who was that")),
        ("<<", "ben", ApplicationAccepted()),
        ("<<", "host", ApplicationDelivered(b"who was that")),
    )


def test_removing_one_who_has_just_left_goes_through(talk) -> None:
    talk.play(
        *TWO,
        ("xx", "ana"),
        ("<<", "host", ParticipantGone(2)),
        (">>", "host", SubmitCommit(1, b"remove ana", None, [2])),
        ("<<", "host", CommitAccepted(2)),
    )


def test_one_is_let_in_again_and_the_old_self_removed_in_one_commit(talk) -> None:
    talk.play(
        *TWO,
        (">>", "ana again", Knock(ROOM, b"ana's knock")),
        ("<<", "ana again", KnockWaiting(3)),
        ("<<", "host", KnockReceived(3, b"ana's knock")),
        (">>", "host", SubmitCommit(1, b"resync", WelcomeFor(b"hello again", [Joiner(3, 3)]), [2])),
        ("<<", "host", CommitAccepted(2)),
        ("<<", "ana", CommitDelivered(2, b"resync")),
        ("<<", "ana again", Welcomed(b"hello again")),
        ("<<", "ana", Removed()),
        ("--", "ana"),
    )


def test_the_call_goes_on_without_its_host(talk) -> None:
    talk.play(
        *THREE,
        ("xx", "host"),
        ("<<", "ana", ParticipantGone(1)),
        ("<<", "ben", ParticipantGone(1)),
        (">>", "ana", SendApplication(b"still here")),
        ("<<", "ana", ApplicationAccepted()),
        ("<<", "ben", ApplicationDelivered(b"still here")),
        (">>", "cleo", Knock(ROOM, b"cleo's knock")),
        ("<<", "cleo", KnockWaiting(4, attended=False)),
        ("<<", "ana", KnockReceived(4, b"cleo's knock")),
        ("<<", "ben", KnockReceived(4, b"cleo's knock")),
        ("xx", "cleo"),
        ("<<", "ana", KnockWithdrawn(4)),
        ("<<", "ben", KnockWithdrawn(4)),
    )


def test_the_room_ends_with_its_last_member(talk) -> None:
    talk.play(
        *TWO,
        *BEN_KNOCKS,
        (">>", "host", Leave()),
        ("<<", "ana", ParticipantGone(1)),
        ("<<", "ben", KnockWaiting(3, attended=False)),
        ("<<", "ana", KnockReceived(3, b"ben's knock")),
        ("--", "host"),
        ("xx", "ana"),
        ("<<", "ben", ServerError("room.missing", "the room has ended")),
        ("--", "ben"),
        ("xx", "ben"),
        ("xx", "host"),
    )
    assert not talk.hall.rooms
    assert not talk.hall.connections
    talk.play((">>", "new host", OpenRoom(ROOM)), ("<<", "new host", RoomOpened(1)))


# --- media ---


def test_media_starts_and_stops(talk, offer, answer) -> None:
    name = ROOM.hex()
    talk.play(*TWO, (">>", "ana", StartMedia(offer)), ("**", JoinMedia(2, name, 2, offer, 2)))
    talk.hall.media_answered(2, answer)
    assert talk.drain() == [("<<", "ana", MediaStarted(answer))]
    talk.play(
        (">>", "ana", Leave()),
        ("<<", "host", ParticipantGone(2)),
        ("--", "ana"),
        ("**", LeaveMedia(name, 2)),
    )


def test_a_removed_members_media_stops(talk, offer) -> None:
    name = ROOM.hex()
    talk.play(
        *TWO,
        (">>", "ana", StartMedia(offer)),
        ("**", JoinMedia(2, name, 2, offer, 2)),
        (">>", "host", SubmitCommit(1, b"remove ana", None, [2])),
        ("<<", "host", CommitAccepted(2)),
        ("<<", "ana", CommitDelivered(2, b"remove ana")),
        ("<<", "ana", Removed()),
        ("--", "ana"),
        ("**", LeaveMedia(name, 2)),
    )


def test_an_answer_that_comes_too_late_is_dropped(talk, offer, answer) -> None:
    name = ROOM.hex()
    talk.play(
        *TWO,
        (">>", "ana", StartMedia(offer)),
        ("**", JoinMedia(2, name, 2, offer, 2)),
        ("xx", "ana"),
        ("<<", "host", ParticipantGone(2)),
        ("**", LeaveMedia(name, 2)),
    )
    talk.hall.media_answered(2, answer)
    talk.hall.media_answered(1, answer)  # nobody asked
    assert talk.drain() == []


def test_an_engine_that_cannot_is_reported_and_may_be_asked_again(talk, offer) -> None:
    text = "the server could not open the media transport"
    start = ((">>", "host", StartMedia(offer)), ("**", JoinMedia(1, ROOM.hex(), 1, offer, 0)))
    talk.play(*OPENED, *start)
    talk.hall.media_answered(1, None)
    assert talk.drain() == [("<<", "host", ServerError("media.transport", text, fatal=False))]
    talk.play(*start)


# --- attacks ---


FRIEND_KNOCKS = (
    (">>", "friend", Knock(ROOM, b"knock")),
    ("<<", "friend", KnockWaiting(4)),
    ("<<", "host", KnockReceived(4, b"knock")),
)


@pytest.mark.parametrize(
    "commit",
    [
        SubmitCommit(1, b"late"),
        SubmitCommit(2, b"drop ben", None, [3]),
        SubmitCommit(2, b"drop the host", None, [1]),
        SubmitCommit(2, b"admit a friend", WelcomeFor(b"hello friend", [Joiner(4, 4)])),
        SubmitCommit(2, b"let a friend speak as ben", WelcomeFor(b"hello friend", [Joiner(4, 3)])),
    ],
)
def test_attack_a_member_commits(talk, commit) -> None:
    talk.play(
        *THREE,
        *FRIEND_KNOCKS,
        (">>", "ana", commit),
        ("<<", "ana", CommitRejected(2)),
    )
    room = talk.hall.rooms[ROOM]
    assert (room.epoch, list(room.members), list(room.waiting)) == (2, [1, 2, 3], [4])


def test_a_member_commits_now_and_then(talk) -> None:
    talk.play(
        *THREE,
        (">>", "ana", SubmitCommit(2, b"update")),
        ("<<", "ana", CommitAccepted(3)),
        ("<<", "host", CommitDelivered(3, b"update")),
        ("<<", "ben", CommitDelivered(3, b"update")),
    )


def test_attack_a_members_flood_of_commits(talk) -> None:
    """Each moves the count under a doorkeeper's Commit, which has to be made again."""
    taken = []
    talk.play(*TWO)
    for second in range(60):
        talk.now = float(second)
        epoch = talk.hall.rooms[ROOM].epoch
        talk.hall.received(2, wire.encode(SubmitCommit(epoch, b"junk")), talk.now)
        taken += [step for step in talk.drain() if step[2] == CommitAccepted(epoch + 1)]
    assert len(taken) == 3 + 5


def test_without_a_doorkeeper_members_bring_back_who_lost_the_connection(talk) -> None:
    again = (
        (">>", "ben again", Knock(ROOM, b"ben's place")),
        ("<<", "ben again", KnockWaiting(4, attended=False)),
        ("<<", "ana", KnockReceived(4, b"ben's place")),
    )
    resync = SubmitCommit(2, b"resync", WelcomeFor(b"hello again", [Joiner(4, 3)]))
    talk.play(
        *THREE,
        ("xx", "host"),
        ("<<", "ana", ParticipantGone(1)),
        ("<<", "ben", ParticipantGone(1)),
        again[0],
        again[1],
        again[2],
        ("<<", "ben", KnockReceived(4, b"ben's place")),
        # the server still holds ben's old connection for alive: his leaf is not free yet
        (">>", "ana", resync),
        ("<<", "ana", CommitRejected(2)),
        ("xx", "ben"),
        ("<<", "ana", ParticipantGone(3)),
        (">>", "ana", resync),
        ("<<", "ana", CommitAccepted(3)),
        ("<<", "ben again", Welcomed(b"hello again")),
    )


def test_attack_a_member_removes_somebody_while_nobody_keeps_the_door(talk) -> None:
    talk.play(
        *THREE,
        ("xx", "host"),
        ("<<", "ana", ParticipantGone(1)),
        ("<<", "ben", ParticipantGone(1)),
        (">>", "ana", SubmitCommit(2, b"drop ben", None, [3])),
        ("<<", "ana", CommitRejected(2)),
        (">>", "ana", Refuse(3)),
        (">>", "ana", NameDoorkeepers([2])),
        (">>", "ana", SubmitCommit(2, b"drop ben", None, [3])),
        ("<<", "ana", CommitRejected(2)),
    )


def test_a_doorkeeper_keeps_the_door_again_by_its_ticket(talk) -> None:
    ticket = b"t" * 16
    talk.play(
        (">>", "host", OpenRoom(ROOM, ticket=ticket)),
        ("<<", "host", RoomOpened(1)),
        *TWO[len(OPENED) :],
        ("xx", "host"),
        ("<<", "ana", ParticipantGone(1)),
        (">>", "again", Knock(ROOM, b"host again", ticket=ticket)),
        ("<<", "again", KnockWaiting(3, attended=False)),
        ("<<", "ana", KnockReceived(3, b"host again")),
        (">>", "ana", SubmitCommit(1, b"back", WelcomeFor(b"hello again", [Joiner(3, 0)]))),
        ("<<", "ana", CommitAccepted(2)),
        ("<<", "again", Welcomed(b"hello again")),
        (">>", "again", SubmitCommit(2, b"remove ana", None, [2])),
        ("<<", "again", CommitAccepted(3)),
        ("<<", "ana", CommitDelivered(3, b"remove ana")),
        ("<<", "ana", Removed()),
        ("--", "ana"),
    )


@pytest.mark.parametrize("ticket", [b"", b"t", b"u" * 16])
def test_attack_a_knocker_keeps_the_door_by_a_ticket_it_does_not_have(talk, ticket) -> None:
    talk.play(
        (">>", "host", OpenRoom(ROOM, ticket=b"t" * 16)),
        ("<<", "host", RoomOpened(1)),
        (">>", "ana", Knock(ROOM, b"knock of ana", ticket=ticket)),
        ("<<", "ana", KnockWaiting(2)),
        ("<<", "host", KnockReceived(2, b"knock of ana")),
    )
    (room,) = talk.hall.rooms.values()
    assert room.named == {1}


def test_a_dismissed_doorkeepers_ticket_is_worth_nothing(talk) -> None:
    ticket = b"t" * 16
    talk.play(
        *OPENED,
        (">>", "ana", Knock(ROOM, b"knock of ana", ticket=ticket)),
        ("<<", "ana", KnockWaiting(2)),
        ("<<", "host", KnockReceived(2, b"knock of ana")),
        (">>", "host", NameDoorkeepers([2])),
        (">>", "host", NameDoorkeepers([], [2])),
        (">>", "ana again", Knock(ROOM, b"knock", ticket=ticket)),
        ("<<", "ana again", KnockWaiting(3)),
        ("<<", "host", KnockReceived(3, b"knock")),
    )
    (room,) = talk.hall.rooms.values()
    assert room.named == {1}


def test_a_room_the_server_lost_is_opened_again_at_another_leaf(talk, offer) -> None:
    talk.play(
        (">>", "ana", OpenRoom(ROOM, leaf=5)),
        ("<<", "ana", RoomOpened(1)),
        (">>", "ana", StartMedia(offer)),
        ("**", JoinMedia(1, ROOM.hex(), 1, offer, 5)),
    )


def test_media_of_a_leaf_that_is_given_to_another_one_ends(talk, offer) -> None:
    name, text = ROOM.hex(), "the server could not open the media transport"
    talk.play(
        *TWO,
        (">>", "ana", StartMedia(offer)),
        ("**", JoinMedia(2, name, 2, offer, 2)),
        *BEN_KNOCKS,
        (">>", "host", SubmitCommit(1, b"ben gets ana's leaf", WelcomeFor(b"w", [Joiner(3, 2)]))),
        ("<<", "host", CommitAccepted(2)),
        ("<<", "ana", CommitDelivered(2, b"ben gets ana's leaf")),
        ("<<", "ben", Welcomed(b"w")),
        ("**", LeaveMedia(name, 2)),
        (">>", "ana", StartMedia(offer)),
        ("<<", "ana", ServerError("media.transport", text, fatal=False)),
    )


def test_attack_a_member_gives_somebody_elses_number_as_its_own(talk) -> None:
    # The host's own number, one twice, one it admits by the same Commit, and nobody's.
    talk.play(
        *THREE,
        (">>", "cleo", Knock(ROOM, b"knock")),
        ("<<", "cleo", KnockWaiting(4)),
        ("<<", "host", KnockReceived(4, b"knock")),
        (
            ">>",
            "host",
            SubmitCommit(2, b"c", WelcomeFor(b"hello cleo", [Joiner(4, 4)]), [1, 2, 2, 4, 99]),
        ),
        ("<<", "host", CommitAccepted(3)),
        ("<<", "ana", CommitDelivered(3, b"c")),
        ("<<", "ben", CommitDelivered(3, b"c")),
        ("<<", "cleo", Welcomed(b"hello cleo")),
        ("<<", "ana", Removed()),
        ("--", "ana"),
    )
    assert list(talk.hall.rooms[ROOM].members) == [1, 3, 4]


def test_the_hall_holds_nothing_that_was_said() -> None:
    hall = Hall()
    hall.connected(1, 0.0)
    said = SendApplication(b"SECRET"), SubmitCommit(0, b"SECRET")
    piece = SendChunk(b"f" * 16, 0, 0, b"SECRET".ljust(32816))
    for message in (OpenRoom(ROOM), *said, piece):
        hall.received(1, wire.encode(message), 0.0)
    hall.outbox.clear()
    kept = [hall.rooms[ROOM], *hall.connections.values()]
    assert "SECRET" not in repr(kept)


# --- doorkeepers ---

ANA_KEEPS = (
    *TWO,
    (">>", "host", NameDoorkeepers([2])),
)


def test_knocks_go_to_every_doorkeeper_and_one_decision_does(talk) -> None:
    talk.play(
        *ANA_KEEPS,
        (">>", "ben", Knock(ROOM, b"ben's knock")),
        ("<<", "ben", KnockWaiting(3)),
        ("<<", "host", KnockReceived(3, b"ben's knock")),
        ("<<", "ana", KnockReceived(3, b"ben's knock")),
        (">>", "ana", SubmitCommit(1, b"add ben", WelcomeFor(b"hello ben", [Joiner(3, 3)]))),
        ("<<", "ana", CommitAccepted(2)),
        ("<<", "host", CommitDelivered(2, b"add ben")),
        ("<<", "ben", Welcomed(b"hello ben")),
        ("<<", "host", KnockWithdrawn(3)),
        (">>", "host", SubmitCommit(1, b"add ben", WelcomeFor(b"too late", [Joiner(3, 3)]))),
        ("<<", "host", CommitRejected(2)),
    )


def test_a_doorkeeper_that_comes_later_gets_the_knocks_that_wait_once(talk) -> None:
    talk.play(
        *TWO,
        (">>", "ben", Knock(ROOM, b"ben's knock")),
        ("<<", "ben", KnockWaiting(3)),
        ("<<", "host", KnockReceived(3, b"ben's knock")),
        (">>", "host", NameDoorkeepers([2])),
        ("<<", "ana", KnockReceived(3, b"ben's knock")),
        (">>", "host", NameDoorkeepers([2])),
        (">>", "host", NameDoorkeepers([], [2])),
        (">>", "host", NameDoorkeepers([2])),  # who kept it no more has forgotten them
        ("<<", "ana", KnockReceived(3, b"ben's knock")),
        (">>", "ana", Refuse(3)),
        ("<<", "ben", Refused()),
        ("<<", "host", KnockWithdrawn(3)),
        ("--", "ben"),
    )


def test_a_knocker_named_beforehand_keeps_the_door_from_its_welcome_on(talk) -> None:
    talk.play(
        *ANA_KEEPS,
        ("xx", "host"),
        ("<<", "ana", ParticipantGone(1)),
        (">>", "back", Knock(ROOM, b"the host's knock")),
        ("<<", "back", KnockWaiting(3)),
        ("<<", "ana", KnockReceived(3, b"the host's knock")),
        (">>", "ben", Knock(ROOM, b"ben's knock")),
        ("<<", "ben", KnockWaiting(4)),
        ("<<", "ana", KnockReceived(4, b"ben's knock")),
        (">>", "ana", NameDoorkeepers([3])),
        (">>", "ana", SubmitCommit(1, b"add", WelcomeFor(b"welcome back", [Joiner(3, 0)]))),
        ("<<", "ana", CommitAccepted(2)),
        ("<<", "back", Welcomed(b"welcome back")),
        ("<<", "back", KnockReceived(4, b"ben's knock")),
        (">>", "back", SubmitCommit(2, b"update")),
        ("<<", "back", CommitAccepted(3)),
        ("<<", "ana", CommitDelivered(3, b"update")),
    )


def test_who_was_dismissed_is_refused_and_not_cut_off(talk) -> None:
    talk.play(
        *ANA_KEEPS,
        (">>", "host", NameDoorkeepers([], [2])),
        (">>", "ana", SubmitCommit(1, b"on its way", WelcomeFor(b"w", [Joiner(3, 3)]))),
        ("<<", "ana", CommitRejected(1)),
        (">>", "ana", Refuse(3)),
        (">>", "ana", NameDoorkeepers([2])),
        (">>", "ana", SubmitCommit(1, b"again", None, [1])),
        ("<<", "ana", CommitRejected(1)),
    )


def test_attack_a_member_names_itself_doorkeeper(talk) -> None:
    talk.play(
        *TWO,
        (">>", "ana", NameDoorkeepers([2])),
    )
    (room,) = talk.hall.rooms.values()
    assert room.named == {1}


def test_attack_a_doorkeeper_shuts_the_opener_out(talk) -> None:
    talk.play(
        *ANA_KEEPS,
        (">>", "ana", NameDoorkeepers([], [1, 2])),
        (">>", "host", SubmitCommit(1, b"update")),
        ("<<", "host", CommitAccepted(2)),
        ("<<", "ana", CommitDelivered(2, b"update")),
    )
