"""Which key does what: the actions' own keys, and those the person chose instead."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import Final

from e2ee.errors import Fault, SottovoceError
from tui.actions import ACTIONS, DIGITS, ROOMS, Action, key_name

TABLES: Final = (ACTIONS, ROOMS)
"""The actions of each screen that has any: one key may mean something else on another screen."""


class KeymapError(SottovoceError):
    """The keys a person chose cannot all be had."""

    code = "face.keys"
    fault = Fault.PERSON


class Keymap:
    """The key of each action, as Textual names it. Raises `KeymapError` if two would be one.

    `chosen` maps ids of actions to keys; an empty key takes an action its own.
    """

    def __init__(self, chosen: Mapping[str, str] | None = None, *tables: Sequence[Action]) -> None:
        self.chosen = dict(chosen or {})
        tables = tables or TABLES
        own = {action.id: action.key for actions in tables for action in actions}
        for name in self.chosen:
            if name not in own:
                raise KeymapError(
                    f"there is no action {name!r} to have a key", hint=_near(name, list(own))
                )
        self._keys = {**own, **self.chosen}
        self._digits = {action.id for actions in tables for action in actions if action.digits}
        for actions in tables:
            self._check_once(actions)

    def _check_once(self, actions: Sequence[Action]) -> None:
        names = [action.id for action in actions]
        owners = {digit: name for name in self._digits.intersection(names) for digit in DIGITS}
        for name in names:
            key = self._keys[name]
            if key and key in owners:
                raise KeymapError(
                    f"{name} and {owners[key]} both have the key {key_name(key)}",
                    hint="choose another one in the settings, under [keys]",
                )
            owners[key] = name

    def key(self, name: str) -> str:
        """Return the key of the action with this id, as Textual names it; empty for none."""
        return self._keys[name]

    def name(self, name: str) -> str:
        """Return the key of the action with this id, as it is written on a keyboard."""
        if name in self._digits and not self._keys[name]:
            return f"{DIGITS[0]}-{DIGITS[-1]}"
        return key_name(self._keys[name])


def _near(name: str, known: Sequence[str]) -> str:
    close = difflib.get_close_matches(name, known, 1)
    return f"did you mean {close[0]!r}?" if close else "sotto's /help lists the actions"


DEFAULT: Final = Keymap()
