from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
from collections.abc import AsyncIterator

import pytest
from scripted import own
from textual._xterm_parser import XTermParser
from textual.events import AppBlur, AppFocus
from textual.pilot import Pilot
from textual.theme import Theme

from e2ee.errors import LinkError
from media.cells.depth import Depth
from rooms.events import KeyChanged
from rooms.settings import Settings
from tui.app import SottoApp
from tui.cli.exits import Exit
from tui.conduct import Limits, Outcome
from tui.screens.call import CallScreen
from tui.screens.privacy import PrivacyScreen
from tui.screens.settings import SettingsScreen
from tui.terminal import MODERN, Terminal
from tui.themes import NIGHT, PAPER, QUIET
from tui.widgets.chat import ChatInput


def app_for(call, limits: Limits | None = None) -> SottoApp:
    return SottoApp(call.opened, limits or Limits(), own=own())


async def started(pilot: Pilot[Outcome], call) -> None:
    async with asyncio.timeout(10):
        while call.ended is None:
            await pilot.pause()
    await pilot.pause()


async def ended(app: SottoApp) -> None:
    async with asyncio.timeout(10):
        while app.is_running and app.return_code is None:
            await asyncio.sleep(0.01)


async def test_the_call_opens_only_after_something_is_on_the_screen(call) -> None:
    painted: list[bool] = []

    @contextlib.asynccontextmanager
    async def opener() -> AsyncIterator[object]:
        painted.append(isinstance(app.screen, CallScreen) and app.screen.is_mounted)
        yield call

    app = SottoApp(opener, Limits(), own=own())
    async with app.run_test() as pilot:
        await started(pilot, call)
        assert painted == [True]


@pytest.mark.parametrize(
    ("key", "code"), [("q", Exit.DONE), ("ctrl+q", Exit.DONE), ("ctrl+c", Exit.INTERRUPTED)]
)
async def test_leaving_and_interrupting_end_the_call_first(call, key: str, code: Exit) -> None:
    app = app_for(call)
    async with app.run_test() as pilot:
        await started(pilot, call)
        await pilot.press(key)
        await ended(app)
    assert app.return_value == Outcome(code)
    assert call.intents[-1] == ("leave",)


async def test_ctrl_c_works_while_typing_and_in_the_palette(call) -> None:
    app = app_for(call)
    async with app.run_test() as pilot:
        await started(pilot, call)
        await pilot.press("enter", "h", "ctrl+p")
        await pilot.press("ctrl+c")
        await ended(app)
    assert app.return_value == Outcome(Exit.INTERRUPTED)


async def test_the_reason_of_an_end_reaches_whoever_started_the_app(call) -> None:
    app = app_for(call)
    async with app.run_test() as pilot:
        await started(pilot, call)
        call.end("a host removed you", "room.removed")
        await ended(app)
    assert app.return_value == Outcome(Exit.REMOVED, "a host removed you")


async def test_a_limit_in_time_holds_here_too(call) -> None:
    app = app_for(call, Limits(stay=0.01))
    async with app.run_test():
        await ended(app)
    assert app.return_value == Outcome(Exit.DONE)


async def test_what_fails_is_kept_for_the_report() -> None:
    @contextlib.asynccontextmanager
    async def opener() -> AsyncIterator[object]:
        raise LinkError("this is not a room link")
        yield

    app = SottoApp(opener, Limits(), own=own())
    async with app.run_test():
        await ended(app)
    assert isinstance(app.failure, LinkError)
    assert app.return_value is None


async def test_a_mistake_of_ours_shows_no_values_of_variables(call, monkeypatch, capsys) -> None:
    def fail(screen: CallScreen, event: object) -> None:
        secret = "link-secret"  # noqa: F841
        raise RuntimeError("broken")

    app = app_for(call)
    with pytest.raises(RuntimeError):  # noqa: PT012 - the pilot raises on leaving
        async with app.run_test() as pilot:
            await started(pilot, call)
            monkeypatch.setattr(CallScreen, "action_do", fail)
            await pilot.press("m")
            await ended(app)
    assert isinstance(app.failure, RuntimeError)
    printed = capsys.readouterr()
    assert "link-secret" not in printed.out + printed.err


async def test_no_color_is_honoured(call, monkeypatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = app_for(call)
    async with app.run_test() as pilot:
        await started(pilot, call)
        assert app.no_color


def test_the_first_paint_waits_for_no_codec_and_no_session() -> None:
    code = (
        "import sys, tui.app; "
        "bad = {'av', 'OpenSSL', 'websockets', 'sounddevice', 'rooms.session'} & set(sys.modules); "
        "sys.exit(str(sorted(bad)) if bad else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


async def test_letters_in_one_burst_with_the_key_that_starts_a_line_are_neither_lost_nor_keys(
    call,
) -> None:
    app = app_for(call)
    async with app.run_test() as pilot:
        await started(pilot, call)
        for key in XTermParser().feed("\rquit m"):
            key.set_sender(app)
            app.post_message(key)
        async with asyncio.timeout(10):
            while app.screen.query_one(ChatInput).value != "quit m":
                await pilot.pause()
        assert not call.muted


async def test_whoever_looks_elsewhere_is_notified_once_through_the_terminal(
    call, knocker, monkeypatch
) -> None:
    app = SottoApp(call.opened, Limits(), own=own(Settings(bell=False)))
    async with app.run_test() as pilot:
        await started(pilot, call)
        sent: list[str] = []
        assert app._driver is not None
        monkeypatch.setattr(app._driver, "write", sent.append)
        for focus in (AppFocus(), AppBlur()):
            app.post_message(focus.set_sender(app))
            await pilot.pause()
            call.emit(KeyChanged(leaf=1, name="Ada", old="SHA256:a", new="SHA256:b"))
        assert [text for text in sent if "]9;" in text] == [
            "\x1b]9;sotto: Ada has another key than before\x07"
        ]


@pytest.mark.parametrize(
    ("settings", "terminal", "theme"),
    [
        (Settings(), MODERN, QUIET),
        (Settings(theme="light"), MODERN, PAPER),
        (Settings(theme="contrast-dark"), MODERN, NIGHT),
        (Settings(), Terminal(Depth.COLOURS_16, "", ""), NIGHT),
    ],
)
async def test_it_looks_as_the_settings_say_and_the_terminal_can(
    call, settings: Settings, terminal: Terminal, theme: Theme
) -> None:
    app = SottoApp(call.opened, Limits(), own=own(settings), terminal=terminal)
    async with app.run_test():
        assert app.theme == theme.name


async def test_settings_count_at_once(call) -> None:
    mine = own(Settings(theme="light"))
    app = SottoApp(call.opened, Limits(), own=mine)
    async with app.run_test() as pilot:
        await started(pilot, call)
        assert not app.current_theme.dark
        mine.settings.keep("theme", "dark")
        mine.settings.keep("keys.mute", "f5")
        mine.settings.keep("share_level", False)
        assert app.current_theme.dark
        await pilot.press("m", "f5")
        assert [i for i in call.intents if i[0] in {"muted", "privacy"}] == [
            ("privacy", False, True),
            ("muted", True),
        ]


async def test_privacy_and_settings_open_over_the_call_and_close(call) -> None:
    async with app_for(call).run_test() as pilot:
        await started(pilot, call)
        for key, kind in (("P", PrivacyScreen), ("comma", SettingsScreen)):
            await pilot.press(key)
            assert isinstance(pilot.app.screen, kind)
            await pilot.press("escape")
            assert isinstance(pilot.app.screen, CallScreen)


@pytest.mark.parametrize("still", [True, False])
async def test_with_reduced_motion_nothing_moves_by_itself(call, still: bool) -> None:
    app = SottoApp(call.opened, Limits(), own=own(Settings(reduced_motion=still)))
    async with app.run_test() as pilot:
        await started(pilot, call)
        await pilot.press("enter")
        await pilot.pause()
        assert app.screen.query_one(ChatInput).cursor_blink is not still
        assert (app.animation_level == "none") is still
