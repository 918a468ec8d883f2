"""Who gets a knock, who decides about it, and what the one who knocks is told of that."""

from __future__ import annotations

import pytest

from rooms import wire
from rooms.door import Door
from rooms.limits import Allowance, Limits
from rooms.room import Connection, Room
from rooms.states import State


class Doorway:
    """A room with its opener and a member (1, 2), and a door that writes down what it does."""

    def __init__(self) -> None:
        self.sent: list[tuple[int, wire.ServerMessage]] = []
        self.closed: list[int] = []
        self.door = Door(
            send=lambda to, message: self.sent.append((to.participant, message)),
            close=lambda whom, _by: self.closed.append(whom.participant),
        )
        self.room = Room(b"r" * 16)
        self.opener, self.member = (self.come(State.MEMBER) for _ in range(2))

    def come(self, state: State) -> Connection:
        connection = Connection(10, Allowance(Limits()), state=state, sealed=b"knock")
        number = self.room.number(connection)
        (self.room.waiting if state is State.KNOCKING else self.room.members)[number] = connection
        return connection

    def told(self) -> list[tuple[int, wire.ServerMessage]]:
        sent, self.sent = self.sent, []
        return sent


@pytest.fixture
def doorway() -> Doorway:
    return Doorway()


def test_a_knock_goes_to_doorkeepers_once_and_the_knocker_learns_of_them(doorway: Doorway) -> None:
    doorway.come(State.KNOCKING)
    doorway.door.tell(doorway.room)
    doorway.door.tell(doorway.room)
    assert doorway.told() == [(3, wire.KnockWaiting(3, True)), (1, wire.KnockReceived(3, b"knock"))]


def test_a_knocker_learns_when_the_last_doorkeeper_goes_and_when_one_is_back(
    doorway: Doorway,
) -> None:
    doorway.come(State.KNOCKING)
    doorway.door.tell(doorway.room)
    doorway.told()
    opener = doorway.room.members.pop(1)
    doorway.door.tell(doorway.room)
    doorway.door.tell(doorway.room)
    assert doorway.told() == [
        (3, wire.KnockWaiting(3, False)),
        (2, wire.KnockReceived(3, b"knock")),
    ]
    doorway.room.members[1] = opener
    doorway.door.tell(doorway.room)
    assert doorway.told() == [(3, wire.KnockWaiting(3, True))]


def test_a_doorkeeper_refuses_and_all_who_knew_of_the_knock_hear_of_it(doorway: Doorway) -> None:
    doorway.door.keep(doorway.opener, doorway.room, wire.NameDoorkeepers([2]))
    doorway.come(State.KNOCKING)
    doorway.door.tell(doorway.room)
    doorway.told()
    doorway.door.keep(doorway.opener, doorway.room, wire.Refuse(3))
    assert doorway.told() == [(3, wire.Refused()), (2, wire.KnockWithdrawn(3))]
    assert (doorway.closed, doorway.room.waiting) == ([3], {})
    doorway.door.keep(doorway.opener, doorway.room, wire.Refuse(3))  # it is gone
    assert doorway.told() == []


def test_attack_a_member_that_keeps_no_door_refuses_or_names_itself(doorway: Doorway) -> None:
    doorway.come(State.KNOCKING)
    doorway.door.keep(doorway.member, doorway.room, wire.Refuse(3))
    doorway.door.keep(doorway.member, doorway.room, wire.NameDoorkeepers([2]))
    assert (doorway.told(), doorway.room.named, 3 in doorway.room.waiting) == ([], {1}, True)


def test_whoever_decided_is_not_told_that_it_is_decided(doorway: Doorway) -> None:
    knocker = doorway.come(State.KNOCKING)
    knocker.told = {1, 2}
    doorway.door.decided(doorway.room, knocker, by=doorway.opener)
    assert doorway.told() == [(2, wire.KnockWithdrawn(3))]
