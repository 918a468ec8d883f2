from __future__ import annotations

import pytest
from rich.cells import cell_len
from showing import intents, screen, shown, written
from textual.events import Paste

from rooms.text import clean_chat, clean_name
from tui.actions import ACTIONS
from tui.screens.pasting import PasteScreen
from tui.widgets.chat import ChatInput, ChatPanel
from tui.widgets.grid import VideoGrid
from tui.widgets.participants import ParticipantsPanel


async def test_single_keys_act_and_are_inert_while_typing(call) -> None:
    async with shown(call) as pilot:
        await pilot.press("v", "enter")
        await pilot.press(*"mvarxlqgn1", "question_mark", "plus")
        assert screen(pilot).query_one(ChatInput).value == "mvarxlqgn1?+"
        assert intents(call) == [("camera", False)]
        await pilot.press("enter")
        assert intents(call)[-1] == ("say", "mvarxlqgn1?+")
        await pilot.press("escape", "m")
        assert intents(call)[-1] == ("muted", True)


async def test_a_paste_anywhere_goes_into_the_line_and_runs_nothing(call) -> None:
    async with shown(call) as pilot:
        for keys_before in ([], ["tab"]):
            await pilot.press(*keys_before)
            pilot.app.post_message(Paste("/leave"))
            await pilot.pause()
            line = screen(pilot).query_one(ChatInput)
            assert (line.value, line.has_focus) == ("/leave", True)
            assert intents(call) == []
            line.clear()
            await pilot.press("escape")


@pytest.mark.parametrize(
    ("key", "said", "line"),
    [("s", [("say", "a\n/leave\nq")], ""), ("j", [], "a /leave q"), ("escape", [], "")],
)
async def test_many_pasted_lines_are_asked_about(call, key: str, said: object, line: str) -> None:
    async with shown(call) as pilot:
        pilot.app.post_message(Paste("a\n/leave\n\nq"))
        await pilot.pause()
        assert isinstance(pilot.app.screen, PasteScreen)
        await pilot.press(key)
        await pilot.pause()
        assert intents(call) == said
        assert screen(pilot).query_one(ChatInput).value == line


async def test_every_action_has_a_key_that_is_bound(call) -> None:
    async with shown(call) as pilot:
        bound = screen(pilot)._bindings.key_to_bindings
        assert all(action.key in bound for action in ACTIONS if action.key and not action.held)


async def test_typed_commands_do_what_the_keys_do(call, someone) -> None:
    async with shown(call) as pilot:
        call.arrive(someone(1, "Ada"))
        await pilot.press("slash", *"mute", "enter")
        assert intents(call) == [("muted", True)]
        for line in ("/volume Ada 50", "/dance", "/remove Ada", "//etc"):
            screen(pilot).post_message(ChatPanel.Written(line))
            await pilot.pause()
        assert intents(call)[1:] == [("volume", 1, 0.5), ("remove", 1), ("say", "/etc")]
        assert "There is no /dance" in written(pilot)
        assert "Ada plays at 50%" in written(pilot)


@pytest.mark.parametrize(
    ("size", "video", "people", "chat"),
    [
        ((160, 48), True, True, True),
        ((80, 24), True, True, True),
        ((60, 40), True, True, True),
        ((60, 20), True, True, True),
        ((80, 15), True, True, True),
        ((36, 20), False, True, True),
        ((36, 9), False, True, False),
    ],
)
async def test_small_terminals_give_up_video_first(
    call, size: tuple[int, int], video: bool, people: bool, chat: bool
) -> None:
    async with shown(call, size) as pilot:
        parts = [
            screen(pilot).query_one(kind) for kind in (VideoGrid, ParticipantsPanel, ChatPanel)
        ]
        assert [part.display for part in parts] == [video, people, chat]
        assert all(part.region.area > 0 for part in parts if part.display)


async def test_the_smallest_screen_still_lets_one_write(call) -> None:
    async with shown(call, (36, 9)) as pilot:
        await pilot.press("enter", "h", "i")
        assert screen(pilot).query_one(ChatPanel).display
        await pilot.press("enter", "escape")
        await pilot.pause()
        assert not screen(pilot).query_one(ChatPanel).display
        assert intents(call) == [("say", "hi")]


NAMES = (
    "👩‍👩‍👧‍👦",
    "שלום עולם",
    "e\u0301\u0301\u0301 cafe\u0301",
    "a\u200db\u200d",
    "漢" * 200,
    "🇩🇪 Ada",
    "\u202eevil\u2066",
    "Z\u0337a\u0337l\u0337g\u0337o\u0337",
    "नमस्ते",
    "１２３",
)


@pytest.mark.parametrize("size", [(60, 20), (100, 30), (200, 60)])
async def test_no_name_moves_what_stands_beside_it(
    call, someone, knocker, size: tuple[int, int]
) -> None:
    async with shown(call, size) as pilot:
        for leaf, name in enumerate(map(clean_name, NAMES), 1):
            call.arrive(someone(leaf, name))
            call.hear(leaf, clean_chat(NAMES[leaf - 1] * 3))
            call.knocked(knocker(leaf, name, "changed"))
        for _ in NAMES:
            await pilot.pause()
            strips = pilot.app.screen._compositor.render_strips()
            assert [cell_len(strip.text) for strip in strips] == [size[0]] * size[1]
            call.withdraw(call.knocks[0].knock)
