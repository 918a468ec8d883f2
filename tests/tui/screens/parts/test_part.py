from __future__ import annotations

from scripted import own
from showing import screen, shown

from tui.screens.parts import PARTS
from tui.screens.parts.part import Part
from tui.widgets.statusline import StatusLine


async def test_a_part_sees_the_call_and_the_widgets_of_its_screen(call) -> None:
    async with shown(call) as pilot:
        part = Part(screen(pilot))
        assert part.call is call
        assert part.widget(StatusLine).status.facts.phase == "in"
        assert part.does == {}


def test_no_two_parts_do_the_same_action() -> None:
    from tui.screens.call import CallScreen

    names = [name for kind in PARTS for name in kind(CallScreen(own(), lambda: None)).does]
    assert len(set(names)) == len(names)
