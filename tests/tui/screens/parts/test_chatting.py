from __future__ import annotations

from showing import intents, screen, shown, written

from rooms.chat_events import KeptLine
from rooms.events import (
    ChatHistory,
    CodeCompared,
    KeyChanged,
    Reaction,
    RecordingState,
    utc_now,
)
from tui.screens.parts.chatting import is_loud
from tui.widgets.chat import ChatPanel
from tui.widgets.chat_input import ChatInput
from tui.widgets.chat_log import ChatLog
from tui.widgets.participants import ParticipantsPanel


async def test_enter_writes_also_from_the_list(call) -> None:
    async with shown(call) as pilot:
        await pilot.press("tab", "down", "enter", "h", "enter")
        assert intents(call) == [("say", "h")]


async def test_the_passcode_is_shown_with_how_to_use_it(call) -> None:
    async with shown(call) as pilot:
        await pilot.press("w")
        assert "banana-acorn-bicycle-august" in written(pilot)
        assert "sotto join banana --server 127.0.0.1:4433" in written(pilot)
        call.moderation.role = "member"
        await pilot.press("w")
        assert "Only the host" in written(pilot)
    assert intents(call) == [("ask passcode",)]


async def test_a_changed_key_is_written_in_the_chat_and_behind_the_name(call, someone) -> None:
    async with shown(call, (100, 30)) as pilot:
        call.arrive(someone(1, "Ada", key_state="changed"))
        call.emit(KeyChanged(leaf=1, name="Ada", old="SHA256:old", new="SHA256:new"))
        await pilot.pause()
        assert "KEY CHANGED: Ada has another key" in " ".join(written(pilot).split())
        people = screen(pilot).query_one(ParticipantsPanel)
        assert "KEY CHANGED" in str(people.get_option_at_index(1).prompt)


async def test_who_records_is_written_loudly_and_marked_until_they_stop(call, someone) -> None:
    async with shown(call, (100, 30)) as pilot:
        call.arrive(someone(1, "Eve"))
        call.record(1, True)
        await pilot.pause()
        people = screen(pilot).query_one(ParticipantsPanel)
        assert "Eve is RECORDING" in written(pilot)
        assert " REC " in str(people.get_option_at_index(1).prompt)
        call.record(1, False)
        await pilot.pause()
        assert " REC " not in str(people.get_option_at_index(1).prompt)


def test_alarms_are_loud_and_their_end_is_not() -> None:
    records = [RecordingState(leaf=1, name="Eve", on=on) for on in (True, False)]
    compared = [CodeCompared(epoch=1, same=same, people=1) for same in (False, True)]
    assert [is_loud(event) for event in (*records, *compared)] == [True, False, True, False]


async def test_the_last_line_of_somebody_else_is_answered_with_a_key(call, someone) -> None:
    async with shown(call) as pilot:
        await pilot.press("R")
        assert "Nobody else has written" in written(pilot)
        call.arrive(someone(1, "Ada"))
        call.hear(1, "what do you think?")
        call.say("mine")
        await pilot.press("R")
        await pilot.pause()
        assert "↳ Ada: what do you" in str(screen(pilot).query_one(".answering").render())
        await pilot.press("y", "enter")
        await pilot.pause()
        assert intents(call)[-1] == ("say", "y", call.chat[0].id)
        assert "↳ Ada: what do you think?" in written(pilot)


async def test_a_marked_line_is_answered_with_enter(call, someone) -> None:
    async with shown(call) as pilot:
        call.arrive(someone(1, "Ada"))
        for text in ("first", "second", "third"):
            call.hear(1, text)
        screen(pilot).query_one(ChatLog).focus()
        await pilot.press("up", "up", "up", "enter", "y", "enter")
        await pilot.pause()
        assert intents(call)[-1] == ("say", "y", call.chat[0].id)


async def test_a_reaction_is_chosen_counted_and_taken_back(call, someone) -> None:
    async with shown(call) as pilot:
        call.arrive(someone(1, "Ada"))
        call.hear(1, "good news")
        await pilot.press("e", "1")
        await pilot.pause()
        assert intents(call)[-1] == ("react", call.chat[0].id, "👍", True)
        assert "good news\n  👍 1" in written(pilot)
        call.emit(Reaction(chat=call.chat[0].id, leaf=1, name="Ada", emoji="👍", on=True))
        assert "👍 2" in written(pilot)
        await pilot.press("e", "1")
        await pilot.pause()
        assert intents(call)[-1] == ("react", call.chat[0].id, "👍", False)
        assert "👍 1" in written(pilot)


async def test_a_reaction_to_a_line_we_never_had_draws_nothing(call) -> None:
    async with shown(call) as pilot:
        before = written(pilot)
        call.emit(Reaction(chat="ff", leaf=1, name="Ada", emoji="👍", on=True))
        await pilot.pause()
        assert written(pilot) == before


async def test_what_comes_while_one_looks_elsewhere_is_under_a_rule(call, someone) -> None:
    async with shown(call) as pilot:
        call.arrive(someone(1, "Ada"))
        call.hear(1, "seen")
        pilot.app.app_focus = False
        call.hear(1, "one")
        call.hear(1, "two")
        await pilot.pause()
        panel = screen(pilot).query_one(ChatPanel)
        assert "2 new" in str(panel.border_title)
        lines = written(pilot).splitlines()
        assert lines.index("new") < next(n for n, line in enumerate(lines) if "Ada one" in line)
        pilot.app.app_focus = True
        await pilot.pause()
        assert "new" not in str(panel.border_title)
        assert "new" in written(pilot).splitlines()
        await pilot.press("enter", "h", "enter")
        await pilot.pause()
        assert "new" not in written(pilot).splitlines()


async def test_names_of_those_who_are_here_are_completed(call, someone) -> None:
    async with shown(call) as pilot:
        call.arrive(someone(1, "Ada Lovelace"))
        await pilot.press("enter", "at", *"ad", "tab")
        assert screen(pilot).query_one(ChatInput).value == "@Ada Lovelace "


async def test_what_was_kept_stands_above_a_rule(call) -> None:
    lines = [KeptLine(name="Ada", text=text, sent=utc_now()) for text in ("first", "second")]
    async with shown(call) as pilot:
        call.emit(ChatHistory(lines=lines))
        call.say("now")
        await pilot.pause()
        below = written(pilot).partition("Ada first")[2].splitlines()
        assert [row.split()[-1] for row in below[1:]] == ["second", "before", "now"]
        assert "from before" in below
        await pilot.press("R")
        assert "Nobody else has written" in written(pilot)  # it cannot be answered any more
