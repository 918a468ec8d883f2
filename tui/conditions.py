"""An event that is waited for, by name and what it is about: `chat=done`, `speaking=Ada`. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, get_args

from rooms.events import AnyEvent, Participant

KINDS: Final = {kind.__struct_config__.tag: kind for kind in get_args(AnyEvent)}
"""Every event by its name."""
ABOUT: Final = {
    "passcode": "reason",
    "knocking": "server",
    "knock": "name",
    "refused": "code",
    "joined": "suite",
    "reconnecting": "reason",
    "participant_joined": "participant",
    "participant_left": "name",
    "key_changed": "name",
    "chat": "text",
    "reaction": "emoji",
    "file_offered": "file_name",
    "file_progress": "file_name",
    "file_done": "file_name",
    "file_failed": "file_name",
    "mute_state": "name",
    "camera_state": "name",
    "recording": "name",
    "bot": "name",
    "speaking": "name",
    "first_audio": "name",
    "first_picture": "name",
    "e2ee_state": "state",
    "quality": "quality",
    "input_ended": "kind",
    "note": "text",
    "error": "code",
    "ended": "code",
}
"""The field a value is compared with; of a participant that is its name. Others take no value."""
_WRITTEN: Final = re.compile(r"(?P<event>\w+)(?:(?P<how>[=~])(?P<value>.*))?", re.DOTALL)


@dataclass(frozen=True)
class Condition:
    """An event, and what its field is (`=`) or contains (`~`), if that matters."""

    event: str
    how: str = ""
    value: str = ""

    @classmethod
    def parse(cls, text: str) -> Condition:
        """Return what `EVENT`, `EVENT=VALUE` or `EVENT~PART` means. Raises `ValueError`."""
        found = _WRITTEN.fullmatch(text)
        if found is None or found["event"] not in KINDS:
            raise ValueError(f"{text!r} is no event; there are: {', '.join(sorted(KINDS))}")
        if found["how"] and found["event"] not in ABOUT:
            raise ValueError(f"{found['event']} has nothing a value is compared with")
        return cls(found["event"], found["how"] or "", found["value"] or "")

    def __str__(self) -> str:
        return f"{self.event}{self.how}{self.value}"

    def met_by(self, event: AnyEvent) -> bool:
        """Whether an event is the one; what we wrote or changed ourselves is not."""
        if not isinstance(event, KINDS[self.event]) or getattr(event, "mine", False):
            return False
        return not self.how or self._compares(_about(event, ABOUT[self.event]))

    def _compares(self, about: str) -> bool:
        return about == self.value if self.how == "=" else self.value in about


def _about(event: AnyEvent, field: str) -> str:
    value: object = getattr(event, field)
    return value.name if isinstance(value, Participant) else str(value)
