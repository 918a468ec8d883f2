from __future__ import annotations

from dataclasses import replace
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.app import App, ComposeResult

from rooms.text import clean_name
from tui.facts import Facts, Phase, Sending
from tui.quality import Measure
from tui.widgets.statusline import Status, StatusLine, rows

HINTS = ("l link  ? help  q leave", "? help  q leave", "? help")
IN = Facts(phase="in", epoch=4, sound="live", hearers=("Ada", "Grace"), role="host")
FINE = (Measure("{} lost", 0, "%", False), Measure("round trip {}", 20, "ms", False))
SLOW = (Measure("{} lost", 0, "%", False), Measure("round trip {}", 900, "ms", True))

NAMES = st.text(max_size=80).map(clean_name)
PEOPLE = st.lists(NAMES, max_size=8).map(tuple)
MEASURES = st.sampled_from([(), FINE, SLOW])
FACTS = st.builds(
    Facts,
    phase=st.sampled_from(get_args(Phase)),
    epoch=st.integers(0, 99_999),
    suite=st.sampled_from(["post-quantum", "classic"]),
    sound=st.sampled_from(get_args(Sending)),
    picture=st.sampled_from(get_args(Sending)),
    hearers=PEOPLE,
    recorders=PEOPLE,
    recording=st.booleans(),
    verified=st.none() | st.integers(0, 9_999),
    unverified=st.integers(0, 99),
    role=st.sampled_from(["host", "cohost", "member"]),
    locked=st.booleans(),
    link=MEASURES,
)
STATUS = st.builds(Status, FACTS, st.sampled_from(["", "space: hold to talk"]), st.just(HINTS))


def said(facts: Facts, width: int = 300, height: int = 1, talk_key: str = "") -> str:
    return "\n".join(row.plain for row in rows(Status(facts, talk_key, HINTS), width, height))


@given(STATUS, st.integers(0, 300), st.integers(1, 2))
def test_it_is_never_wider_than_the_screen(status: Status, width: int, height: int) -> None:
    drawn = rows(status, width, height)
    assert len(drawn) == height
    assert all(row.cell_length <= width and "\n" not in row.plain for row in drawn)


@given(STATUS, st.integers(60, 300), st.integers(1, 2))
def test_what_leaves_and_who_records_is_said_at_every_width(
    status: Status, width: int, height: int
) -> None:
    facts, row = status.facts, rows(status, width, height)[0].plain
    everything = "\n".join(row.plain for row in rows(status, width, height))
    for state, mark in ((facts.sound, "● mic"), (facts.picture, "● cam")):
        assert (mark in row) == (state in {"live", "still"})
    if facts.phase == "in":
        silent = ("× muted", "× no mic", "○ mic")
        assert facts.sound in {"live", "still"} or any(word in row for word in silent)
    records = bool(facts.recorders or facts.recording) and facts.phase != "over"
    assert ("● REC" in row) == records
    assert "? help" in everything


@given(FACTS, st.integers(120, 300))
def test_who_hears_us_is_said_in_the_row_of_what_leaves(facts: Facts, width: int) -> None:
    facts = replace(facts, phase="in", recorders=(), recording=False)
    row = rows(Status(facts), width, 2)[0].plain
    sent = {facts.sound, facts.picture} & {"live", "still"}
    assert ("nobody hears you" in row) == (not sent)
    if sent and facts.hearers:
        assert row.rstrip().endswith(" you")


@pytest.mark.parametrize(
    ("sound", "says"),
    [
        ("off", "× muted"),
        ("live", "● mic live"),
        ("unsent", "○ mic on, nothing sent"),
        ("still", "● mic STILL SENDING"),
        ("missing", "× no mic"),
        ("starting", "○ mic starting"),
    ],
)
def test_the_microphone_is_told_in_words(sound: Sending, says: str) -> None:
    assert says in said(replace(IN, sound=sound))


@pytest.mark.parametrize(
    ("picture", "says"),
    [
        ("off", "× camera off"),
        ("live", "● camera live"),
        ("unsent", "○ no picture sent"),
        ("still", "● camera STILL SENDING"),
        ("missing", "× no camera"),
    ],
)
def test_and_so_is_the_camera(picture: Sending, says: str) -> None:
    assert says in said(replace(IN, picture=picture))


def test_it_names_who_shares_which_keys() -> None:
    assert "encrypted, classic keys  epoch 4, 3 members" in said(IN)
    assert "epoch 4, 1 member " in said(replace(IN, hearers=()))
    assert "encrypted, post-quantum keys" in said(replace(IN, suite="post-quantum"))
    assert "nobody is verified" in said(IN)
    assert "verified at epoch 3 " in said(replace(IN, verified=3))
    assert "verified at epoch 3, 2 people since" in said(replace(IN, verified=3, unverified=2))


@pytest.mark.parametrize(
    ("sound", "picture", "people", "says"),
    [
        ("live", "off", ("Ada",), "Ada hears you"),
        ("live", "off", ("Ada", "Grace"), "Ada and Grace hear you"),
        ("live", "live", ("Ada",), "Ada hears and sees you"),
        ("off", "live", ("Ada", "Grace"), "Ada and Grace see you"),
        ("off", "off", ("Ada",), "nobody hears you"),
        ("live", "off", tuple("abcde"), "a, b, c and 2 more hear you"),
        ("live", "live", (), "nobody is here to hear or see you"),
    ],
)
def test_who_is_in_earshot(
    sound: Sending, picture: Sending, people: tuple[str, ...], says: str
) -> None:
    facts = replace(IN, sound=sound, picture=picture, hearers=people)
    assert says in said(facts)


def test_whoever_records_is_named() -> None:
    assert "REC" not in said(IN)
    assert "● REC you and Ada" in said(replace(IN, recording=True, recorders=("Ada",)))
    many = replace(IN, recorders=tuple("abcde"))
    assert "● REC a, b, c and 2 more" in said(many)
    assert "● REC 5" in said(many, 36)


def test_what_is_sent_although_it_must_not_be_is_an_alarm() -> None:
    stopped = replace(IN, phase="stopped", sound="off")
    assert "nobody hears you" in said(stopped)
    assert "SENDING" not in said(stopped).replace("NOT SENDING", "")
    both = replace(stopped, sound="still", picture="still", recorders=("Ada",))
    assert said(both).count("STILL SENDING") == 2
    assert "Ada and Grace hear and see you" in said(both)
    assert said(both, 60).split("  ")[:3] == [" NOT SENDING", "● mic SENDING", "● cam SENDING"]


@pytest.mark.parametrize("phase", ["starting", "knocking", "leaving", "over"])
def test_before_the_call_and_after_it_nothing_is_claimed(phase: Phase) -> None:
    text = said(Facts(phase=phase), 120, 2)
    assert not any(word in text for word in ("encrypted", "live", "muted", "hear"))


def test_a_good_connection_has_no_numbers_unless_there_is_room() -> None:
    assert "connection good" in said(replace(IN, link=FINE), 130, 2)
    assert "ms" not in said(replace(IN, link=FINE), 130, 2)
    assert "0% lost, round trip 20 ms" in said(replace(IN, link=FINE, locked=True), 140, 2)


def test_a_bad_connection_comes_first_with_what_is_bad() -> None:
    assert "\n bad: round trip 900 ms  encrypted" in said(replace(IN, link=SLOW), 80, 2)
    assert "\n connection bad: round trip 900 ms" in said(replace(IN, link=SLOW), 100, 2)
    assert "\n connection bad: 0% lost, round trip 900 ms" in said(replace(IN, link=SLOW), 140, 2)


def test_one_row_on_a_small_screen_says_who_hears_us_and_how_to_leave() -> None:
    assert said(IN, 36) == " ● mic live  × camera off    ? help"
    assert said(IN, 80).startswith(" ● mic live  × camera off  2 hear you  encrypted  host ")
    assert said(IN, 80).endswith("  ? help  q leave")


def test_two_rows_part_what_leaves_from_all_else() -> None:
    first, second = said(replace(IN, sound="off", locked=True), 100, 2, "space: talk").split("\n")
    assert first == " × muted  × camera off  nobody hears you  space: talk"
    assert "epoch 4, 3 members  locked  host  nobody is verified" in second


def test_how_to_be_heard_is_said_to_whom_it_helps() -> None:
    assert "space" in said(replace(IN, sound="off"), talk_key="space: talk")
    assert "space" not in said(IN, talk_key="space: talk")
    assert "space" not in said(replace(IN, sound="missing"), talk_key="space: talk")


class Shown(App[None]):
    VERTICAL_BREAKPOINTS = [(0, "-low"), (34, "-tall")]  # noqa: RUF012 - Textual's

    def compose(self) -> ComposeResult:
        yield StatusLine()


@pytest.mark.parametrize(("height", "count"), [(33, 1), (34, 2)])
async def test_a_tall_screen_gets_a_second_row(height: int, count: int) -> None:
    async with Shown().run_test(size=(80, height)) as pilot:
        line = pilot.app.query_one(StatusLine)
        line.show(Status(IN))
        await pilot.pause()
        assert line.size.height == count
        assert len(line.render().plain.split("\n")) == count
