from __future__ import annotations

import pytest
from textual.app import App, ComposeResult

from tui.widgets.rows import Row, Rows

WIDE = Row("wide", "名前" * 20, "値" * 40, "高い" * 30)


@pytest.mark.parametrize("width", [1, 10, 40, 76, 120, 300])
@pytest.mark.parametrize("row", [Row("a", "Camera", "on", "you are seen"), WIDE])
def test_a_line_is_never_wider_than_there_is_room(row: Row, width: int) -> None:
    assert row.line(width).cell_length <= width


def test_costs_are_marked_always_and_written_where_there_is_room() -> None:
    row = Row("a", "Camera", "on", "you are seen", mind=True)
    assert row.line(40).plain.endswith("! on")
    assert row.line(120).plain.endswith("you are seen")
    assert "!" not in Row("a", "Packets", "of one size", "more data").line(120).plain


class Listed(App[None]):
    def compose(self) -> ComposeResult:
        yield Rows()


async def test_the_cursor_stays_on_its_row_when_rows_come_and_go() -> None:
    async with Listed().run_test() as pilot:
        rows = pilot.app.query_one(Rows)
        assert rows.marked == ""
        rows.show([Row("a", "A", "1"), Row("b", "B", "1")])
        assert rows.marked == "a"
        rows.focus()
        await pilot.press("down")
        rows.show([Row("x", "X", "1"), Row("a", "A", "1"), Row("b", "B", "2")])
        assert rows.marked == "b"
        rows.show([])
        assert rows.marked == ""
