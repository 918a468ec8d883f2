"""The rules of a room in words a person understands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from rooms.events import RoomState

RULES: Final = {
    "chat": "write",
    "recording": "record",
    "ai": "use an AI",
    "share": "show themselves",
    "stage": "come on stage",
}
"""What plain members may be allowed, in words that follow "may"."""


def rule_in_words(rule: str, allowed: bool) -> str:
    """Return what a rule says now."""
    return f"{'everybody' if allowed else 'only hosts and cohosts'} may {RULES[rule]}"


def rules_in_words(state: RoomState) -> str:
    """Return whether the room is locked, and all rules, one a line."""
    lines = ["The room is not locked: hosts and cohosts let people in."]
    if state.locked:
        lines = ["The room is locked: nobody but a host that comes back can come in."]
    for rule in RULES:
        allowed = state.policy[rule]
        lines.append(f"{rule} {'on' if allowed else 'off'}: {rule_in_words(rule, allowed)}")
    lines.append("Only chat, recording and share have an effect so far; the rest is not built.")
    return "\n".join(lines)
