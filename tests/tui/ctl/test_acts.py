from __future__ import annotations

from tui.actions import BY_ID
from tui.ctl.acts import ACTS

ASIDE = {"people", "status", "help", "verify", "chat", "talk"}
"""Actions in whose place there is a verb that answers in values, or takes more."""
SHOWN = {"link", "passcode", "admit_all"}
"""What is shown on the call's own face only."""


def test_whatever_needs_no_screen_and_is_no_secret_can_be_asked_for() -> None:
    able = {action.id for action in BY_ID.values() if action.act is not None}
    assert able - {action.id for action, _ in ACTS.values()} == ASIDE | SHOWN


def test_a_verb_is_called_as_its_action_or_means_one_thing() -> None:
    own_names = {name for name, (action, _) in ACTS.items() if name != action.id}
    assert own_names == {"unmute", "toggle", "video"}
    for action, fixed in ACTS.values():
        assert action.act is not None
        assert fixed is not None or action.argument
