"""Random conversations with a hall: it never raises, and its books always balance."""

from __future__ import annotations

import os

import hypothesis.strategies as st
import pytest
from hypothesis import settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from e2ee.file_chunks import SEALED_LENGTH
from media.engine.ports import IceCandidate, MediaAnswer, MediaOffer, TransportParameters
from rooms import wire
from rooms.hall import Hall
from rooms.limits import Limits
from rooms.media_actions import JoinMedia, LeaveMedia
from rooms.states import State, allowed

LIMITS = Limits(
    connections=7,
    rooms=2,
    participants=4,
    knocks=2,
    names=2,
    tries=1,
    try_seconds=5.0,
    source_try_rate=1.0,
    source_name_rate=1.0,
    message_rate=1.0,
    message_burst=20.0,
    byte_burst=8_000.0,
    media_burst=2.0,
    chunk_burst=2.0,
)
ROOMS = [bytes([number]) * 16 for number in range(3)]
TRANSPORT = TransportParameters(
    "ufrag", "password", [IceCandidate("1", 1, 1, "127.0.0.1", 9, "host")], bytes(32)
)
OFFER = MediaOffer(TRANSPORT, 1, 2)
ANSWER = MediaAnswer(TRANSPORT, [1], [2])

choices = st.integers(0, 9)
rooms = st.sampled_from([ROOMS[0]] * 9 + ROOMS)
versions = st.sampled_from([wire.PROTOCOL_VERSION] * 8 + [2])
participants = st.integers(1, 8)
secrets = st.binary(min_size=1, max_size=20)
joiners = st.builds(wire.Joiner, participants, st.integers(0, 0xFFF))
welcomes = st.builds(wire.WelcomeFor, secrets, st.lists(joiners, min_size=1, max_size=3))
names = st.sampled_from(["banana", "acorn", "bicycle"])
sensible = st.one_of(
    st.builds(wire.NameRoom, names),
    st.builds(wire.ConfirmPasscode, st.just(bytes(32))),
    st.builds(wire.ReplyPasscode, st.integers(1, 2), secrets),
    st.builds(wire.RefusePasscode, st.integers(1, 2)),
    st.builds(wire.Refuse, participants),
    st.builds(wire.Propose, secrets),
    st.builds(wire.SendApplication, secrets),
    st.builds(wire.SendHeartbeat, secrets),
    st.just(wire.ChunkTaken()),
    st.just(wire.SendChunk(bytes(16), 0, 0, bytes(SEALED_LENGTH))),
    st.just(wire.StartMedia(OFFER)),
)
anything = st.one_of(
    sensible,
    st.builds(wire.OpenRoom, rooms, versions, st.integers(0, 0xFFF)),
    st.builds(wire.Knock, rooms, secrets, versions),
    st.builds(wire.TryPasscode, names, st.just(bytes(65)), versions),
    st.builds(wire.CountRoom, rooms, versions),
    st.just(wire.Leave()),
)


class Conversations(RuleBasedStateMachine):
    """Connections that open, break and say anything, sensible often enough to get somewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.hall = Hall(LIMITS)
        self.now = 0.0
        self.live: set[int] = set()
        """Connections as a server sees them: begun, and neither broken nor closed by the hall."""
        self.used = 0
        self.epochs: dict[bytes, int] = {}
        self.inside: set[tuple[str, int]] = set()
        """Whom the engine forwards for."""

    # --- what happens ---

    @initialize(people=st.integers(0, 3), media=st.booleans())
    def begin(self, people: int, *, media: bool) -> None:
        """Start where random steps seldom get: some people in a room."""
        for _ in range(people):
            self.arrive(ROOMS[0], b"knock")
        if people:
            self.admit_everybody_and_remove_somebody(people)
        if media:
            self.everybody_starts_media()

    @rule()
    def connect(self) -> None:
        self.used += 1
        self.live.add(self.used)
        self.hall.connected(self.used, self.now)
        self.drain()

    @precondition(lambda self: len(self.live) < LIMITS.connections)
    @rule(room=rooms, sealed=secrets)
    def arrive(self, room: bytes, sealed: bytes) -> None:
        self.connect()
        first = wire.Knock(room, sealed) if room in self.hall.rooms else wire.OpenRoom(room)
        self.receive(self.used, wire.encode(first))

    @precondition(lambda self: self.hall.names.names)
    @rule(answered=st.booleans())
    def somebody_tries_a_passcode(self, *, answered: bool) -> None:
        name = next(iter(self.hall.names.names.values()))
        self.connect()
        self.receive(self.used, wire.encode(wire.TryPasscode(name.text, bytes(65))))
        if answered:
            reply = wire.ReplyPasscode(max(name.numbered, 1), b"answer")
            self.receive(name.keeper.number, wire.encode(reply))

    @rule(choice=choices)
    def disconnect(self, choice: int) -> None:
        conn = self.chosen(choice)
        self.hall.disconnected(conn, self.now)
        self.live.discard(conn)
        self.drain()

    @rule(choice=choices, message=sensible)
    def behave(self, choice: int, message: wire.ClientMessage) -> None:
        conn = self.chosen(choice)
        connection = self.hall.connections.get(conn)
        if connection is not None and allowed(connection.state, message):
            self.receive(conn, wire.encode(message))

    @rule(choice=choices, message=anything)
    def say(self, choice: int, message: wire.ClientMessage) -> None:
        self.receive(self.chosen(choice), wire.encode(message))

    @rule(choice=choices, data=st.binary(max_size=40))
    def babble(self, choice: int, data: bytes) -> None:
        self.receive(self.chosen(choice), data)

    @rule(choice=choices, size=st.integers(1, 4000))
    def boast(self, choice: int, size: int) -> None:
        self.receive(self.chosen(choice), wire.encode(wire.SendApplication(bytes(size))))

    @rule(
        choice=choices,
        late=st.sampled_from([0] * 5 + [-1, 1]),
        welcomed=st.none() | welcomes,
        removes=st.lists(participants, max_size=3),
    )
    def commit(
        self, choice: int, late: int, welcomed: wire.WelcomeFor | None, removes: list[int]
    ) -> None:
        conn = self.chosen(choice)
        connection = self.hall.connections.get(conn)
        epoch = connection.room.epoch if connection and connection.room else 0
        submit = wire.SubmitCommit(max(epoch + late, 0), b"commit", welcomed, removes)
        self.receive(conn, wire.encode(submit))

    @precondition(lambda self: any(room.doorkeepers for room in self.rooms()))
    @rule(choice=choices)
    def admit_everybody_and_remove_somebody(self, choice: int) -> None:
        room = next(room for room in self.rooms() if room.doorkeepers)
        joining = [wire.Joiner(number, number) for number in room.waiting]
        welcomed = wire.WelcomeFor(b"welcome", joining) if joining else None
        first = choice % (len(room.members) + 1)  # the last choice is nobody
        removed = list(room.members)[first : first + 1]
        submit = wire.SubmitCommit(room.epoch, b"commit", welcomed, removed)
        self.receive(room.doorkeepers[0].number, wire.encode(submit))

    @precondition(lambda self: any(room.doorkeepers for room in self.rooms()))
    @rule(named=st.lists(participants, max_size=16), dismissed=st.lists(participants, max_size=16))
    def name_doorkeepers(self, named: list[int], dismissed: list[int]) -> None:
        room = next(room for room in self.rooms() if room.doorkeepers)
        self.receive(
            room.doorkeepers[-1].number, wire.encode(wire.NameDoorkeepers(named, dismissed))
        )

    @precondition(lambda self: self.rooms())
    @rule()
    def everybody_starts_media(self) -> None:
        for room in list(self.rooms()):
            for member in list(room.members.values()):
                if not member.offering:
                    self.receive(member.number, wire.encode(wire.StartMedia(OFFER)))

    @rule(choice=choices, answer=st.sampled_from([ANSWER, None]))
    def engine_answers(self, choice: int, answer: MediaAnswer | None) -> None:
        self.hall.media_answered(self.chosen(choice), answer)
        self.drain()

    @rule(seconds=st.floats(0, 5))
    def wait(self, seconds: float) -> None:
        self.now += seconds

    # --- what follows ---

    def rooms(self):
        """The open rooms."""
        return self.hall.rooms.values()

    def chosen(self, choice: int) -> int:
        """A connection that lives, if there is one, mostly; else one of before or never."""
        live = sorted(self.live)
        return live[choice % len(live)] if live and choice else choice + 1

    def receive(self, conn: int, data: bytes) -> None:
        self.hall.received(conn, data, self.now)
        self.drain()

    def drain(self) -> None:
        """Take what the hall did as a server would; check what can be said of it by itself."""
        assert len(self.hall.outbox) <= 4 * LIMITS.participants  # one message never fans out wider
        for conn, message in self.hall.outbox:
            assert conn in self.live, "a message to a closed connection"
            assert wire.decode_server(wire.encode(message)) == message
        for conn in self.hall.closings:
            assert conn in self.live, "closed twice"
            self.live.discard(conn)
        for action in self.hall.media:
            match action:
                case JoinMedia():
                    self.inside.add((action.room, action.participant))
                case LeaveMedia():
                    self.inside.remove((action.room, action.participant))
        self.hall.outbox.clear()
        self.hall.closings.clear()
        self.hall.media.clear()

    @invariant()
    def the_same_connections_live(self) -> None:
        assert set(self.hall.connections) == self.live

    @invariant()
    def everybody_is_where_the_state_says(self) -> None:
        members = {c for room in self.rooms() for c in room.members.values()}
        waiting = {c for room in self.rooms() for c in room.waiting.values()}
        assert not members & waiting
        for number, connection in self.hall.connections.items():
            assert connection.number == number
            assert connection.state is not State.GONE
            assert (connection in members) == (connection.state is State.MEMBER)
            assert (connection in waiting) == (connection.state is State.KNOCKING)
            trying = connection in self.hall.names.attempts
            assert trying == (connection.state is State.TRYING)
        assert members | waiting <= set(self.hall.connections.values())

    @invariant()
    def rooms_know_their_own(self) -> None:
        for key, room in self.hall.rooms.items():
            assert room.id == key
            assert room.members, "a room without members"
            assert room.named <= set(range(1, room.numbered + 1))
            for number, connection in {**room.members, **room.waiting}.items():
                assert connection.room is room
                assert connection.participant == number <= room.numbered

    @invariant()
    def no_leaf_has_two_connections(self) -> None:
        for room in self.rooms():
            leaves = [member.leaf for member in room.members.values() if member.leaf is not None]
            assert len(set(leaves)) == len(leaves)

    @invariant()
    def who_may_decide_knows_who_knocks(self) -> None:
        for room in self.rooms():
            for knocker in room.waiting.values():
                assert {member.participant for member in room.listeners} <= knocker.told

    @invariant()
    def names_are_those_of_members_and_tries_those_of_names(self) -> None:
        names, attempts = self.hall.names.names, self.hall.names.attempts
        members = {c for room in self.rooms() for c in room.members.values()}
        keepers = [name.keeper for name in names.values()]
        assert len(set(keepers)) == len(keepers)
        assert set(keepers) <= members
        assert set(attempts) <= set(self.hall.connections.values())
        assert {id(attempt) for attempt in attempts.values()} == {
            id(attempt) for name in names.values() for attempt in name.attempts.values()
        }
        for connection, attempt in attempts.items():
            assert attempt.connection is connection
            assert names[attempt.name.text] is attempt.name
            assert attempt.number <= attempt.name.numbered

    @invariant()
    def nothing_grows_beyond_its_limit(self) -> None:
        assert len(self.hall.connections) <= LIMITS.connections
        assert len(self.hall.rooms) <= LIMITS.rooms
        assert len(self.hall.names.names) <= LIMITS.names
        for name in self.hall.names.names.values():
            assert len(name.attempts) <= LIMITS.tries
        for room in self.rooms():
            assert len(room.waiting) <= LIMITS.knocks
            assert len(room.members) + len(room.waiting) <= LIMITS.participants

    @invariant()
    def the_engine_forwards_for_members_only(self) -> None:
        assert self.inside == {
            (room.name, connection.participant)
            for room in self.rooms()
            for connection in room.members.values()
            if connection.media
        }

    @invariant()
    def epochs_never_go_back(self) -> None:
        now = {key: room.epoch for key, room in self.hall.rooms.items()}
        for key, epoch in now.items():
            assert epoch >= self.epochs.get(key, 0)
        self.epochs = now


class TestConversations(Conversations.TestCase):
    """The same few each time."""

    settings = settings(
        max_examples=100, stateful_step_count=50, deadline=None, derandomize=True, database=None
    )


@pytest.mark.slow
class TestLongConversations(Conversations.TestCase):
    """Others each time."""

    settings = settings(
        max_examples=200 if os.environ.get("SOTTO_SHORT") else 5_000,
        stateful_step_count=80,
        deadline=None,
        database=None,
    )
