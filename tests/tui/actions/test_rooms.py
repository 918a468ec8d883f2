from __future__ import annotations

from tui.actions import BY_ID, GROUPS, ROOMS


def test_every_action_has_a_key_of_its_own_and_words() -> None:
    assert len({action.key for action in ROOMS}) == len(ROOMS)
    assert all(action.title and action.help and action.group in GROUPS for action in ROOMS)


def test_what_has_the_name_of_an_action_of_the_call_is_that_action() -> None:
    assert all(BY_ID.get(action.id, action) is action for action in ROOMS)
