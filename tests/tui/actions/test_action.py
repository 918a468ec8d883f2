from __future__ import annotations

import pytest

from tui.actions import ACTIONS, BY_ID, GROUPS, key_name


def test_every_action_has_its_own_key_and_command_and_words() -> None:
    keys = [action.key for action in ACTIONS if action.key]
    assert len(set(keys)) == len(keys)
    assert len({action.command for action in ACTIONS}) == len(ACTIONS) == len(BY_ID)
    assert all(action.title and action.help and action.group in GROUPS for action in ACTIONS)


def test_keys_are_names_textual_knows() -> None:
    from textual.keys import Keys, _character_to_key

    printable = (chr(code) for code in range(33, 127))
    known = {key.value for key in Keys} | {_character_to_key(c) for c in printable}
    assert {action.key for action in ACTIONS if action.key} <= known


@pytest.mark.parametrize(
    ("key", "shown"), [("m", "m"), ("question_mark", "?"), ("ctrl+p", "^p"), ("enter", "enter")]
)
def test_a_key_is_shown_as_it_is_written_on_a_keyboard(key: str, shown: str) -> None:
    assert key_name(key) == shown
