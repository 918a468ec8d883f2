from __future__ import annotations

import pytest
from textual.app import App, ComposeResult

from tui.widgets.meter import STOPPED, Meter, bar


@pytest.mark.parametrize("width", [1, 6, 20, 77])
@pytest.mark.parametrize("level", [None, -1.0, 0.0, 0.3, 0.99, 1.0, 7.0])
def test_a_bar_is_exactly_as_wide_as_it_is_asked_to_be(level: float | None, width: int) -> None:
    assert bar(level, width).cell_length == width


def test_louder_is_longer_and_a_stopped_device_is_no_silence() -> None:
    lengths = [bar(level, 20).plain.count("█") for level in (0.0, 0.25, 0.5, 1.0)]
    assert lengths == [0, 5, 10, 20]
    assert bar(None, 20).plain.startswith(STOPPED)
    assert STOPPED not in bar(0.0, 20).plain


class Metered(App[None]):
    def compose(self) -> ComposeResult:
        yield Meter("microphone")


async def test_a_meter_draws_what_it_is_shown() -> None:
    async with Metered().run_test(size=(41, 5)) as pilot:
        meter = pilot.app.query_one(Meter)
        assert STOPPED in meter.render().plain
        meter.show(1.0)
        assert meter.render().plain == "microphone " + "█" * 28
