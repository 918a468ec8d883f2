"""A screen whose keys and palette carry out actions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import cast

from textual.binding import Binding, BindingType

from tui.actions import DIGITS, Action
from tui.keymap import DEFAULT, Keymap
from tui.unhurried import UnhurriedScreen


def bindings(actions: Sequence[Action]) -> list[BindingType]:
    """Return what binds the actions to their own keys; a keymap of the application changes them."""
    bound: list[BindingType] = []
    for action in actions:
        if action.held:
            continue
        key = action.key or f"unbound-{action.id}"
        bound.append(Binding(key, f"do('{action.id}')", id=action.id))
        if action.digits:
            bound += [Binding(digit, f"do('{action.id}', '{digit}')") for digit in DIGITS]
    return bound


class ActingScreen(UnhurriedScreen[None]):
    """Carries out its actions. What each does on it, `does` says by id, with its argument."""

    def __init__(self, actions: Sequence[Action]) -> None:
        super().__init__()
        self.actions = tuple(actions)
        self.does: Mapping[str, Callable[[str], None]] = {}

    @property
    def keymap(self) -> Keymap:
        """The keys there are: those of the application, or the actions' own."""
        return cast("Keymap", getattr(self.app, "keymap", DEFAULT))

    def action_do(self, name: str, argument: str = "") -> None:
        """Carry out the action with this id, on what is marked or shown if nothing is named."""
        self.carry_out(name, argument)

    def carry_out(self, name: str, argument: str = "") -> None:
        """Do what the action with this id says."""
        self.does[name](argument)
