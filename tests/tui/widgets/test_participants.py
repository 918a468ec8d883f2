from __future__ import annotations

import pytest
from textual.app import App, ComposeResult

from tui.cast import Seen
from tui.widgets.participants import ParticipantsPanel, row


class Shown(App[None]):
    def compose(self) -> ComposeResult:
        yield ParticipantsPanel()


@pytest.mark.parametrize("width", [16, 28, 42])
def test_a_row_has_its_width_and_keeps_the_key_state(someone, width: int) -> None:
    name = "A very long name 漢字 [red]that[/red] does not fit"
    line = row(Seen(someone(1, name, role="host", key_state="changed")), width)
    assert line.cell_length == width or width < 20
    assert line.cell_length <= width
    assert "CHANGED" in row(Seen(someone(1, "Ada", key_state="changed")), width).plain


def test_roles_and_states_are_words(someone) -> None:
    ada = someone(1, "Ada", role="host", key_state="verified")
    assert row(Seen(ada, digit=4), 30).plain == "4 × Ada host        ✓ verified"
    assert row(Seen(someone(0, "Me", me=True)), 20).plain == "  × Me           you"
    assert row(Seen(ada, volume=0.5), 34).plain == "  × Ada host        50% ✓ verified"


def test_where_there_is_little_room_recording_and_the_key_state_stay(someone) -> None:
    ada = someone(1, "Ada Lovelace", role="cohost", key_state="changed", recording=True)
    assert row(Seen(ada, digit=1, volume=0.5), 50).plain.endswith("50% REC KEY CHANGED")
    small = row(Seen(ada, digit=1, volume=0.5), 26).plain
    assert small.endswith("REC KEY CHANGED")
    assert small.startswith("1 × Ada")
    assert "50%" not in small
    assert "cohost" not in small


@pytest.mark.parametrize("width", [16, 30])
def test_who_records_is_marked_however_narrow_it_is(someone, width: int) -> None:
    line = row(Seen(someone(1, "Ada Lovelace", role="host", recording=True)), width)
    assert " REC " in line.plain
    assert line.cell_length == width
    assert "REC" not in row(Seen(someone(1, "Ada Lovelace", role="host")), width).plain


async def test_the_cursor_stays_on_its_person(someone) -> None:
    ada, grace, alan = (
        Seen(someone(leaf, name)) for leaf, name in enumerate(("Ada", "Grace", "Alan"), 1)
    )
    async with Shown().run_test() as pilot:
        panel = pilot.app.query_one(ParticipantsPanel)
        panel.show([ada, grace, alan])
        await pilot.press("tab", "down", "down")
        assert panel.marked == grace.person
        panel.show([grace, alan])
        assert panel.marked == grace.person
        panel.show([Seen(someone(2, "Grace", speaking=True, muted=False)), alan])
        assert panel.marked is not None
        assert panel.marked.speaking
        panel.mark(3)
        assert panel.marked == alan.person
        panel.show([grace])
        assert panel.marked is None
        assert panel.border_title == "1 in the room"


async def test_rows_fit_another_width_and_are_left_alone_at_another_height(someone) -> None:
    async with Shown().run_test(size=(30, 8)) as pilot:
        panel = pilot.app.query_one(ParticipantsPanel)
        panel.show([Seen(someone(leaf, "Ada", key_state="verified")) for leaf in (1, 2)])
        before = panel.get_option_at_index(1).prompt
        await pilot.resize_terminal(30, 6)
        assert panel.get_option_at_index(1).prompt is before
        await pilot.resize_terminal(44, 6)
        for index in (0, 1):
            shown = panel.get_option_at_index(index).prompt
            assert shown.cell_length == panel.scrollable_content_region.width - 2
