from __future__ import annotations

from showing import intents, screen, shown, written

from rooms.events import FileFailed, FileProgress
from tui.widgets.chat import ChatPanel
from tui.widgets.chat_input import ChatInput


async def test_a_file_is_one_line_that_says_how_far_it_is(call, someone) -> None:
    async with shown(call, (100, 30)) as pilot:
        call.arrive(someone(1, "Ada"))
        fields = call.files.announce(1, "report.pdf", 1_200_000)
        await pilot.pause()
        assert "Ada sends report.pdf (1.2 MB)" in written(pilot)
        call.emit(FileProgress(**fields, done=600_000))
        await pilot.pause()
        assert "(1.2 MB) · 50 %" in written(pilot)
        call.files.finish(fields)
        await pilot.pause()
        assert "(1.2 MB) · /save 1" in written(pilot)
        assert written(pilot).count("report.pdf") == 1


async def test_a_file_that_fails_says_so_in_its_line(call, someone) -> None:
    async with shown(call, (100, 30)) as pilot:
        call.arrive(someone(1, "Ada"))
        fields = call.files.announce(1, "report.pdf", 1)
        call.emit(FileFailed(**fields, reason="incomplete"))
        await pilot.pause()
        assert "report.pdf (1 B) · failed: part of it is missing" in written(pilot)
        assert written(pilot).count("report.pdf") == 1


async def test_keys_ask_for_the_file_and_save_the_last(call, someone) -> None:
    async with shown(call, (100, 30)) as pilot:
        call.arrive(someone(1, "Ada"))
        call.files.come(1, "report.pdf")
        await pilot.press("S")
        await pilot.pause()
        assert "Saved: here" in written(pilot)
        await pilot.press("F")
        assert screen(pilot).query_one(ChatInput).value == "/file "
        await pilot.press("x", "enter")
    assert intents(call) == [("save", "1", ""), ("send file", "x")]


async def test_a_file_that_comes_while_one_looks_elsewhere_is_counted(call, someone) -> None:
    async with shown(call, (100, 30)) as pilot:
        call.arrive(someone(1, "Ada"))
        pilot.app.app_focus = False
        call.files.come(1, "report.pdf")
        await pilot.pause()
        assert "1 new" in str(screen(pilot).query_one(ChatPanel).border_title)


async def test_names_of_files_are_never_markup(call, someone) -> None:
    async with shown(call, (100, 30)) as pilot:
        call.arrive(someone(1, "[b]Ada[/b]"))
        call.files.come(1, "[red]x[/red].pdf")
        await pilot.pause()
        assert "[b]Ada[/b] sends [red]x[/red].pdf" in written(pilot)
