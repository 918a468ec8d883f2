"""Which key does what: the actions' own keys, and those the person chose instead."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import Final

from e2ee.errors import Fault, SottovoceError
from tui.actions import ACTIONS, DIGITS, Action, key_name


class KeymapError(SottovoceError):
    """The keys a person chose cannot all be had."""

    code = "face.keys"
    fault = Fault.PERSON


class Keymap:
    """The key of each action, as Textual names it. Raises `KeymapError` if two would be one.

    `chosen` maps ids of actions to keys; an empty key takes an action its own.
    """

    def __init__(
        self, chosen: Mapping[str, str] | None = None, actions: Sequence[Action] = ACTIONS
    ) -> None:
        self.chosen = dict(chosen or {})
        known = [action.id for action in actions]
        for name in self.chosen:
            if name not in known:
                raise KeymapError(f"there is no action {name!r} to have a key", hint=_near(name))
        self._keys = {action.id: self.chosen.get(action.id, action.key) for action in actions}
        self._digits = {action.id for action in actions if action.digits}
        self._check_once()

    def _check_once(self) -> None:
        owners = {digit: name for name in self._digits for digit in DIGITS}
        for name, key in self._keys.items():
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


def _near(name: str) -> str:
    close = difflib.get_close_matches(name, [action.id for action in ACTIONS], 1)
    return f"did you mean {close[0]!r}?" if close else "sotto's /help lists the actions"


DEFAULT: Final = Keymap()
