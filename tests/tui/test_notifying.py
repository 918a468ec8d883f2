from __future__ import annotations

import datetime as dt
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.cells.depth import Depth
from rooms.events import ChatReceived, Ended, KeyChanged, ParticipantJoined
from tui.notifying import BURST, EVERY, Notifier, Says, request, window_title
from tui.terminal import Terminal

PLAIN = Terminal(Depth.TRUE, "", "9")
KEY = KeyChanged(leaf=1, name="Ada", old="SHA256:a", new="SHA256:b")


def told(event, *, says: Says = "names", attended: bool | None = False, people: int = 3) -> str:
    notifier = Notifier(PLAIN, says)
    return notifier.heed(event, now=100.0, attended=attended, name="Me", people=people)


def line(text: str, *, mine: bool = False) -> ChatReceived:
    sent = dt.datetime(2026, 1, 2, tzinfo=dt.UTC)
    return ChatReceived(id="1", leaf=1, name="Ada", text=text, sent=sent, mine=mine)


def osc9(text: str) -> str:
    return f"\x07\x1b]9;sotto: {text}\x07"


def test_what_is_worth_a_notification(knocker, someone) -> None:
    arrived = ParticipantJoined(participant=someone(1, "Ada"))
    assert told(knocker(1, "Ada")) == osc9("Ada knocks")
    assert told(KEY) == osc9("Ada has another key than before")
    assert told(arrived, people=2) == osc9("Ada is here")
    assert told(line("hello @me!")) == osc9("Ada wrote to you")
    assert told(Ended(reason="a host removed you", code="room.removed")) == osc9("the call is over")
    assert told(arrived, people=3) == ""
    assert told(line("home")) == ""
    assert told(line("me", mine=True)) == ""
    assert told(Ended(reason="")) == ""


def test_words_are_in_it_only_if_the_person_wants_them(knocker) -> None:
    assert told(line("me: the code is 7"), says="all") == osc9("Ada: me: the code is 7")
    assert "7" not in told(line("me: the code is 7"), says="names")
    assert told(knocker(1, "Ada"), says="nothing") == ""


def test_who_looks_at_the_terminal_is_told_of_knocks_only(knocker) -> None:
    assert told(KEY, attended=True) == ""
    assert told(KEY, attended=None) != ""
    assert told(knocker(1, "Ada"), attended=True) != ""


def test_the_bell_is_a_setting(knocker) -> None:
    notifier = Notifier(PLAIN, bell=False)
    asked = notifier.heed(knocker(1, "Ada"), now=0.0, attended=False, name="Me", people=1)
    assert asked == osc9("Ada knocks").removeprefix("\x07")


def test_attack_a_storm_of_knocks_is_not_a_storm_of_notifications(knocker) -> None:
    notifier = Notifier(PLAIN)
    asked = [
        notifier.heed(knocker(n, "Ada"), now=n / 10, attended=False, name="Me", people=1)
        for n in range(100)
    ]
    assert sum(map(bool, asked)) == BURST
    later = notifier.heed(knocker(1, "Ada"), now=10 + EVERY, attended=False, name="Me", people=1)
    assert later


def test_the_ways_there_are() -> None:
    assert request("hi", "9") == "\x1b]9;sotto: hi\x07"
    assert request("hi", "99") == "\x1b]99;;sotto: hi\x1b\\"
    assert request("hi", "777") == "\x1b]777;notify;sotto;hi\x07"
    assert request("hi", "") == ""
    assert request("hi", "9", "tmux") == "\x1bPtmux;\x1b\x1b]9;sotto: hi\x07\x1b\\"
    assert request("hi", "9", "screen") == "\x1bP\x1b]9;sotto: hi\x07\x1b\\"


@given(st.text(max_size=400), st.sampled_from(["9", "99", "777"]))
def test_attack_no_name_ends_the_sequence_or_adds_a_field(text: str, osc: str) -> None:
    asked = request(text, osc)  # type: ignore[arg-type]
    field = r"[^;\x00-\x1f\x7f-\x9f]*"
    assert re.fullmatch(rf"\x1b\](9|99;|777;notify);{field}(;{field})?(\x07|\x1b\\)", asked)
    assert asked.count(";") == request("", osc).count(";")  # type: ignore[arg-type]
    assert len(asked.encode()) < 256


@pytest.mark.parametrize("name", ["\x1b]0;owned\x07Ada", "Ada\x9c\x1b[2J", "A\u202edaA;7"])
def test_attack_a_hostile_name_is_inert(name: str, knocker) -> None:
    asked = told(knocker(1, name))
    assert re.fullmatch(r"\x07\x1b\]9;sotto: [\w, ]+ knocks\x07", asked), asked


def test_the_title_counts_people_and_names_nobody() -> None:
    assert window_title(3) == "sotto: 3 in the room"
    assert window_title(0) == "sotto"


def test_a_name_of_wide_letters_is_cut_before_a_multiplexer_refuses_it() -> None:
    assert len(request("\N{CJK UNIFIED IDEOGRAPH-4E00}" * 160, "9", "screen").encode()) < 256
