from __future__ import annotations

import pytest
from textual.app import App, ComposeResult

from tui.widgets.participants import ParticipantsPanel, mark, row


class Shown(App[None]):
    def compose(self) -> ComposeResult:
        yield ParticipantsPanel()


def test_marks_tell_muted_from_open_from_speaking(someone) -> None:
    states = [
        someone(1, "Ada", muted=True, speaking=True),
        someone(1, "Ada", muted=False),
        someone(1, "Ada", muted=False, speaking=True),
    ]
    assert [mark(state).plain for state in states] == ["×", "○", "●"]


@pytest.mark.parametrize("width", [16, 28, 42])
def test_a_row_has_its_width_and_keeps_the_key_state(someone, width: int) -> None:
    name = "A very long name 漢字 [red]that[/red] does not fit"
    line = row(someone(1, name, role="host", key_state="changed"), width)
    assert line.cell_length == width or width < 20
    assert line.cell_length <= width
    assert "KEY CHANGED" in row(someone(1, "Ada", key_state="changed"), width).plain


def test_roles_and_states_are_words(someone) -> None:
    assert row(someone(1, "Ada", role="host", key_state="verified"), 30).plain == (
        "× Ada host            verified"
    )
    assert row(someone(0, "Me", me=True), 20).plain.endswith("you")


def test_who_has_not_said_which_keys_it_holds_is_marked(someone) -> None:
    assert row(someone(1, "Ada", confirmed=False), 30).plain.endswith("unconfirmed")
    assert row(someone(1, "Ada", connected=False, role="host"), 30).plain.endswith("gone")
    changed = someone(1, "Ada", confirmed=False, key_state="changed")
    assert row(changed, 30).plain.endswith("KEY CHANGED")


@pytest.mark.parametrize("width", [16, 30])
def test_who_records_is_marked_however_narrow_it_is(someone, width: int) -> None:
    line = row(someone(1, "Ada Lovelace", role="host", recording=True), width)
    assert " rec " in line.plain
    assert line.cell_length == width
    assert " rec" not in row(someone(1, "Ada Lovelace", role="host"), width).plain


async def test_the_cursor_stays_on_its_person(someone) -> None:
    ada, grace, alan = someone(1, "Ada"), someone(2, "Grace"), someone(3, "Alan")
    async with Shown().run_test() as pilot:
        panel = pilot.app.query_one(ParticipantsPanel)
        panel.show([ada, grace, alan])
        await pilot.press("tab", "down", "down")
        assert panel.marked == grace
        panel.show([grace, alan])
        assert panel.marked == grace
        panel.show([someone(2, "Grace", speaking=True, muted=False), alan])
        assert panel.marked is not None
        assert panel.marked.speaking
        panel.show([alan])
        assert panel.marked is None
        assert panel.border_title == "1 in the room"
