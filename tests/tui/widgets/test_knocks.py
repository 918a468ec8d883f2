from __future__ import annotations

from textual.app import App, ComposeResult

import tui.widgets.knocks as module
from tui.widgets.knocks import KnockBanner, banner


class Shown(App[None]):
    def compose(self) -> ComposeResult:
        yield KnockBanner()


def test_it_shows_name_key_and_keys_to_press(knocker) -> None:
    text = banner(knocker(1, "[b]Ada[/b]", "changed"), 2).plain
    assert "[b]Ada[/b] wants to come in" in text
    assert "KEY CHANGED" in text
    assert "SHA256:[b]Ada[/b]" in text
    assert "2 more" in text
    assert "a admit" in text


async def test_it_is_there_only_while_somebody_knocks(knocker) -> None:
    async with Shown().run_test() as pilot:
        shown = pilot.app.query_one(KnockBanner)
        assert not shown.display
        shown.show([knocker(1, "Ada", "changed"), knocker(2, "Grace")])
        assert shown.display
        assert shown.has_class("-changed")
        shown.show([knocker(2, "Grace")])
        assert not shown.has_class("-changed")
        shown.show([])
        assert not shown.display
        assert shown.answerable is None


async def test_a_knock_that_appears_under_the_finger_is_not_answered(knocker, monkeypatch) -> None:
    now = [100.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    banner_widget = KnockBanner()
    first, second = knocker(1, "Ada"), knocker(2, "Mallory")
    banner_widget.show([first, second])
    assert banner_widget.answerable is None
    now[0] += 1
    assert banner_widget.answerable == first
    banner_widget.show([second])
    assert banner_widget.answerable is None
    now[0] += 1
    banner_widget.show([second, knocker(3, "Bob")])
    assert banner_widget.answerable == second
