from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rooms.events import (
    ErrorEvent,
    KeyChanged,
    Note,
    ParticipantJoined,
    ParticipantLeft,
    Reconnected,
    Reconnecting,
    RecordingState,
)
from tui.toasting import CROWD, KEPT, LONG, LONGEST, MOST, SHORT, Toasts


@pytest.fixture
def came(someone):
    def make(name: str) -> ParticipantJoined:
        return ParticipantJoined(participant=someone(1, name))

    return make


def changed(name: str, new: str = "SHA256:new456789") -> KeyChanged:
    return KeyChanged(leaf=1, name=name, old="SHA256:old456789", new=new)


def texts(toasts: Toasts) -> list[str]:
    return [toast.text for toast in toasts.shown]


def test_those_who_come_together_are_told_of_together_and_for_a_while(came) -> None:
    toasts = Toasts()
    for second, name in enumerate(("Ada", "Grace", "Alan", "Ada")):
        toasts.heed(came(name), second / 10)
    assert texts(toasts) == ["Ada and 2 others came in."]
    assert toasts.next_tick == 0.3 + SHORT
    toasts.tick(0.3 + SHORT)
    assert texts(toasts) == []
    toasts.heed(came("Hana"), 60.0)
    assert texts(toasts) == ["Hana came in."]
    toasts.heed(ParticipantLeft(leaf=1, name="Hana", reason="left"), 60.0)
    assert texts(toasts) == ["Hana left.", "Hana came in."]


def test_a_changed_key_stays_until_it_was_seen_whatever_else_happens(came) -> None:
    toasts = Toasts()
    toasts.heed(changed("Grace"), 0.0)
    for second in range(100):
        toasts.heed(came(f"P{second}"), float(second))
        toasts.heed(ErrorEvent(code="x", message=f"broken {second}"), float(second))
    toasts.tick(1e9)
    assert len(toasts.shown) == 1
    assert "KEY CHANGED: Grace" in toasts.shown[0].text
    toasts.seen(toasts.shown)
    assert toasts.shown == ()


def test_many_changed_keys_are_counted_and_none_hides_the_first() -> None:
    toasts = Toasts()
    for number in range(5):
        toasts.heed(changed(f"P{number}"), 0.0)
    assert len(toasts.shown) == MOST
    assert "P0" in toasts.shown[0].text
    assert toasts.shown[-1].text == "and 3 more changed keys"


def test_a_lost_connection_is_told_until_it_is_back() -> None:
    toasts = Toasts()
    toasts.heed(Reconnecting(reason="the connection broke"), 0.0)
    toasts.tick(1e6)
    assert "nothing is sent" in texts(toasts)[0]
    toasts.heed(Reconnected(leaf=0, epoch=2), 1e6)
    assert "back in the room" in texts(toasts)[0]
    toasts.tick(1e6 + SHORT)
    assert texts(toasts) == []


def test_who_records_is_told_for_longer_than_who_stops() -> None:
    toasts = Toasts()
    toasts.heed(RecordingState(leaf=1, name="Eve", on=True), 0.0)
    assert toasts.next_tick == LONG
    toasts.heed(RecordingState(leaf=1, name="Eve", on=False), 1.0)
    assert toasts.next_tick == 1.0 + SHORT
    assert len(toasts.shown) == 1


def test_what_is_not_worth_a_toast_is_none() -> None:
    toasts = Toasts()
    toasts.heed(Note(text="microphone: USB"), 0.0)
    assert toasts.shown == ()


EVENTS = st.one_of(
    st.builds(changed, st.text(max_size=5), st.text(max_size=5)),
    st.builds(lambda name: ParticipantLeft(leaf=1, name=name, reason="left"), st.text(max_size=5)),
    st.builds(lambda text: ErrorEvent(code="x", message=text), st.text(max_size=5)),
)


@given(st.lists(st.tuples(EVENTS, st.floats(0, 5))))
def test_whatever_comes_it_is_bounded(events) -> None:
    toasts, now = Toasts(), 0.0
    for event, wait in events:
        now += wait
        toasts.heed(event, now)
        assert len(toasts.shown) <= MOST
        assert len(toasts._alarms) <= KEPT
        assert len(toasts._passing) <= KEPT
        assert all(len(crowd.names) <= CROWD for crowd in toasts._crowds.values())
    toasts.tick(now + LONG)
    assert all(toast.until is None for toast in toasts.shown)


def test_an_alarm_nobody_was_told_of_cannot_have_been_seen() -> None:
    toasts = Toasts()
    toasts.heed(changed("Ada"), 0.0)
    told = toasts.shown
    toasts.heed(changed("Grace"), 0.1)
    assert [toast.text for toast in toasts.seen(told)] == [told[0].text]
    assert len(toasts.shown) == 1
    assert "Grace" in toasts.shown[0].text


def test_a_flood_of_changed_keys_pushes_out_none_that_was_not_seen() -> None:
    toasts = Toasts()
    for number in range(3 * KEPT):
        toasts.heed(changed(f"P{number}"), 0.0)
    assert toasts.shown[-1].text == f"and {3 * KEPT - MOST + 1} more changed keys"
    seen: list[str] = []
    while toasts.shown:
        seen += [toast.text for toast in toasts.seen(toasts.shown)]
    assert len(seen) == KEPT
    assert all(f"P{number} " in text for number, text in enumerate(seen))


def test_a_long_name_hides_neither_the_keys_nor_what_to_do() -> None:
    toasts = Toasts()
    toasts.heed(changed("N" * 64), 0.0)
    text = toasts.shown[0].text
    assert all(part in text for part in ("N…", "new45678", "old45678", "/verify"))
    assert len(text) < 100


def test_errors_do_not_hide_that_the_connection_is_lost() -> None:
    toasts = Toasts()
    toasts.heed(Reconnecting(reason="it broke"), 0.0)
    for number in range(3 * KEPT):
        toasts.heed(ErrorEvent(code="x", message=f"broken {number}"), 0.0)
    toasts.tick(1e6)
    assert "nothing is sent" in texts(toasts)[0]


def test_a_crowd_that_never_ends_is_bounded_and_begins_anew(came) -> None:
    toasts = Toasts()
    for number in range(3 * CROWD):
        toasts.heed(came(f"P{number}"), number / 100)
    assert texts(toasts) == [f"P0 and {3 * CROWD - 1} others came in."]
    toasts.heed(came("Late"), 3.0)
    toasts.heed(came("Zed"), LONGEST + 3.0)
    assert texts(toasts) == ["Zed came in."]
