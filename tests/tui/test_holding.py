from __future__ import annotations

from scripted import own

from tui.conduct import Limits, Outcome, Stop
from tui.holding import Holding


async def test_leaving_on_the_screen_ends_this_call_and_nothing_else(call) -> None:
    everything = Stop()
    holding = Holding(call.opened, Limits(), Stop(everything), own())
    holding.screen.attach = lambda _: None
    opened: list[object] = []

    def then_leave(one: object) -> None:
        opened.append(one)
        holding.leave()

    assert await holding.run(then_leave) == Outcome()
    assert opened == [call]
    assert everything.outcome is None
