from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest
from scripted import LINK, ScriptedRooms
from textual.app import App
from textual.events import Paste
from textual.pilot import Pilot
from textual.widgets import Input, Static

from e2ee.errors import LinkError
from tui.ports import Destination, SottovoceError
from tui.screens.joining import JoinScreen, PasscodeScreen, destination, trouble


class Windowed(App[None]):
    def __init__(self, window: JoinScreen | PasscodeScreen) -> None:
        super().__init__()
        self.window = window
        self.given: list[str | None] = []

    def on_mount(self) -> None:
        self.push_screen(self.window, self.given.append)


@contextlib.asynccontextmanager
async def opened(window: JoinScreen | PasscodeScreen) -> AsyncIterator[Pilot[None]]:
    async with Windowed(window).run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        yield pilot


async def said(pilot: Pilot[None], words: str) -> None:
    async with asyncio.timeout(10):
        while words not in str(pilot.app.screen.query_one("#said", Static).content):
            await pilot.pause()


def given(pilot: Pilot[None]) -> list[str | None]:
    assert isinstance(pilot.app, Windowed)
    return pilot.app.given


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (LinkError("no link", hint="copy all"), "No link (you can put it right)"),
        (SottovoceError("it broke"), "It broke (a fault of sotto)"),
    ],
)
def test_what_is_wrong_is_said_with_whose_fault_it_is(error: SottovoceError, words: str) -> None:
    assert trouble(error).plain.startswith(words)


def test_where_a_link_leads_is_said_with_who_hosts_there() -> None:
    known = destination(Destination("a.example", "SHA256:abc", "Ada", "known")).plain
    assert known == "A room at a.example\nHosted by Ada, known key (SHA256:abc)"
    new = destination(Destination("a.example", "link 0123", title="Standup")).plain
    assert new == "Standup, at a.example\nIts host's key is new to you (link 0123)"
    assert "yours" in destination(Destination("a.example", "SHA256:abc", own=True)).plain


async def test_a_link_is_looked_at_while_it_is_typed_and_nothing_happens_before_enter() -> None:
    async with opened(JoinScreen(ScriptedRooms())) as pilot:
        await pilot.press("h", "t")
        await said(pilot, "not a room link")
        await pilot.press("enter")
        assert given(pilot) == []
        pilot.app.screen.query_one(Input).value = ""
        pilot.app.screen.query_one(Input).post_message(Paste(f"{LINK[:40]}\n  {LINK[40:]}"))
        await said(pilot, "192.0.2.7:4433")
        assert given(pilot) == []
        await pilot.press("enter")
        await pilot.pause()
        async with asyncio.timeout(10):
            while not given(pilot):
                await pilot.pause()
        assert "".join((given(pilot)[0] or "").split()) == LINK


async def test_escape_leaves_it() -> None:
    async with opened(JoinScreen(ScriptedRooms(), LINK)) as pilot:
        await said(pilot, "Hosted by Ada")
        await pilot.press("escape")
        assert given(pilot) == [None]


async def test_a_wrong_passcode_is_said_and_only_the_words_are_asked_again() -> None:
    rooms = ScriptedRooms()
    async with opened(PasscodeScreen(rooms, server="a.example:4433")) as pilot:
        await pilot.press(*"banana", "enter")
        assert pilot.app.focused is not None
        assert pilot.app.focused.id == "words"  # the server was known
        await pilot.press(*"no", "enter")
        await said(pilot, "passcode is wrong")
        room, server, words = (line.value for line in pilot.app.screen.query(Input))
        assert (room, server, words) == ("banana", "a.example:4433", "")
        await pilot.press(*"acorn", "space", *"bicycle", "space", *"august", "enter")
        async with asyncio.timeout(10):
            while not given(pilot):
                await pilot.pause()
    assert given(pilot) == [LINK]
    assert rooms.intents[-1] == ("ask", "banana", "a.example:4433", "acorn bicycle august")
