from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
from collections.abc import AsyncIterator, Callable

import pytest
from scripted import LINK, ScriptedRooms, own
from textual.events import Paste
from textual.pilot import Pilot
from textual.widgets import Input, Static

from rooms.errors import NetworkError
from rooms.settings import Settings
from tui.app import SottoApp
from tui.cli.exits import Exit
from tui.conduct import Limits, Outcome
from tui.ports import RoomLine
from tui.screens.call import CallScreen
from tui.screens.help import HelpScreen
from tui.screens.privacy import PrivacyScreen
from tui.screens.rooms import RoomsScreen
from tui.screens.settings import SettingsScreen
from tui.widgets.rows import Rows

SEEN = dt.datetime.now(dt.UTC) - dt.timedelta(hours=2)
STANDUP = RoomLine("1", "Standup", "a.example:4433", SEEN, ("Ada",))
CLUB = RoomLine("2", "[red]Club[/]", "b.example", SEEN, mine=True)


@pytest.fixture
def rooms(call) -> ScriptedRooms:
    rooms = ScriptedRooms(call)
    rooms.rooms = [STANDUP, CLUB]
    return rooms


@contextlib.asynccontextmanager
async def shown(
    rooms: ScriptedRooms, size: tuple[int, int] = (80, 24), settings: Settings | None = None
) -> AsyncIterator[Pilot[Outcome]]:
    app = SottoApp(None, Limits(), own=own(settings, rooms))
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: text(pilot, "#empty") != "")
        yield pilot


async def until(pilot: Pilot[Outcome], happened: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not happened():
            await pilot.pause()


def home(pilot: Pilot[Outcome]) -> RoomsScreen:
    screen = pilot.app.screen_stack[0]
    assert isinstance(screen, RoomsScreen)
    return screen


def text(pilot: Pilot[Outcome], where: str) -> str:
    return str(home(pilot).query_one(where, Static).content)


def listed(pilot: Pilot[Outcome]) -> str:
    rows = home(pilot).query_one(Rows)
    return "\n".join(str(option.prompt) for option in rows.options)


async def test_rooms_are_listed_and_what_is_marked_is_explained(rooms) -> None:
    async with shown(rooms) as pilot:
        assert "Standup" in listed(pilot)
        assert "2 h ago" in listed(pilot)
        assert "Standup  at a.example:4433, hosted by Ada" in text(pilot, "#about")
        await pilot.press("down")
        await pilot.pause()
        assert "[red]Club[/]  at b.example, hosted by you" in text(pilot, "#about")


async def test_a_newcomer_sees_at_once_what_to_do() -> None:
    async with shown(ScriptedRooms()) as pilot:
        welcome = text(pilot, "#empty")
        assert home(pilot).query_one("#empty").region.height > 5
        for key, words in (("n", "open a room"), ("j", "by a link"), ("p", "by a passcode")):
            assert any(
                line.split()[0] == key and words in line for line in welcome.splitlines() if line
            )


async def test_entering_a_room_shows_the_call_and_leaving_it_the_rooms_again(rooms, call) -> None:
    async with shown(rooms) as pilot:
        await pilot.press("enter")
        await until(pilot, lambda: call.ended is not None)
        assert isinstance(pilot.app.screen, CallScreen)
        assert rooms.intents == [("enter", "1")]
        rooms.rooms = [CLUB]
        await pilot.press("question_mark")
        call.end("a host removed you", "room.removed")
        await until(pilot, lambda: pilot.app.screen is home(pilot))
        await until(pilot, lambda: "Standup" not in listed(pilot))
        assert text(pilot, "#news") == "A host removed you."
        await pilot.press("enter")
        await until(pilot, lambda: rooms.intents[-1] == ("enter", "2"))


async def test_leaving_is_no_error_and_another_call_can_be_held(rooms, call) -> None:
    async with shown(rooms) as pilot:
        for _ in range(2):
            rooms.call = type(call)()
            await pilot.press("enter")
            await until(pilot, lambda: rooms.call.ended is not None)
            await pilot.press("q")
            await until(pilot, lambda: pilot.app.screen is home(pilot))
            assert text(pilot, "#news") == "You left the call."
        await pilot.press("q")
        await until(pilot, lambda: pilot.app.return_value is not None)
    assert pilot.app.return_value == Outcome()


@pytest.mark.parametrize("key", ["ctrl+c", "ctrl+q"])
async def test_everything_can_be_ended_from_a_call_and_the_call_ends_first(
    rooms, call, key: str
) -> None:
    async with shown(rooms) as pilot:
        await pilot.press("enter")
        await until(pilot, lambda: call.ended is not None)
        await pilot.press(key)
        await until(pilot, lambda: pilot.app.return_value is not None)
    assert call.intents[-1] == ("leave",)
    code = Exit.INTERRUPTED if key == "ctrl+c" else Exit.DONE
    assert pilot.app.return_value == Outcome(code)


async def test_ctrl_c_ends_where_there_is_no_call(rooms) -> None:
    async with shown(rooms) as pilot:
        await pilot.press("ctrl+c")
        await until(pilot, lambda: pilot.app.return_value is not None)
    assert pilot.app.return_value == Outcome(Exit.INTERRUPTED)


async def test_a_call_that_cannot_be_opened_is_said_and_nothing_is_lost(rooms, call) -> None:
    rooms.failure = NetworkError("the server cannot be reached", hint="is it running?")
    async with shown(rooms) as pilot:
        await pilot.press("enter")
        await until(pilot, lambda: "reached" in text(pilot, "#news"))
        assert text(pilot, "#news") == "The server cannot be reached. Is it running?"
        assert "Standup" in listed(pilot)
        assert pilot.app.screen is home(pilot)


async def test_a_mistake_of_ours_is_not_taken_for_the_end_of_a_call(rooms) -> None:
    rooms.failure = RuntimeError("broken")
    async with shown(rooms) as pilot:
        await pilot.press("enter")
        await until(pilot, lambda: pilot.app.failure is not None)
    assert isinstance(pilot.app.failure, RuntimeError)


async def test_joining_by_a_link_that_is_typed(rooms, call) -> None:
    async with shown(rooms) as pilot:
        await pilot.press("j")
        pilot.app.screen.query_one(Input).value = LINK
        await pilot.press("enter")
        await until(pilot, lambda: call.ended is not None)
    assert rooms.intents == [("join", LINK)]


async def test_a_link_pasted_anywhere_is_shown_and_joined_only_once_that_is_confirmed(
    rooms, call
) -> None:
    async with shown(rooms) as pilot:
        pilot.app.screen.post_message(Paste(f"sotto join '{LINK}'\n"))
        await until(pilot, lambda: pilot.app.screen is not home(pilot))
        assert rooms.intents == []
        pilot.app.screen.query_one(Input).value = LINK
        await pilot.press("enter")
        await until(pilot, lambda: call.ended is not None)
    assert rooms.intents == [("join", LINK)]


async def test_what_is_pasted_and_no_link_is_said_and_not_shown(rooms) -> None:
    async with shown(rooms) as pilot:
        pilot.app.screen.post_message(Paste("correct horse battery staple"))
        await until(pilot, lambda: "A link begins with https://" in text(pilot, "#news"))
        assert "horse" not in text(pilot, "#news")
        assert pilot.app.screen is home(pilot)


async def test_joining_by_passcode(rooms, call) -> None:
    async with shown(rooms, settings=Settings(name="Me", server="a.example")) as pilot:
        await pilot.press("p", *"banana", "enter")
        await pilot.press(*"acorn", "space", *"bicycle", "space", *"august", "enter")
        await until(pilot, lambda: call.ended is not None)
    assert rooms.intents == [
        ("ask", "banana", "a.example", "acorn bicycle august"),
        ("join", LINK),
    ]


@pytest.mark.parametrize("server", ["", "c.example"])
async def test_opening_a_room_here_or_on_a_server(rooms, call, server: str) -> None:
    async with shown(rooms) as pilot:
        await pilot.press("n", *server, "enter")
        await until(pilot, lambda: call.ended is not None)
    assert rooms.intents == [("create", server)]


async def test_a_room_is_renamed(rooms) -> None:
    async with shown(rooms) as pilot:
        await pilot.press("r")
        pilot.app.screen.query_one(Input).value = "Daily"
        await pilot.press("enter")
        await until(pilot, lambda: "Daily" in listed(pilot))
    assert rooms.intents == [("rename", "1", "Daily")]


async def test_a_room_is_forgotten_only_if_that_is_said_twice(rooms) -> None:
    async with shown(rooms) as pilot:
        await pilot.press("f")
        await pilot.pause()
        assert text(pilot, "#news").startswith("Press f again to forget Standup.")
        await pilot.press("down", "f")  # another one: that is not twice
        await pilot.pause()
        assert rooms.intents == []
        await pilot.press("f")
        await until(pilot, lambda: "Club" not in listed(pilot))
    assert rooms.intents == [("forget", "2")]


async def test_heads_are_counted_when_a_person_asks(rooms) -> None:
    rooms.heads = {"1": 3}
    async with shown(rooms) as pilot:
        assert rooms.intents == []  # no server is told before
        await pilot.press("c")
        await until(pilot, lambda: "3 in it" in listed(pilot))
        await until(pilot, lambda: "no answer" in listed(pilot))
        assert "they learn that you look" in text(pilot, "#news").lower()
    assert rooms.intents == [("count", "1"), ("count", "2")]


async def test_heads_are_counted_as_the_list_opens_if_the_settings_say_so(rooms) -> None:
    rooms.heads = {"1": 3, "2": 0}
    async with shown(rooms, settings=Settings(name="Me", ask_counts=True)) as pilot:
        await until(pilot, lambda: "3 in it" in listed(pilot) and "nobody in" in listed(pilot))


async def test_help_and_privacy_open_over_the_rooms(rooms) -> None:
    async with shown(rooms) as pilot:
        await pilot.press("question_mark")
        await pilot.pause()
        assert isinstance(pilot.app.screen, HelpScreen)
        lines = "\n".join(str(line.content) for line in pilot.app.screen.query(Static))
        assert "Join by passcode" in lines
        assert "/join" not in lines  # nothing is typed here
        await pilot.press("escape", "P")
        await pilot.pause()
        assert isinstance(pilot.app.screen, PrivacyScreen)
        await pilot.press("escape", "comma")
        await pilot.pause()
        assert isinstance(pilot.app.screen, SettingsScreen)


@pytest.mark.parametrize("size", [(40, 12), (60, 20), (200, 60)])
async def test_it_is_drawn_at_any_size(rooms, size: tuple[int, int]) -> None:
    async with shown(rooms, size) as pilot:
        assert "Standup" in listed(pilot)
        assert home(pilot).query_one(Rows).region.height >= 2
