from __future__ import annotations

from tui.actions import view
from tui.keys import perform


def test_what_only_a_screen_can_do_says_so_elsewhere(call) -> None:
    for action in (view.CHAT, view.COMMAND, view.PALETTE, view.HELP):
        assert perform(call, action.command) == f"{action.command} needs a screen."
