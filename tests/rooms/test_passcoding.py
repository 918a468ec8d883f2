"""A passcode during a call: wanted from the start or later, for hosts only, and ready in time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from e2ee.passcode import Passcode, parse_passcode
from rooms import events
from rooms.passcode_join import PasscodeAsking
from rooms.passcoding import NOT_HOST, NOT_INSIDE, Passcoding

if TYPE_CHECKING:
    import pytest

    from tests.rooms.conftest import Seat, Table


def following(table: Table, seat: Seat, *, wanted: bool) -> Passcoding:
    """The passcode of a seat, told of what happened there so far."""
    passcoding = Passcoding(seat.protocol, table.settle, wanted=wanted)
    for event in list(seat.events):
        passcoding.on_event(event)
    return passcoding


async def test_a_passcode_is_there_from_the_start_only_if_it_was_wanted(table: Table) -> None:
    host = table.host()
    following(table, host, wanted=False)
    assert not host.told(events.PasscodeShown)
    following(table, host, wanted=True)
    assert host.last(events.PasscodeShown).reason == "made"


async def test_only_the_host_has_a_passcode(table: Table) -> None:
    host = table.host()
    member = table.join(host, "Ana")
    early = table.knock("Ben")
    for seat in (member, early):
        passcoding = following(table, seat, wanted=True)
        passcoding.ask()
        passcoding.renew()
        assert seat.last(events.Note).text == NOT_HOST
        assert seat.protocol.passcodes.passcode is None


async def test_the_passcode_is_stretched_before_somebody_tries_it(
    table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = table.host()
    passcoding = following(table, host, wanted=True)
    shown = host.last(events.PasscodeShown)
    passcoding.on_event(shown)
    await passcoding.close()
    asking = PasscodeAsking(parse_passcode(shown.passcode))
    monkeypatch.setattr(Passcode, "stretch", None)  # the host has no need of it any more
    desk = host.protocol.passcodes._desk
    assert desk is not None
    asking.answered(desk.answer(1, asking.share, table.now))


async def test_coming_back_brings_new_words_under_the_same_name(table: Table) -> None:
    host = table.host()
    table.join(host, "Ana")
    passcoding = following(table, host, wanted=True)
    before = host.last(events.PasscodeShown)
    table.lose(host)
    assert not table.hall.names.names
    passcoding.ask()
    assert host.last(events.Note).text == NOT_INSIDE
    table.reconnect(host)
    table.wait(10.0)
    passcoding.on_event(host.last(events.Reconnected))
    after = host.last(events.PasscodeShown)
    assert (after.room, after.reason) == (before.room, "renewed")
    assert after.passcode != before.passcode
    assert set(table.hall.names.names) == {before.room}
    await passcoding.close()
