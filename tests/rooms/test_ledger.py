"""What left this machine, entered and summed."""

from __future__ import annotations

import json

import pytest

from media.engine.ports import IceCandidate, TransportParameters, TransportStats
from rooms.ledger import Ledger, LedgerLine, MediaAccount, in_words

WHERE = ("192.0.2.1:443", "signalling", "sizes and times")


def test_sockets_count_for_themselves_and_are_summed_by_line() -> None:
    ledger = Ledger()
    first, second = ledger.open(*WHERE), ledger.open(*WHERE)
    media = ledger.open("192.0.2.1:5000", "media", "sizes and times")
    first.sent += 100
    second.sent += 20
    second.received = 7
    media.received = 1_500_000
    assert ledger.snapshot() == (
        LedgerLine(*WHERE, 120, 7, True),
        LedgerLine("192.0.2.1:5000", "media", "sizes and times", 0, 1_500_000, True),
    )


def test_a_socket_is_there_before_its_first_byte_and_after_its_last() -> None:
    ledger = Ledger()
    assert ledger.snapshot() == ()
    ledger.open(*WHERE)
    assert ledger.snapshot() == (LedgerLine(*WHERE, 0, 0, True),)


def test_a_snapshot_does_not_change_any_more() -> None:
    ledger = Ledger()
    entry = ledger.open(*WHERE)
    before = ledger.snapshot()
    entry.sent = 5
    assert before[0].sent == 0


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (999, "999 B"),
        (1_234_567, "1.2 MB"),
        (999_949, "999.9 kB"),
        (999_960, "1.0 MB"),
        (5 * 10**15, "5000.0 TB"),
    ],
)
def test_sizes_roll_over_without_a_thousand_of_anything(size: int, text: str) -> None:
    assert in_words(size) == text


def test_the_export_is_json() -> None:
    ledger = Ledger()
    ledger.open(*WHERE).sent = 5
    assert json.loads(ledger.to_json()) == [
        {
            "address": "192.0.2.1:443",
            "purpose": "signalling",
            "reads": "sizes and times",
            "sent": 5,
            "received": 0,
            "live": True,
        }
    ]


def test_media_is_entered_before_it_leaves_and_counted_where_it_went() -> None:
    ledger = Ledger()
    account = MediaAccount(ledger)
    candidates = [IceCandidate(str(port), 1, 1, "192.0.2.1", port, "host") for port in (5000, 5001)]
    account.reaches(TransportParameters("u", "p", candidates, bytes(32)))
    account.reaches(TransportParameters("u", "p", candidates[:1], bytes(32)))
    account.carried(TransportStats(traffic={"192.0.2.1:5001": (7, 8), "192.0.2.9:1": (7, 0)}))
    assert [(line.address, line.sent, line.received) for line in ledger.snapshot()] == [
        ("192.0.2.1:5000", 0, 0),
        ("192.0.2.1:5001", 7, 8),
    ]


def test_a_line_is_live_while_one_of_its_sockets_is() -> None:
    ledger = Ledger()
    first, second = ledger.open(*WHERE), ledger.open(*WHERE)
    first.live = False
    assert ledger.snapshot()[0].live
    second.live = False
    assert not ledger.snapshot()[0].live
    account = MediaAccount(ledger)
    candidate = IceCandidate("f", 1, 1, "192.0.2.1", 5000, "host")
    account.reaches(TransportParameters("u", "p", [candidate], bytes(32)))
    assert ledger.snapshot()[1].live
    account.close()
    assert not ledger.snapshot()[1].live
