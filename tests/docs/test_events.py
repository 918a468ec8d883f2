"""The events scripts get are written down as they are: in words, and as a JSON Schema.

`python tests/docs/test_events.py` writes the schema anew.
"""

from __future__ import annotations

import json
import re
import typing
from pathlib import Path

import msgspec

from rooms.events import AnyEvent, Participant
from tui.conditions import ABOUT

DOCS = Path(__file__).resolve().parents[2] / "docs"
SCHEMA = DOCS / "events.schema.json"
PAGE = (DOCS / "scripting.md").read_text()
TABLE = PAGE.partition("\n## Events\n")[2].partition("\n## ")[0]
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in TABLE.splitlines()
    if line.startswith("| `")
][1:]


def schema() -> str:
    """Return the schema as its file holds it."""
    described = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Events of sotto --jsonl, version 1",
        **msgspec.json.schema(AnyEvent),
    }
    return json.dumps(described, indent=1, sort_keys=True) + "\n"


def words(cell: str) -> list[str]:
    return re.findall(r"`(\w+)`", re.sub(r"\([^)]*\)", "", cell))


def test_the_schema_is_that_of_the_code() -> None:
    assert SCHEMA.read_text() == schema()


def test_every_event_and_field_is_in_the_table() -> None:
    written = {words(row[0])[0]: set(words(row[1])) for row in ROWS}
    assert written == {
        kind.__struct_config__.tag: set(kind.__struct_fields__) - {"v", "time"}
        for kind in typing.get_args(AnyEvent)
    }


def test_what_a_value_is_compared_with_is_in_the_table() -> None:
    written = {words(row[0])[0]: row[2].strip("`") for row in ROWS}
    assert {event: field for event, field in written.items() if field} == {
        event: "its name" if field == "participant" else field for event, field in ABOUT.items()
    }


def test_everything_about_a_participant_is_written_down() -> None:
    for field in Participant.__struct_fields__:
        assert f"`{field}`" in TABLE


if __name__ == "__main__":
    SCHEMA.write_text(schema())
