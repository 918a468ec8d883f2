from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest
from textual.containers import Vertical
from textual.events import Paste
from textual.pilot import Pilot

from rooms.events import (
    CameraState,
    E2eeState,
    ErrorEvent,
    Hosting,
    KeyChanged,
    Knocking,
    Note,
    ParticipantJoined,
    Reconnected,
    Reconnecting,
    Stats,
)
from tui import keys
from tui.app import SottoApp
from tui.conduct import Limits, Outcome
from tui.ports import Picture
from tui.screens.call import CallScreen
from tui.screens.help import HelpScreen
from tui.screens.link import LinkScreen
from tui.screens.verify import VerifyScreen
from tui.widgets import knocks
from tui.widgets.alarm import AlarmBanner
from tui.widgets.chat import ChatInput, ChatLog, ChatPanel
from tui.widgets.grid import VideoGrid
from tui.widgets.knocks import KnockBanner
from tui.widgets.participants import ParticipantsPanel
from tui.widgets.statusline import StatusLine
from tui.widgets.video import VideoTile


@contextlib.asynccontextmanager
async def shown(
    call, size: tuple[int, int] = (80, 24), **options: bool
) -> AsyncIterator[Pilot[Outcome]]:
    app = SottoApp(call.opened, Limits(), **options)
    async with app.run_test(size=size) as pilot:
        async with asyncio.timeout(10):
            while call.ended is None:
                await pilot.pause()
        await pilot.pause()
        yield pilot


def screen(pilot: Pilot[Outcome]) -> CallScreen:
    return next(s for s in pilot.app.screen_stack if isinstance(s, CallScreen))


def written(pilot: Pilot[Outcome]) -> str:
    lines = screen(pilot).query_one(ChatLog).children
    return "\n".join(str(line.render()) for line in lines)


def status(pilot: Pilot[Outcome]) -> str:
    return screen(pilot).query_one(StatusLine).render().plain


def intents(call) -> list[tuple[object, ...]]:
    return [intent for intent in call.intents if intent[0] != "view"]


async def test_people_come_speak_and_go(call, someone) -> None:
    async with shown(call) as pilot:
        call.arrive(someone(1, "Ada", muted=False, camera=True, key_state="new"))
        call.speak(1, True)
        await pilot.pause()
        panel = screen(pilot).query_one(ParticipantsPanel)
        assert [person.name for person in panel.people] == ["Me", "Ada"]
        assert panel.people[1].speaking
        assert len(screen(pilot).query(VideoTile)) == 2
        assert "Ada came in (key not seen before)." in written(pilot)
        assert "epoch 2, 2 members" in status(pilot)
        call.depart(1)
        await pilot.pause()
        assert len(screen(pilot).query(VideoTile)) == 1
        assert "Ada left." in written(pilot)


async def test_the_status_tells_what_is_sent_not_what_is_switched(call) -> None:
    async with shown(call, (120, 36)) as pilot:
        assert "nothing sent" in status(pilot)
        call.publish(True, True)
        assert "mic live" in status(pilot)
        assert "camera live" in status(pilot)
        await pilot.press("m")
        assert intents(call) == [("muted", True)]
        assert "STILL SENDING" in status(pilot)
        call.publish(False, False)
        assert "× muted" in status(pilot)
        call.emit(E2eeState(epoch=2, members=1, state="stopped", reason="disagrees", names=["Ada"]))
        await pilot.pause()
        assert "NOT SENDING" in status(pilot)
        banner = screen(pilot).query_one(AlarmBanner)
        assert "Ada has other keys than you" in str(banner.render())
        call.emit(E2eeState(epoch=3, members=1, state="stopped", reason="disagrees", names=["Ada"]))
        await pilot.pause()
        assert written(pilot).count("Sending has stopped: ") == 1
        call.emit(E2eeState(epoch=3, members=1))
        await pilot.pause()
        assert "encrypted" in status(pilot)
        assert not banner.display


async def test_a_broken_connection_is_said_as_long_as_it_lasts(call) -> None:
    async with shown(call) as pilot:
        call.emit(E2eeState(epoch=1, members=1))
        call.emit(Reconnecting(reason="the connection to the server broke"))
        await pilot.pause()
        assert "nothing is sent" in status(pilot)
        assert "encrypted" not in status(pilot)
        call.emit(Reconnected(leaf=0, epoch=2))
        await pilot.pause()
        assert "nothing is sent" not in status(pilot)


async def test_pictures_are_asked_for_again_after_a_lost_connection(call, someone) -> None:
    async def asked(*leaves: int) -> None:
        async with asyncio.timeout(10):
            while not set(leaves) <= {intent[1] for intent in call.intents}:
                await pilot.pause()
        call.intents.clear()

    async with shown(call) as pilot:
        ada = someone(1, "Ada", camera=True)
        call.arrive(ada)
        await asked(0, 1)
        call.emit(ParticipantJoined(participant=ada))  # theirs, at the leaf they had
        await asked(1)
        call.emit(Reconnected(leaf=0, epoch=2))  # ours
        await asked(0, 1)


async def test_single_keys_act_and_are_inert_while_typing(call) -> None:
    async with shown(call) as pilot:
        await pilot.press("v", "enter")
        await pilot.press(*"mvarxlq", "question_mark", "plus")
        assert screen(pilot).query_one(ChatInput).value == "mvarxlq?+"
        assert intents(call) == [("camera", False)]
        await pilot.press("enter")
        assert intents(call)[-1] == ("say", "mvarxlq?+")
        await pilot.press("escape", "m")
        assert intents(call)[-1] == ("muted", True)


async def test_a_paste_anywhere_goes_into_the_line_and_runs_nothing(call) -> None:
    async with shown(call) as pilot:
        for keys_before in ([], ["tab"]):
            await pilot.press(*keys_before)
            pilot.app.post_message(Paste("a\n/leave\nq"))
            await pilot.pause()
            line = screen(pilot).query_one(ChatInput)
            assert (line.value, line.has_focus) == ("a /leave q", True)
            assert intents(call) == []
            line.clear()
            await pilot.press("escape")


async def test_every_action_has_a_key_that_is_bound(call) -> None:
    async with shown(call) as pilot:
        bound = screen(pilot)._bindings.key_to_bindings
        assert all(action.key in bound for action in keys.ACTIONS)


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


async def test_a_knock_is_shown_and_answered(call, knocker, monkeypatch) -> None:
    monkeypatch.setattr(knocks, "SETTLE", 0.0)
    async with shown(call) as pilot:
        await pilot.press("a")
        call.knocked(knocker(7, "Ada"))
        call.knocked(knocker(8, "Mallory", "changed"))
        await pilot.pause()
        assert screen(pilot).query_one(KnockBanner).current == call.knocks[0]
        await pilot.press("a")
        assert screen(pilot).query_one(KnockBanner).current == call.knocks[0]
        await pilot.press("r")
        assert not screen(pilot).query_one(KnockBanner).display
        assert intents(call) == [("admit", 7), ("refuse", 8)]


async def test_a_key_meant_for_one_knock_does_not_admit_the_next(
    call, knocker, monkeypatch
) -> None:
    monkeypatch.setattr("tui.widgets.knocks.SETTLE", 60.0)  # a busy machine takes its time
    async with shown(call) as pilot:
        call.knocked(knocker(8, "Mallory"))
        await pilot.press("a")
        assert intents(call) == []


async def test_removing_with_the_key_needs_a_mark_and_a_second_press(call, someone) -> None:
    async with shown(call) as pilot:
        call.arrive(someone(1, "Ada"))
        await pilot.press("x")
        assert "Mark somebody first" in written(pilot)
        await pilot.press("tab", "down", "down", "x")
        assert intents(call) == []
        await pilot.press("x")
        assert intents(call) == [("remove", 1)]


async def test_roles_and_rules_are_changed_by_keys_and_lines_and_shown(call, someone) -> None:
    async with shown(call, (110, 30)) as pilot:
        call.arrive(someone(1, "Ada"))
        assert "locked" not in status(pilot)
        await pilot.press("L", "p")
        assert status(pilot).count("locked") == 1
        assert "You locked the room." in written(pilot)
        assert "chat on: everybody may write" in written(pilot)
        await pilot.press("U", "tab", "down", "down", "c", "c")
        assert "Press c again to make Ada a cohost." in written(pilot)
        assert screen(pilot).query_one(ParticipantsPanel).people[1].role == "cohost"
        await pilot.press("d", "c", "d")  # another key between: nothing is done by half
        assert intents(call) == [("lock", True), ("lock", False), ("appoint", 1)]
        await pilot.press("d")
        assert intents(call)[-1] == ("dismiss", "SHA256:Ada")


async def test_the_marked_participant_is_made_louder_and_softer(call, someone) -> None:
    async with shown(call) as pilot:
        call.arrive(someone(1, "Ada"))
        await pilot.press("plus", "tab", "down", "down", "plus", "minus", "minus")
        assert intents(call) == [("volume", 1, 1.25), ("volume", 1, 1.0), ("volume", 1, 0.75)]


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


async def test_the_link_is_shown_to_share_and_behind_a_key(call) -> None:
    async with shown(call, (120, 50)) as pilot:
        call.emit(Hosting(link=call.link))
        await pilot.pause()
        assert f"sotto join '{call.link}'" in written(pilot)
        await pilot.press("l")
        assert isinstance(pilot.app.screen, LinkScreen)
        await pilot.press("escape", "question_mark")
        assert isinstance(pilot.app.screen, HelpScreen)
        await pilot.press("question_mark")
        call.link = ""
        await pilot.press("l")
        await pilot.pause()
        assert "no link yet" in written(pilot)


async def test_the_code_comes_up_by_itself_when_it_was_asked_for(call) -> None:
    async with shown(call, show_code=True) as pilot:
        call.emit(Hosting(link=call.link))
        await pilot.pause()
        assert isinstance(pilot.app.screen, LinkScreen)


async def test_who_waits_to_be_let_in_is_told_so_in_the_middle(call) -> None:
    call.joins = False
    async with shown(call) as pilot:
        call.emit(Knocking(server="h:1"))
        assert "A host has to let you in." in screen(pilot).query_one(VideoGrid).render().plain


async def test_without_devices_everything_says_so_and_nothing_pretends(call) -> None:
    async with shown(call, (140, 36)) as pilot:
        call.lose_devices()
        await pilot.press("m", "v")
        await pilot.pause()
        assert intents(call) == []
        assert "× no mic  × no camera" in status(pilot)
        text = written(pilot)
        assert "No microphone, camera or loudspeaker here" in text
        assert "you stay muted" in text


async def test_waiting_notes_and_errors_are_told(call) -> None:
    async with shown(call, (140, 36)) as pilot:
        call.emit(Knocking(server="h:1"))
        assert "waiting for a host" in status(pilot)
        call.emit(E2eeState(epoch=1, members=1))
        call.emit(Note(text="microphone: USB"))
        call.emit(ErrorEvent(code="x", message="it broke"))
        for delay in (900.0, 20.0):
            call.emit(
                Stats(
                    sent_bytes=1,
                    received_bytes=1,
                    lost_packets=0,
                    jitter_ms=1,
                    round_trip_ms=delay,
                    decrypted_frames=1,
                    decrypt_failures=0,
                )
            )
            assert ("900 ms" in status(pilot)) == (delay > 400)
        await pilot.pause()
        assert "microphone: USB" in written(pilot)
        assert "it broke" in written(pilot)


async def test_pictures_reach_their_tile_and_go_with_the_camera(call, someone, monkeypatch) -> None:
    drawn: list[str] = []
    monkeypatch.setattr(VideoTile, "show", lambda tile, picture: drawn.append("picture"))
    monkeypatch.setattr(VideoTile, "clear", lambda tile: drawn.append(f"initials {tile.leaf}"))
    red = Picture(leaf=1, width=4, height=4, rgb=b"\xff\0\0" * 16)
    async with shown(call) as pilot:
        call.arrive(someone(1, "Ada", camera=True))
        await pilot.pause()
        drawn.clear()
        call.show(red)
        call.change(1, camera=False)
        call.emit(CameraState(leaf=1, name="Ada", on=False))
        call.show(red)
        assert [what for what in drawn if what != "initials 0"] == ["picture", "initials 1"]


@pytest.mark.parametrize(
    ("size", "video", "people", "chat"),
    [
        ((160, 48), True, True, True),
        ((80, 24), True, True, True),
        ((60, 40), True, True, True),
        ((60, 20), False, True, True),
        ((80, 15), False, True, True),
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


async def test_names_that_look_like_markup_are_drawn_as_they_are(call, someone) -> None:
    async with shown(call) as pilot:
        call.arrive(someone(1, "[b]Ada[/b] [@click=app.quit]x[/]", camera=True))
        call.hear(1, "[red]boo[/red]")
        await pilot.pause()
        assert "[red]boo[/red]" in written(pilot)
        assert "[b]Ada[/b] [@click=app.quit]x[/] came in" in written(pilot)


async def test_a_changed_key_is_written_in_the_chat_and_behind_the_name(call, someone) -> None:
    async with shown(call, (100, 30)) as pilot:
        call.arrive(someone(1, "Ada", key_state="changed"))
        call.emit(KeyChanged(leaf=1, name="Ada", old="SHA256:old", new="SHA256:new"))
        await pilot.pause()
        assert "KEY CHANGED: Ada has another key" in " ".join(written(pilot).split())
        people = screen(pilot).query_one(ParticipantsPanel)
        assert "KEY CHANGED" in str(people.get_option_at_index(1).prompt)


async def test_the_code_is_shown_compared_and_said_in_the_status(call, someone) -> None:
    async with shown(call, (140, 40)) as pilot:
        call.arrive(someone(1, "Ada"))
        await pilot.press("k")
        await pilot.pause()
        assert isinstance(pilot.app.screen, VerifyScreen)
        assert "11111" not in written(pilot)
        await pilot.press("s")
        await pilot.pause()
        assert intents(call) == [("ask",), ("answer", True)]
        assert "Verified at epoch 2" in written(pilot)
        assert "verified at epoch 2" in status(pilot)
        call.verification.since = 1
        call.arrive(someone(2, "Bob"))
        await pilot.pause()
        assert "verified at epoch 2, 1 person since" in status(pilot)


async def test_a_code_whose_epoch_is_over_leaves_the_screen(call, someone) -> None:
    async with shown(call, (100, 30)) as pilot:
        await pilot.press("k")
        await pilot.pause()
        call.arrive(someone(1, "Ada"))
        await pilot.pause()
        await pilot.pause()
        top = pilot.app.screen
        assert isinstance(top, VerifyScreen)
        assert "epoch 2" in str(top.query_one(Vertical).border_title)
        assert intents(call) == [("ask",), ("ask",)]
        await pilot.press("d")
        await pilot.pause()
        assert "THE CODES DIFFER at epoch 2" in written(pilot)
        assert "verified" not in status(pilot)


@pytest.mark.parametrize("line", ["/admit", "/refuse"])
async def test_nobody_to_answer_is_said(call, line: str) -> None:
    async with shown(call) as pilot:
        screen(pilot).post_message(ChatPanel.Written(line))
        await pilot.pause()
        await pilot.pause()
        assert "Nobody is knocking." in written(pilot)
