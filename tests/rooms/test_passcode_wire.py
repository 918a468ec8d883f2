"""Messages of names and passcodes are the wire's; `test_wire` tries each of them."""

from __future__ import annotations

import typing

from rooms import passcode_wire, wire
from rooms.messages import Message


def test_all_of_them_are_messages_of_the_wire_one_way_or_the_other() -> None:
    kinds = {
        kind
        for kind in vars(passcode_wire).values()
        if isinstance(kind, type) and issubclass(kind, Message) and kind is not Message
    }
    to_server = kinds & set(typing.get_args(wire.ClientMessage))
    to_client = kinds & set(typing.get_args(wire.ServerMessage))
    assert (len(to_server), len(to_client)) == (5, 7)
    assert kinds == to_server | to_client
    assert all(getattr(wire, kind.__name__) is kind for kind in kinds)


def test_a_try_names_the_version() -> None:
    assert wire.TryPasscode("banana", bytes(65)).version == wire.PROTOCOL_VERSION
