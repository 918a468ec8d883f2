from __future__ import annotations

from tui.ctl.office import Caller, Office


async def test_the_end_closes_what_was_held_open(call) -> None:
    call.join()
    call.set_muted(True)
    office = Office(call, 1)
    office.talk.press(None)
    assert not call.muted
    office.close()
    assert call.muted


def test_all_connections_share_the_office_of_their_call(call) -> None:
    office = Office(call, 1)
    one, other = (Caller(office, lambda line: None) for _ in range(2))
    one.office.told = 7
    assert (other.office.told, other.call) == (7, call)
