from __future__ import annotations

import pytest

from rooms import served
from rooms.ledger import Ledger, LedgerLine
from rooms.served import MAX_LINES, OTHERS, ServedMedia, ServedRoom


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


def lines(ledger: Ledger) -> dict[str, LedgerLine]:
    found = {line.address: line for line in ledger.snapshot()}
    assert len(found) == len(ledger.snapshot())
    return found


def test_an_address_has_one_line_that_is_live_while_any_connection_is(ledger) -> None:
    room = ServedRoom(ledger)
    first, second = room.opened("192.0.2.1"), room.opened("192.0.2.1")
    first.sent += 5
    second.received += 7
    room.closed(first)
    assert lines(ledger)["192.0.2.1"].live
    room.closed(second)
    assert ledger.snapshot() == (
        LedgerLine("192.0.2.1", served.ROOM_PURPOSE, served.ROOM_READS, 5, 7),
    )
    assert room.opened("192.0.2.1") is first
    assert lines(ledger)["192.0.2.1"].live


def test_media_is_counted_by_address(ledger) -> None:
    media = ServedMedia(ledger)
    media.sent("192.0.2.1", 10)
    media.received("192.0.2.1", 3)
    media.sent("2001:db8::1", 20)
    found = lines(ledger)
    assert (found["192.0.2.1"].sent, found["192.0.2.1"].received) == (10, 3)
    assert found["2001:db8::1"].sent == 20
    assert all(line.live and line.purpose == served.MEDIA_PURPOSE for line in found.values())
    media.close()
    assert not any(line.live for line in lines(ledger).values())


def test_attack_forged_sources_take_up_no_lines(ledger) -> None:
    media = ServedMedia(ledger)
    for number in range(3 * MAX_LINES):
        media.received(f"forged {number}", 2)
    media.sent("192.0.2.1", 10)
    assert set(lines(ledger)) == {OTHERS, "192.0.2.1"}
    assert lines(ledger)[OTHERS].received == 6 * MAX_LINES


def test_attack_connections_from_everywhere_take_up_no_memory(ledger) -> None:
    room = ServedRoom(ledger)
    entries = [room.opened(f"192.0.2.{number}") for number in range(2 * MAX_LINES)]
    assert len(ledger.snapshot()) == len(room._open) == MAX_LINES + 1
    for entry in entries:
        assert entry.live
        room.closed(entry)
    assert not any(line.live for line in ledger.snapshot())
