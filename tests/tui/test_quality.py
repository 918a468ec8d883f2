from __future__ import annotations

import pytest

from rooms.events import Stats
from tui.quality import measures


def stats(**values: float | None) -> Stats:
    base = {"sent_bytes": 1, "received_bytes": 1, "decrypted_frames": 1, "decrypt_failures": 0}
    quiet = {"lost_packets": 0, "jitter_ms": 2.6, "round_trip_ms": 20.0}
    return Stats(**{**base, **quiet, **values})  # type: ignore[arg-type]


def test_nothing_measured_is_nothing_said() -> None:
    assert measures(None) == ()


def test_all_that_is_measured_is_said_for_the_eye_and_for_the_ear() -> None:
    found = measures(stats(loss=0.02, sent_loss=0.01))
    assert [measure.short for measure in found] == [
        "2% lost",
        "1% of yours lost",
        "round trip 20 ms",
        "jitter 3 ms",
        "0% concealed",
    ]
    assert found[2].spelled == "round trip 20 milliseconds"
    assert found[0].spelled == "2 percent lost"
    assert not any(measure.bad for measure in found)


def test_what_is_not_known_is_not_said() -> None:
    found = measures(stats(round_trip_ms=None))
    assert [measure.short for measure in found] == ["0% lost", "jitter 3 ms", "0% concealed"]


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("loss", 0.2, "20% lost"),
        ("sent_loss", 0.2, "20% of yours lost"),
        ("round_trip_ms", 900.0, "round trip 900 ms"),
        ("jitter_ms", 120.0, "jitter 120 ms"),
        ("concealed", 0.1, "10% concealed"),
    ],
)
def test_what_people_notice_is_bad(name: str, value: float, words: str) -> None:
    found = measures(stats(**{name: value}))
    assert [measure.short for measure in found if measure.bad] == [words]
