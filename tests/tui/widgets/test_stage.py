"""The stage: nothing overlaps, everything wanted is there, small terminals give up faces first."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.app import App, ComposeResult
from textual.geometry import Size

from tui.widgets.chat import ChatInput, ChatPanel
from tui.widgets.grid import VideoGrid
from tui.widgets.participants import ParticipantsPanel
from tui.widgets.stage import Stage, Wishes, plan

LIST_AND_CHAT = Wishes(rows=5)


class Shown(App[None]):
    def compose(self) -> ComposeResult:
        yield Stage(VideoGrid(lambda *_: None), ParticipantsPanel(), ChatPanel())

    def shown(self) -> list[bool]:
        return [panel.display for panel in self.query_one(Stage).children]


@given(
    st.builds(Size, st.integers(1, 260), st.integers(1, 80)),
    st.builds(Wishes, st.integers(1, 60), st.booleans(), st.booleans(), st.booleans()),
)
def test_panels_lie_inside_and_apart(size: Size, wishes: Wishes) -> None:
    found = plan(size, wishes)
    panels = [panel for panel in (found.video, found.people, found.chat) if panel.area]
    assert all(panel in size.region for panel in panels)
    assert not any(a.overlaps(b) for a in panels for b in panels if a is not b)
    assert found.chat.height >= 4 or size.height < 12
    if not wishes.people:
        assert not found.people.area


@pytest.mark.parametrize(
    ("size", "video", "people", "chat"),
    [
        ((240, 66), (179, 66), (60, 6), (60, 60)),
        ((160, 47), (113, 47), (46, 6), (46, 41)),
        ((100, 29), (67, 29), (32, 6), (32, 23)),
        ((80, 23), (47, 23), (32, 6), (32, 17)),
        ((60, 39), (60, 17), (60, 6), (60, 16)),
        ((60, 19), (29, 8), (31, 8), (60, 11)),
        ((36, 19), (0, 0), (36, 6), (36, 13)),
        ((80, 9), (0, 0), (80, 9), (0, 0)),
    ],
)
def test_what_is_seen_in_a_terminal_of_a_size(size, video, people, chat) -> None:
    found = plan(Size(*size), LIST_AND_CHAT)
    assert (found.video.size, found.people.size, found.chat.size) == (video, people, chat)


def test_the_chat_gets_more_room_if_that_is_wanted() -> None:
    wide = replace(LIST_AND_CHAT, wide_chat=True)
    assert plan(Size(120, 35), wide).chat.width == 60
    assert plan(Size(60, 19), wide).chat == plan(Size(36, 19), wide).chat.grow((0, 24, 0, 0))
    alone = replace(LIST_AND_CHAT, people=False)
    assert plan(Size(120, 35), alone).chat.height == 35


async def test_panels_without_room_are_hidden_until_there_is_some() -> None:
    async with Shown().run_test(size=(80, 24)) as pilot:
        app, stage = pilot.app, pilot.app.query_one(Stage)
        assert app.shown() == [True, True, True]
        stage.turn("people")
        assert app.shown() == [True, False, True]
        stage.turn("people")
        await pilot.resize_terminal(36, 9)
        await pilot.pause()
        assert app.shown() == [False, True, False]
        stage.wish(writing=True)
        await pilot.pause()
        assert app.shown() == [False, False, True]
        assert app.query_one(ChatInput).region.area
        stage.wish(writing=False, rows=3)
        await pilot.resize_terminal(80, 24)
        await pilot.pause()
        assert app.query_one(ParticipantsPanel).region.height == 4
        stage.turn("wide_chat")
        await pilot.pause()
        assert app.query_one(ChatPanel).region.width == 40
