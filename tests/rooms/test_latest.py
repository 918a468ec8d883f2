from __future__ import annotations

from rooms.events import (
    E2eeState,
    Ended,
    Joined,
    Knocking,
    Note,
    QualityState,
    Reconnected,
    Reconnecting,
    Stats,
)
from rooms.latest import Latest


def stats(lost: int) -> Stats:
    return Stats(
        sent_bytes=1,
        received_bytes=1,
        lost_packets=lost,
        jitter_ms=1.0,
        round_trip_ms=None,
        decrypted_frames=1,
        decrypt_failures=0,
    )


def test_the_last_of_each_kind_is_kept() -> None:
    latest = Latest()
    assert (latest.keys, latest.stats, latest.away) == (None, None, "")
    for event in (E2eeState(epoch=1, members=1), stats(1), Note(text="x"), stats(2)):
        latest.on_event(event)
    assert latest.keys is not None
    assert latest.stats is not None
    assert (latest.keys.epoch, latest.stats.lost_packets) == (1, 2)


def test_numbers_of_a_connection_that_is_gone_are_not_told() -> None:
    latest = Latest()
    latest.on_event(stats(1))
    latest.on_event(Reconnecting(reason="the server is gone"))
    assert (latest.stats, latest.away) == (None, "the server is gone")
    latest.on_event(Reconnected(leaf=1, epoch=3))
    assert latest.away == ""
    latest.on_event(stats(1))
    latest.on_event(Ended(reason=""))
    assert latest.stats is None


def test_a_connection_is_good_until_it_is_told_to_be_bad() -> None:
    latest = Latest()
    assert latest.quality == "good"
    measured = {"loss": 0.2, "sent_loss": None, "round_trip_ms": 9.0, "jitter_ms": 1.0}
    latest.on_event(QualityState(quality="bad", bad=["loss"], concealed=0.0, **measured))
    assert latest.quality == "bad"


def test_waiting_to_be_let_in_ends_with_coming_in_and_the_call_with_its_end() -> None:
    latest = Latest()
    latest.on_event(Knocking(server="h:1"))
    assert (latest.knocking, latest.over) == (True, False)
    latest.on_event(Joined(leaf=1, epoch=1, participants=[]))
    assert not latest.knocking
    latest.on_event(Ended(reason=""))
    assert latest.over
