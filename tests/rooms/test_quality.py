from __future__ import annotations

import pytest

from rooms.events import Stats
from rooms.quality import LIMITS, STEADY, QualityJudge, past_limits


def stats(**values: float | None) -> Stats:
    quiet = {"lost_packets": 0, "jitter_ms": 2.6, "round_trip_ms": 20.0, "sent_bytes": 1}
    rest = {"received_bytes": 1, "decrypted_frames": 1, "decrypt_failures": 0}
    return Stats(**{**quiet, **rest, **values})  # type: ignore[arg-type]


@pytest.mark.parametrize("name", LIMITS)
def test_what_is_past_its_limit_is_noticed_and_no_more(name: str) -> None:
    limit = LIMITS[name]  # type: ignore[index]
    assert past_limits(stats(**{name: limit})) == []
    assert past_limits(stats(**{name: limit * 1.01})) == [name]


def test_what_was_not_measured_is_not_noticed() -> None:
    assert past_limits(stats(round_trip_ms=None, sent_loss=None)) == []


def test_a_change_is_told_once_it_lasts_and_told_once() -> None:
    judge, bad = QualityJudge(), stats(loss=0.2, jitter_ms=100.0)
    told = [judge.judge(bad) for _ in range(STEADY * 3)]
    assert [news is not None for news in told] == [n == STEADY - 1 for n in range(STEADY * 3)]
    news = told[STEADY - 1]
    assert news is not None
    assert (news.quality, news.bad, news.loss) == ("bad", ["loss", "jitter_ms"], 0.2)
    told = [judge.judge(stats()) for _ in range(STEADY)]
    assert told[-1] is not None
    assert (told[-1].quality, told[-1].bad) == ("good", [])


def test_a_connection_that_goes_up_and_down_is_not_news() -> None:
    judge = QualityJudge()
    told = [judge.judge(stats(loss=0.2 * (n % STEADY > 0))) for n in range(30)]
    assert told == [None] * 30
