"""What is said about a participant: told apart without colours, too."""

from __future__ import annotations

import pytest

from tui.widgets import person as draw


def test_marks_tell_muted_from_open_from_speaking(someone) -> None:
    states = [
        someone(1, "Ada", muted=True, speaking=True),
        someone(1, "Ada", muted=False),
        someone(1, "Ada", muted=False, speaking=True),
    ]
    assert [draw.mark(state).plain for state in states] == ["×", "○", "●"]


@pytest.mark.parametrize(
    ("changes", "long", "brief"),
    [
        ({"key_state": "verified"}, "✓ verified", "✓"),
        ({"key_state": "known"}, "known", "known"),
        ({"key_state": "new"}, "new key", "new"),
        ({"key_state": "changed"}, "KEY CHANGED", "CHANGED"),
        ({"confirmed": False}, "unconfirmed", "unsure"),
        ({"confirmed": False, "key_state": "changed"}, "KEY CHANGED", "CHANGED"),
        ({"connected": False, "confirmed": False}, "gone", "gone"),
        ({"me": True}, "you", "you"),
    ],
)
def test_key_states_are_words(someone, changes, long: str, brief: str) -> None:
    ada = someone(1, "Ada", **changes)
    assert draw.key_state(ada).plain == long
    assert draw.key_state(ada, brief=True).plain == brief


def test_what_is_as_usual_is_not_said(someone) -> None:
    ada = someone(1, "Ada")
    said = (draw.declared(ada), draw.role(ada), draw.loudness(1.0))
    assert [part.plain for part in said] == ["", "", ""]
    assert draw.declared(someone(1, "Rob", bot=True)).plain == "bot"
    assert draw.declared(someone(1, "Rob", bot=True, recording=True)).plain == "bot REC"
    ada = someone(1, "Ada", recording=True, role="cohost")
    said = (draw.declared(ada), draw.role(ada), draw.loudness(0.25))
    assert [part.plain for part in said] == ["REC", "cohost", "25%"]
