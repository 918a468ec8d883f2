from __future__ import annotations

import datetime as dt

import pytest

from tui.ports import RoomLine
from tui.widgets.room_row import RoomRow

NOW = dt.datetime(2026, 11, 25, 12, tzinfo=dt.UTC)
ROOM = RoomLine("1", "Standup", "meet.example:4433", NOW - dt.timedelta(hours=2), ("Ada", "Grace"))
HOSTILE = RoomLine("2", "[b]名前[/b]" * 20, "x", NOW, ("[red]" * 30,))


def test_a_wide_row_says_everything() -> None:
    words = RoomRow(ROOM, NOW).line(76).plain
    assert words.split("  ")[0] == "Standup"
    assert "Ada, Grace" in words
    assert words.endswith("2 h ago")
    assert "yours" in RoomRow(RoomLine("1", "A", "x", NOW, mine=True), NOW).line(76).plain


@pytest.mark.parametrize("width", [1, 10, 30, 56, 76, 118])
@pytest.mark.parametrize("room", [ROOM, HOSTILE])
def test_it_is_never_wider_than_there_is_room_whatever_it_is_called(
    width: int, room: RoomLine
) -> None:
    assert RoomRow(room, NOW).line(width).cell_length <= width


def test_what_looks_like_markup_in_a_name_is_text() -> None:
    assert RoomRow(HOSTILE, NOW).line(118).plain.startswith("[b]名前[/b]")
