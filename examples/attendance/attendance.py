#!/usr/bin/env python3
"""Usage: sotto tail LINK | attendance.py: who was there, for how long, and who spoke; as a table.

One line a person, when the call or the input ends. Nothing but the events is needed.
"""

import json
import sys
from collections import defaultdict
from datetime import datetime, timedelta


class Attendance:
    """Adds up times; two people of one name are told apart by their keys."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}
        self.keys: dict[int, str] = {}
        self.since: dict[tuple[str, str], datetime] = {}
        self.total: defaultdict[tuple[str, str], timedelta] = defaultdict(timedelta)

    def on_event(self, event: dict) -> None:
        now = datetime.fromisoformat(event["time"])
        match event:
            case {"event": "joined", "participants": people}:
                for person in people:
                    self.came(person, now)
            case {"event": "participant_joined", "participant": person}:
                self.came(person, now)
            case {"event": "participant_left", "leaf": leaf}:
                key = self.keys.pop(leaf)
                self.end("here", key, now)
                self.end("speaking", key, now)
            case {"event": "speaking", "leaf": leaf, "on": True} if leaf in self.keys:
                self.since.setdefault(("speaking", self.keys[leaf]), now)
            case {"event": "speaking", "leaf": leaf} if leaf in self.keys:
                self.end("speaking", self.keys[leaf], now)
            case {"event": "ended"}:
                for what, key in list(self.since):
                    self.end(what, key, now)

    def came(self, person: dict, now: datetime) -> None:
        key = person["fingerprint"]
        if not person["me"]:
            self.names[key] = person["name"]
            self.keys[person["leaf"]] = key
            self.since.setdefault(("here", key), now)

    def end(self, what: str, key: str, now: datetime) -> None:
        began = self.since.pop((what, key), now)
        self.total[what, key] += now - began

    def table(self) -> str:
        rows = [("name", "here", "spoke")]
        for key, name in sorted(self.names.items(), key=lambda item: item[1]):
            spans = (self.total[what, key] for what in ("here", "speaking"))
            rows.append((name, *(str(timedelta(seconds=round(s.total_seconds()))) for s in spans)))
        return "\n".join(f"{name:<24} {here:>9} {spoke:>9}" for name, here, spoke in rows)


def main() -> None:
    attendance = Attendance()
    for line in sys.stdin:
        attendance.on_event(json.loads(line))
    print(attendance.table())


main()
