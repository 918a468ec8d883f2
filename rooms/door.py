"""The door of a room at its server: who gets a knock, who may say no to it, what knockers learn.

Pure; `rooms.hall` gives it the means to send and to close.
"""

from __future__ import annotations

from collections.abc import Callable

from rooms import wire
from rooms.room import Connection, Room

Send = Callable[[Connection, wire.ServerMessage], None]
Close = Callable[[Connection, type[wire.ClientMessage | wire.ServerMessage]], None]


class Door:
    """What all rooms' doors have in common; who is at them, the rooms themselves know."""

    def __init__(self, *, send: Send, close: Close) -> None:
        self._send = send
        self._close = close

    def keep(
        self, member: Connection, room: Room, message: wire.NameDoorkeepers | wire.Refuse
    ) -> None:
        """Do what only a doorkeeper may; others are ignored: they may think that they are one.

        One was just dismissed, or came back to a room that somebody else had opened again.
        """
        if member.participant not in room.named:
            return
        match message:
            case wire.NameDoorkeepers():
                room.name_doorkeepers(member, message.participants, message.dismissed)
                self.tell(room)
            case wire.Refuse():
                self._refuse(member, room, message)

    def tell(self, room: Room) -> None:
        """Tell of knocks to whom they go, to each once: naming them again sends nothing again.

        Whoever knocks learns whether anybody is there who may let them in, and when that changes.
        """
        attended = bool(room.doorkeepers)
        for knocker in room.waiting.values():
            if knocker.attended is not attended:
                knocker.attended = attended
                self._send(knocker, wire.KnockWaiting(knocker.participant, attended))
        for listener in room.listeners:
            for knocker in room.waiting.values():
                if listener.participant not in knocker.told:
                    knocker.told.add(listener.participant)
                    self._send(listener, wire.KnockReceived(knocker.participant, knocker.sealed))

    def decided(self, room: Room, knocker: Connection, *, by: Connection | None = None) -> None:
        """Tell those who know of a knock that it needs no decision any more."""
        for number, member in room.members.items():
            if number in knocker.told and member not in (by, knocker):
                self._send(member, wire.KnockWithdrawn(knocker.participant))

    def _refuse(self, doorkeeper: Connection, room: Room, message: wire.Refuse) -> None:
        knocker = room.waiting.pop(message.participant, None)
        if knocker is not None:  # else it has left meanwhile, and doorkeepers were told
            self._send(knocker, wire.Refused(message.why))
            self._close(knocker, wire.Refused)
            self.decided(room, knocker, by=doorkeeper)
