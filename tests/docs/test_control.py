"""The control socket is written down as it is, as a JSON Schema, and what it answers fits that.

`python tests/docs/test_control.py` writes the schema anew.
"""

from __future__ import annotations

import json
import typing
from pathlib import Path
from typing import Any

import msgspec

from tui.ctl import schema
from tui.ctl.verbs import VERBS

FILE = Path(__file__).resolve().parents[2] / "docs" / "control.schema.json"
TOLD = (schema.Answer, schema.Told, schema.Changed)


def results(verb: str) -> list[type[msgspec.Struct]]:
    """Return what a verb may answer."""
    told = typing.get_type_hints(VERBS[verb].act)["return"]
    return list(typing.get_args(told)) or [told]


def written() -> str:
    """Return the schema as its file holds it."""
    requests = [verb.request for verb in VERBS.values()]
    answers = [one for verb in VERBS for one in results(verb)]
    references, parts = msgspec.json.schema_components(
        [*requests, *answers, *TOLD], ref_template="#/$defs/{name}"
    )
    of = dict(zip([*requests, *answers, *TOLD], references))
    parts["Told"]["properties"]["event"] = {"$ref": "events.schema.json"}
    described = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"The control socket of sotto, version {schema.VERSION}",
        "description": "`asked` are the requests by verb, `result` what is answered, by verb too.",
        "anyOf": [of[one] for one in TOLD],
        "asked": {verb: of[VERBS[verb].request] for verb in VERBS},
        "result": {verb: {"anyOf": [of[one] for one in results(verb)]} for verb in VERBS},
        "$defs": parts,
    }
    return json.dumps(described, indent=1, sort_keys=True) + "\n"


def test_the_schema_is_that_of_the_code() -> None:
    assert FILE.read_text() == written()


def test_whatever_is_meant_by_the_schema_is_in_it() -> None:
    described = json.loads(FILE.read_text())

    def references(part: Any) -> typing.Iterator[str]:
        if isinstance(part, dict):
            yield from [part["$ref"]] if "$ref" in part else []
            for value in part.values():
                yield from references(value)
        elif isinstance(part, list):
            for value in part:
                yield from references(value)

    for reference in set(references(described)) - {"events.schema.json"}:
        assert reference.removeprefix("#/$defs/") in described["$defs"]
    assert (FILE.parent / "events.schema.json").exists()
    assert described["asked"]["talk"] == {"$ref": "#/$defs/TalkRequest"}
    assert len(described["result"]["verify"]["anyOf"]) == 2


if __name__ == "__main__":
    FILE.write_text(written())
