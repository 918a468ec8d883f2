"""The red banner: there while there is something to say, and plain text."""

from __future__ import annotations

from textual.app import App, ComposeResult

from tui.widgets.alarm import AlarmBanner


class Shown(App[None]):
    def compose(self) -> ComposeResult:
        yield AlarmBanner()


async def test_the_banner_is_there_while_there_is_something_to_say() -> None:
    async with Shown().run_test(size=(40, 10)) as pilot:
        banner = pilot.app.query_one(AlarmBanner)
        assert not banner.display
        assert banner.show("[red]Ada[/] has other keys", "until then")
        await pilot.pause()
        assert banner.display
        assert str(banner.render()) == "[red]Ada[/] has other keys\nuntil then"
        assert not banner.show("[red]Ada[/] has other keys", "until then")  # no news
        assert not banner.show("", "")
        await pilot.pause()
        assert not banner.display
        assert banner.show("[red]Ada[/] has other keys", "until then")  # again
