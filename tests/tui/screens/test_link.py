from __future__ import annotations

import pytest
from textual.app import App
from textual.widgets import Static

from tui.qr import half_blocks
from tui.screens.link import LinkScreen

LINK = f"https://192.0.2.17:40123/r/#{'a' * 26}.{'b' * 26}.{'c' * 26}"


async def texts(size: tuple[int, int], *, code_first: bool) -> list[str]:
    async with App[None]().run_test(size=size) as pilot:
        pilot.app.push_screen(LinkScreen(LINK, code_first=code_first))
        await pilot.pause()
        return [str(line.render()) for line in pilot.app.screen.query(Static)]


@pytest.mark.parametrize(
    ("size", "code_first", "link", "code"),
    [
        ((80, 24), False, True, False),
        ((80, 24), True, False, True),
        ((120, 50), False, True, True),
        ((120, 50), True, True, True),
        ((80, 15), True, True, False),
    ],
)
async def test_it_shows_what_fits(
    size: tuple[int, int], code_first: bool, link: bool, code: bool
) -> None:
    shown = await texts(size, code_first=code_first)
    assert (LINK in shown) == link
    assert ("\n".join(half_blocks(LINK)) in shown) == code


async def test_a_code_that_fills_the_screen_leaves_a_row_that_says_how_it_closes() -> None:
    async with App[None]().run_test(size=(80, 24)) as pilot:
        pilot.app.push_screen(LinkScreen(LINK, code_first=True))
        await pilot.pause()
        code, closes = pilot.app.screen.query(Static)
        assert str(closes.render()) == "escape closes"
        assert code.region.bottom == closes.region.y < 24


async def test_c_copies_through_the_terminal() -> None:
    async with App[None]().run_test() as pilot:
        pilot.app.push_screen(LinkScreen(LINK))
        await pilot.pause()
        await pilot.press("c")
        assert pilot.app.clipboard == LINK
        await pilot.press("escape")
        assert not isinstance(pilot.app.screen, LinkScreen)


async def test_marked_rows_are_the_link_and_nothing_else() -> None:
    async with App[None]().run_test(size=(60, 24)) as pilot:
        pilot.app.screen.mount(Static("behind " * 500))
        pilot.app.push_screen(LinkScreen(LINK))
        await pilot.pause()
        rows = [
            "".join(part.text for part in row)
            for row in pilot.app.screen._compositor.render_strips()
        ]
        first = next(number for number, row in enumerate(rows) if "https://" in row)
        assert "".join("".join(rows[first : first + 2]).split()) == LINK


@pytest.mark.parametrize(("value", "hint"), [("", False), ("socket,1,0", True)])
async def test_tmux_may_not_pass_the_copy_on(value: str, hint: bool, monkeypatch) -> None:
    monkeypatch.setenv("TMUX", value)
    async with App[None]().run_test() as pilot:
        pilot.app.push_screen(LinkScreen(LINK))
        await pilot.pause()
        await pilot.press("c")
        said = next(note.message for note in pilot.app._notifications)
        assert ("set-clipboard" in said) == hint
