"""`docs/scripting.md` is true: every verb, field and error of the control socket is in it."""

from __future__ import annotations

import re
from pathlib import Path

from tui import conduct, hooks
from tui.cli.commands import EXITS
from tui.cli.exits import Exit
from tui.ctl import errors, schema, serving
from tui.ctl.verbs import VERBS

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "scripting.md").read_text()
FLAT = " ".join(PAGE.split())
SOCKET = PAGE.partition("\n## The control socket\n")[2]
VERB_ROWS = re.findall(r"^\| `(\w+)` \|(.*?)\|(.*)\|$", SOCKET, re.MULTILINE)[1:]
RESULTS = {
    ("status", False): schema.Status,
    ("verify", False): schema.Code,
    ("verify", True): schema.Compared,
}


def words(cell: str) -> list[str]:
    bare = re.sub(r"\([^)]*\)", "", cell)
    return re.findall(r"`(\w+)`", bare)


def test_every_verb_and_field_is_written_down() -> None:
    assert {row[0] for row in VERB_ROWS} == set(VERBS)
    for verb, request, result in VERB_ROWS:
        own = words(request)
        assert set(own) <= set(VERBS[verb].request.__struct_fields__[3:])
        assert words(result) == list(RESULTS[verb, bool(own)].__struct_fields__)
    asked = {field for verb, request, _ in VERB_ROWS for field in words(request)}
    assert asked == {name for verb in VERBS.values() for name in verb.request.__struct_fields__[3:]}


def test_every_error_a_call_answers_with_is_written_down() -> None:
    written = re.findall(r"^\| `(control\.\w+)` \|", PAGE, re.MULTILINE)
    assert set(written) == set(errors._BY_CODE)


def test_every_bound_is_written_down() -> None:
    assert f"at most {schema.MAX_REQUEST} bytes a request" in FLAT
    assert f"more than {serving.RATE:g} requests a second" in FLAT
    assert f"({serving.BURST:g} at once), or {serving.CONNECTIONS} connections" in FLAT
    assert f"asks nothing for {serving.SILENCE:g} s ends" in FLAT
    assert f"version {schema.VERSION} of this schema" in FLAT


def test_every_exit_code_is_written_down_as_in_the_help() -> None:
    written = dict(re.findall(r"^\| (\d+) \| (.*) \|$", PAGE, re.MULTILINE))
    assert {int(code): words for code, words in written.items()} == EXITS
    assert EXITS.keys() == {int(code) for code in Exit}


def test_the_bounds_of_commands_are_written_down() -> None:
    assert hooks.AT_ONCE == 8
    assert f"Eight run at once and {hooks.WAITING} wait" in FLAT
    assert f"A command has {hooks.GRACE:g} s after the end" in FLAT
    assert f"waits {conduct.LEAVE_GRACE:g} s at most" in FLAT
