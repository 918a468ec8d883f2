"""What each screen looks like, at three sizes, light and dark; `snapping` says how to renew it."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Any

import numpy as np
import pytest
from scripted import LINK, own
from showing import screen, shown, written
from snapping import check, seen
from textual.events import Paste
from textual.pilot import Pilot

from rooms.events import E2eeState, Hosting, KeyChanged, Knocking, LevelState
from rooms.ledger import LedgerLine
from rooms.settings import Settings
from tui.app import SottoApp
from tui.conduct import Limits
from tui.own import Own
from tui.ports import Picture, RoomLine
from tui.screens.knocking import KnockingScreen

SEEN = dt.datetime.now(dt.UTC) - dt.timedelta(hours=2, minutes=1)
STANDUP = RoomLine("1", "Standup", "talk.example:4433", SEEN, ("Ada", "Grace"))
CLUB = RoomLine("2", "[red]Club[/] 会議", "192.0.2.7:4433", SEEN, mine=True)
THEMES = ["dark", "light"]
SIZES = [(80, 24), (120, 36), (200, 60)]
LINES = [
    LedgerLine("192.0.2.7:4433", "signalling", "who is in which room, and when", 12_345, 67_890),
    LedgerLine("192.0.2.7:40000", "media", "who sends when and how much", 1_234_567, 7_654_321),
]


@pytest.fixture
def mine() -> Own:
    found = own(Settings(name="Me"))
    found.ledger.lines = list(LINES)
    return found


@pytest.fixture(autouse=True)
def _same_everywhere(monkeypatch) -> Iterator[None]:
    """Have one time zone, one terminal, and no clock or blinking that shows."""
    monkeypatch.setenv("TZ", "UTC")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("COLORTERM", "truecolor")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setattr("tui.screens.parts.toasts.GATHER", 0.005)
    monkeypatch.setattr("textual.widgets.Input._toggle_cursor", lambda line: None)
    monkeypatch.setattr("tui.toasting.SHORT", 1e6)
    monkeypatch.setattr("tui.toasting.LONG", 1e6)
    monkeypatch.setattr("tui.widgets.knocks.patience", lambda seconds: "just came")
    monkeypatch.setattr("tui.screens.knocking.waiting_in_words", lambda seconds: "0:00")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.fixture(
    params=[SIZES[:1], pytest.param(SIZES[1:], marks=pytest.mark.slow)], ids=["small", "large"]
)
def sizes(request) -> list[tuple[int, int]]:
    return request.param


@pytest.fixture
def look(call, someone, mine, sizes) -> Any:
    """Return what has something done in a call of four, and compares what is seen.

    At each size, `keys` are pressed before, and `undo` afterwards.
    """

    async def do(
        name: str,
        *keys: str,
        undo: Sequence[str] = ("escape",),
        then: Callable[[Pilot[Any]], Awaitable[None]] | None = None,
        alone: bool = False,
    ) -> None:
        async with shown(call, sizes[0], mine=mine) as pilot:
            if not alone:
                meet(call, someone)
            for width, height in sizes:
                await pilot.resize_terminal(width, height)
                await settled(pilot)
                call.show(gradient(1))
                await pilot.press(*keys)
                if then is not None:
                    await then(pilot)
                for theme in THEMES:
                    mine.settings.keep("theme", theme)
                    await settled(pilot)
                    check(f"{name}-{width}x{height}-{theme}", pilot.app)
                await pilot.press(*undo)

    return do


def meet(call, someone) -> None:
    """Have three others in the room, of whom one shows herself, and a talk under way."""
    call.arrive(someone(1, "Ada Lovelace", muted=False, camera=True, role="cohost"))
    call.arrive(someone(2, "Grace", muted=False, key_state="new"))
    call.arrive(someone(3, "会議 [b]x[/b]", key_state="verified"))
    call.speak(1, True)
    call.hear(1, "Good morning, Me! The notes are at https://example.org/notes.")
    call.hear(2, "Thanks. Shall we begin?")
    call.say("Yes.", call.chat[-1].id)
    call.reacted(1, call.chat[1].id, "👍")
    call.publish(True, False)


def gradient(leaf: int) -> Picture:
    """Return a picture that says where its corners are."""
    down, across = np.mgrid[0:60, 0:80]
    rgb = np.stack([across * 3, down * 4, 255 - across * 3], axis=2).astype(np.uint8)
    return Picture(leaf=leaf, width=80, height=60, rgb=rgb.tobytes())


async def settled(pilot: Pilot[Any]) -> None:
    """Wait until everything that was put off is drawn: until nothing changes any more."""
    before, now = "", "-"
    while before != now:
        before = now
        await pilot.pause(0.03)
        now = seen(pilot.app)


async def test_a_call(look) -> None:
    await look("call", undo=())


async def test_a_call_with_whoever_speaks_large(look) -> None:
    await look("speaker", "g", undo=("g",))


async def test_a_room_nobody_came_to_yet(look, call) -> None:
    async def opened(pilot: Pilot[Any]) -> None:
        if not written(pilot).count("Others join"):
            call.emit(Hosting(link=call.link))

    await look("alone", then=opened, undo=(), alone=True)


async def test_somebody_knocks_and_a_key_has_changed(look, call, knocker) -> None:
    async def trouble(pilot: Pilot[Any]) -> None:
        if not call.knocks:
            call.knocked(knocker(7, "Mallory", "changed"))
            call.change(2, key_state="changed")
            call.emit(KeyChanged(leaf=2, name="Grace", old="SHA256:old", new="SHA256:new"))

    await look("knock", then=trouble, undo=())


async def test_keys_that_differ(look, call) -> None:
    async def apart(pilot: Pilot[Any]) -> None:
        call.emit(
            E2eeState(epoch=4, members=4, state="stopped", reason="disagrees", names=["Grace"])
        )

    await look("stopped", then=apart, undo=())


async def test_writing_a_command(look) -> None:
    await look("command", "slash", "r", "e", undo=("ctrl+u", "escape"))


async def test_answering_a_line(look) -> None:
    await look("answer", "R", *"sure", undo=("ctrl+u", "escape"))


async def test_privacy(look) -> None:
    await look("privacy", "P", "down")


async def test_settings(look, mine, call) -> None:
    async def measured(pilot: Pilot[Any]) -> None:
        await pilot.pause()
        mine.devices(call).on_event(LevelState(microphone=0.5, loudspeaker=None))

    await look("settings", "comma", then=measured)


async def test_help(look) -> None:
    await look("help", "question_mark")


async def test_verification(look) -> None:
    await look("verify", "k")


async def test_the_link(look) -> None:
    await look("link", "l")


async def test_choosing_a_reaction(look) -> None:
    await look("react", "e")


async def test_knocking(look, call) -> None:
    call.joins, call.link = False, LINK

    async def knocked(pilot: Pilot[Any]) -> None:
        if not isinstance(pilot.app.screen, KnockingScreen):
            call.emit(Knocking(server="192.0.2.7:4433"))

    await look("knocking", then=knocked, undo=(), alone=True)


@pytest.mark.parametrize(("name", "saved"), [("rooms", [STANDUP, CLUB]), ("no-rooms", [])])
async def test_rooms(mine, sizes, name: str, saved: list[RoomLine]) -> None:
    mine.rooms.rooms = saved
    app = SottoApp(None, Limits(), own=mine)
    async with app.run_test(size=sizes[0]) as pilot:
        for width, height in sizes:
            await pilot.resize_terminal(width, height)
            for theme in THEMES:
                mine.settings.keep("theme", theme)
                await settled(pilot)
                check(f"{name}-{width}x{height}-{theme}", pilot.app)


async def test_many_lines_were_pasted(look) -> None:
    async def pasted(pilot: Pilot[Any]) -> None:
        screen(pilot).post_message(Paste("one\ntwo\n/leave"))
        await pilot.pause()

    await look("paste", then=pasted)
