"""Roles and rules as a face asks for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rooms.moderating import Moderating

if TYPE_CHECKING:
    from tests.rooms.conftest import Table


def test_a_face_changes_and_reads_the_room(table: Table) -> None:
    host = table.host()
    ada = table.join(host, "Ada")
    mine = Moderating(host.protocol, table.settle)
    theirs = Moderating(ada.protocol, table.settle)
    mine.lock(True)
    mine.allow("chat", False)
    mine.appoint(ada.leaf)
    assert (mine.role, theirs.role) == ("host", "cohost")
    state = theirs.state
    assert state is not None
    assert (state.locked, state.policy["chat"]) == (True, False)
    assert state.cohosts == [ada.identity.fingerprint]
    assert (state.name, state.changed) == ("", [])  # how it is, not how it came to be so
    mine.dismiss(ada.identity.fingerprint)
    assert theirs.role == "member"


def test_before_the_room_there_is_a_role_to_come_and_no_state(table: Table) -> None:
    host, ada = table.sit("Hana", hosting=True), table.sit("Ada")
    roles = [Moderating(seat.protocol, table.settle) for seat in (host, ada)]
    assert [one.role for one in roles] == ["host", "member"]
    assert [one.state for one in roles] == [None, None]
