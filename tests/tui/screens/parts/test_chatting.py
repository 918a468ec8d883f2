from __future__ import annotations

from showing import intents, screen, shown, written

from rooms.events import (
    CodeCompared,
    KeyChanged,
    RecordingState,
)
from tui.screens.parts.chatting import is_loud
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
        assert " rec " in str(people.get_option_at_index(1).prompt)
        call.record(1, False)
        await pilot.pause()
        assert " rec " not in str(people.get_option_at_index(1).prompt)


def test_alarms_are_loud_and_their_end_is_not() -> None:
    records = [RecordingState(leaf=1, name="Eve", on=on) for on in (True, False)]
    compared = [CodeCompared(epoch=1, same=same, people=1) for same in (False, True)]
    assert [is_loud(event) for event in (*records, *compared)] == [True, False, True, False]
