from __future__ import annotations

import pytest

from tui.toasting import Toast
from tui.widgets.toasts import MOST_ROWS, drawn

ALARM = Toast("KEY CHANGED: [b]Grace[/b] " + "長い " * 60, "alarm", None)
PLAIN = Toast("Ada came in.", "plain", 4.0)


@pytest.mark.parametrize("width", [3, 20, 54])
def test_it_is_never_wider_or_higher_than_there_is_room(width: int) -> None:
    rows = drawn([ALARM, PLAIN], width, "")
    lines = rows.split("\n")
    assert all(line.cell_length <= max(width, 4) for line in lines)
    assert len(lines) <= MOST_ROWS["alarm"] + MOST_ROWS["plain"]


def test_names_are_no_markup_and_each_tone_has_a_glyph() -> None:
    text = drawn([ALARM, Toast("careful", "warning", 1.0), PLAIN], 54, "y").plain
    assert "[b]Grace[/b]" in text
    assert [line[0] for line in text.splitlines() if line[0] != " "] == ["‼", "!", "•"]
    assert text.endswith("y: seen")


def test_only_alarms_have_to_be_seen() -> None:
    assert "seen" not in drawn([PLAIN], 54, "y").plain
    assert "seen" not in drawn([Toast("coming back", "warning", None)], 54, "y").plain
