"""What a keyboard says beyond presses: repeats and releases, in kitty's protocol.

https://sw.kovidgoyal.net/kitty/keyboard-protocol/ . Textual's parser knows the protocol without
event types, and raises `ValueError` on them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final

from textual._xterm_parser import XTermParser
from textual.events import InputEvent, Key
from textual.keys import Keys
from textual.message import Message

from tui.pasting import PasteFilter

REPORT_EVENT_TYPES: Final = 0b10
"""The flag of progressive enhancement that asks for repeats and releases."""
ASK_EVENT_TYPES: Final = f"\x1b[={REPORT_EVENT_TYPES};2u\x1b[?u"
"""Set the flag beside those that are set, and ask which are."""
NO_EVENT_TYPES: Final = f"\x1b[={REPORT_EVENT_TYPES};3u"
"""Clear the flag, so that the release of the key that ends us is not typed into a shell."""

_EVENT: Final = re.compile(r"(\x1b\[[\d:]*;\d*):(\d+)((?:;[\d:]*)?[u~ABCDEFHPQRS])")
_FLAGS: Final = re.compile(r"\x1b\[\?(\d{1,4})u")
_ANY_KEY: Final = re.compile(r"\x1b\[[\d:;]+u")
_PRESS, _REPEAT, _RELEASE = "1", "2", "3"


class KeyRepeated(Key):
    """A key that is held: a press like any other to all who do not ask."""


KeyRepeated.handler_name = Key.handler_name


class KeyReleased(InputEvent):
    """A key was released. No `Key`: nothing that waits for a press takes it for one.

    It goes straight to the screen, and so may overtake a press that went to a widget first: the
    `time` of each says which came before.
    """

    def __init__(self, key: str) -> None:
        super().__init__()
        self.key = key


class KeyboardReports(Message):
    """The terminal's answer to which flags of progressive enhancement are set."""

    key = ""
    """Textual's parser looks at it in all that a sequence means."""

    def __init__(self, flags: int) -> None:
        super().__init__()
        self.releases = bool(flags & REPORT_EVENT_TYPES)


class KeyboardParser(XTermParser):
    """Textual's parser, with event types, pastes that press no keys, and no fatal sequence."""

    def __init__(self, debug: bool = False) -> None:
        super().__init__(debug)
        self._paste = PasteFilter()

    def feed(self, data: str) -> Iterable[Message]:
        """Yield what some input means; an empty one ends it."""
        kept = self._paste.through(data)
        return super().feed(kept) if kept or not data else ()

    def _sequence_to_key_events(self, sequence: str, alt: bool = False) -> Iterable[Any]:
        """Yield what a sequence means; nothing while it is not complete."""
        if flags := _FLAGS.fullmatch(sequence):
            yield KeyboardReports(int(flags[1]))
            return
        event = _EVENT.fullmatch(sequence)
        kind = event[2] if event else _PRESS
        for key in self._keys(event[1] + event[3] if event else sequence, alt):
            if key.key == Keys.Ignore or kind == _PRESS:
                yield key
            elif kind == _REPEAT:
                yield KeyRepeated(key.key, key.character)
            elif kind == _RELEASE:
                yield KeyReleased(key.key)
            else:
                yield Key(Keys.Ignore, sequence)

    def _keys(self, sequence: str, alt: bool) -> list[Key]:
        """Return the presses a sequence means; those that make no sense are ignored."""
        try:
            keys = list(super()._sequence_to_key_events(sequence, alt))
        except (ValueError, OverflowError):
            return [Key(Keys.Ignore, sequence)]
        if not keys and _ANY_KEY.fullmatch(sequence):
            return [Key(Keys.Ignore, sequence)]
        return keys
