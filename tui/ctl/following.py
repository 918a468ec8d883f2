"""Tells whoever asked what happens in a call: its events, and what changes of its properties."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, get_args

import msgspec

from rooms.events import AnyEvent
from tui.ctl.errors import BusyError, RequestError
from tui.ctl.properties import properties
from tui.ctl.schema import VERSION, Changed, Properties, RequestId, Told
from tui.ports import CallPort

Tell = Callable[[bytes], None]
"""Passes a line to one connection, at once or not at all. Never raises."""

SECRET: Final = frozenset({"hosting", "passcode", "verification_code"})
"""Kinds of events that hold what lets somebody in, or what people are recognized by."""
KINDS: Final = tuple(
    kind for event in get_args(AnyEvent) if (kind := str(event.__struct_config__.tag)) not in SECRET
)
PROPERTIES: Final = Properties.__struct_fields__
REQUESTS: Final = 8
"""Requests of one connection that are followed at once."""

_encode: Final = msgspec.json.Encoder().encode


@dataclass
class _Follower:
    """Who is told, under which id: `kinds` of events, or properties, `told` so last."""

    tell: Tell
    request_id: RequestId
    kinds: frozenset[str]
    told: dict[str, Any]


class Follow:
    """Everybody who is told about one call."""

    def __init__(self, call: CallPort, number: int) -> None:
        self._call, self._number = call, number
        self._followers: list[_Follower] = []
        self._due = False
        call.listen(self._on_event)

    def events(self, tell: Tell, request_id: RequestId, kinds: Sequence[str]) -> list[str]:
        """Tell events of these kinds (by default of all); return which. Raises `ControlError`."""
        chosen = _chosen(kinds, KINDS, "event")
        self._add(_Follower(tell, request_id, frozenset(chosen), {}))
        return chosen

    def observe(self, tell: Tell, request_id: RequestId, names: Sequence[str]) -> dict[str, Any]:
        """Tell changes of these properties; return what they are. Raises `ControlError`."""
        chosen = _chosen(names, PROPERTIES, "property")
        now = _values(properties(self._call, self._number))
        values = {name: now[name] for name in chosen}
        self._add(_Follower(tell, request_id, frozenset(), values))
        return values

    def follows(self, tell: Tell) -> bool:
        """Return whether this connection is told anything."""
        return any(follower.tell == tell for follower in self._followers)

    def drop(self, tell: Tell) -> None:
        """Tell this connection nothing more."""
        self._followers = [each for each in self._followers if each.tell != tell]

    def look(self) -> None:
        """Tell what changed, soon, once for all that changes until then."""
        if self._followers and not self._due:
            self._due = True
            asyncio.get_running_loop().call_soon(self._look)

    def _add(self, follower: _Follower) -> None:
        if sum(each.tell == follower.tell for each in self._followers) >= REQUESTS:
            raise BusyError(f"one connection follows {REQUESTS} requests at most")
        self._followers.append(follower)

    def _on_event(self, event: AnyEvent) -> None:
        kind = str(event.__struct_config__.tag)
        followers = [each for each in self._followers if kind in each.kinds]
        if followers and (encoded := _encoded(event)) is not None:
            for each in followers:
                each.tell(_encode(Told(VERSION, each.request_id, encoded)) + b"\n")
        self.look()

    def _look(self) -> None:
        self._due = False
        observers = [each for each in self._followers if each.told]
        now = _values(properties(self._call, self._number)) if observers else {}
        for each in observers:
            change = {name: now[name] for name, old in each.told.items() if now[name] != old}
            if change:
                each.told |= change
                each.tell(_encode(Changed(VERSION, each.request_id, change)) + b"\n")


def _encoded(event: AnyEvent) -> msgspec.Raw | None:
    """Return an event as JSON; None if it quotes a path or a device that is no text."""
    try:
        return msgspec.Raw(_encode(event))
    except UnicodeEncodeError:
        return None


def _values(seen: Properties) -> dict[str, Any]:
    return {name: getattr(seen, name) for name in PROPERTIES}


def _chosen(asked: Sequence[str], there_are: Sequence[str], what: str) -> list[str]:
    if not set(asked) <= set(there_are):
        raise RequestError(f"there is no such {what}", hint=f"there are: {', '.join(there_are)}")
    return list(dict.fromkeys(asked)) or list(there_are)
