"""`docs/scripting.md` is true: every verb, field and error of the control socket is in it."""

from __future__ import annotations

import inspect
import os
import re
import subprocess
import sys
import typing
from pathlib import Path

import pytest
from needing import need

from e2ee.errors import SottovoceError
from tui import conduct, hooks, talking, writer
from tui import errors as action_errors
from tui.cli.commands import EXITS
from tui.cli.exits import Exit
from tui.ctl import errors, following, push, schema, serving
from tui.ctl.typed import VERBS as TYPED
from tui.ctl.verbs import VERBS

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "scripting.md").read_text()
FLAT = " ".join(PAGE.split())
CTL = PAGE.partition("\n## `sotto ctl`\n")[2].partition("\n## ")[0]
SOCKET = PAGE.partition("\n## The control socket\n")[2]
ROWS = re.findall(r"^\| (`.+?`) \|(.*?)\|(.*)\|$", SOCKET.partition("| property")[0], re.MULTILINE)
VERB_ROWS = [(verb, row[1], row[2]) for row in ROWS[1:] for verb in re.findall(r"`(\w+)`", row[0])]
PROPERTY_ROWS = re.findall(
    r"^\| (`.+?`) \|.*\|$", SOCKET.partition("| property")[2].partition("| `code`")[0], re.MULTILINE
)
NOT_ANSWERED = (
    *(errors.ControlError, errors.ToldError),
    *(errors.NoSocketError, errors.NoCallError, errors.WhichCallError, errors.SilentCallError),
)
"""What only whoever asks can find out."""


def words(cell: str) -> list[str]:
    bare = re.sub(r"\([^)]*\)", "", cell)
    return re.findall(r"`(\w+)`", bare)


def codes_of(module: object) -> set[str]:
    kinds = [kind for _, kind in inspect.getmembers(module, inspect.isclass)]
    mine = {kind for kind in kinds if issubclass(kind, SottovoceError)} - {SottovoceError}
    return {kind.code for kind in mine - set(NOT_ANSWERED)}


def test_every_verb_and_field_is_written_down() -> None:
    assert {row[0] for row in VERB_ROWS} == set(VERBS)
    for verb, request, result in VERB_ROWS:
        own = words(request)
        if verb == "verify":
            answer = schema.Compared if own else schema.Code
            assert set(own) <= {"same", "epoch"}
        else:
            answer = typing.get_type_hints(VERBS[verb].act)["return"]
            assert own == list(VERBS[verb].request.__struct_fields__[3:]), verb
        if verb != "status":
            assert words(result) == list(answer.__struct_fields__), verb


def test_every_property_is_written_down() -> None:
    written = [name for row in PROPERTY_ROWS for name in words(row)]
    assert len(written) == len(set(written))
    assert set(written) == set(following.PROPERTIES)
    assert set(schema.Status.__struct_fields__) == {*written, "words"}
    assert "status` | | the properties below, and `words`" in SOCKET


def test_every_verb_can_be_typed_as_it_is_written_down() -> None:
    written = set(re.findall(r"`(\w+)", CTL))
    assert set(TYPED) <= written


def test_every_exit_code_of_ctl_is_one_of_all_commands() -> None:
    line = CTL.partition("Exit codes are those of every command: ")[2].partition("\n\n")[0]
    assert {int(code) for code in re.findall(r"\b(\d+) [a-z]", line)} == {1, 2, 4, 6, 7, 124}
    assert set(EXITS) >= {1, 2, 4, 6, 7, 124}


def test_every_error_a_call_answers_with_is_written_down() -> None:
    written = re.findall(r"^\| `((?:control|action)\.\w+)` \|", PAGE, re.MULTILINE)
    assert set(written) == codes_of(errors) | codes_of(action_errors)


def test_every_bound_is_written_down() -> None:
    assert f"at most {schema.MAX_REQUEST} bytes a request" in FLAT
    assert f"more than {serving.RATE:g} requests a second" in FLAT
    assert f"({serving.BURST:g} at once), or {serving.CONNECTIONS} connections" in FLAT
    assert f"asks nothing for {serving.SILENCE:g} s ends" in FLAT
    assert f"version {schema.VERSION} of this schema" in FLAT
    assert f"followed at once, {following.REQUESTS} at most" in FLAT
    assert f"is {serving.BACKLOG} bytes behind" in FLAT
    assert f"{push.LIMIT:g} s after the last `talk on` you are muted again" in FLAT
    assert f"for {talking.LONGEST:g} s at most" in FLAT


def test_the_events_that_are_kept_back_are_written_down() -> None:
    kept = FLAT.partition("are all [events](#events) but ")[2].partition(".")[0]
    assert set(words(kept)) == following.SECRET


def test_every_exit_code_is_written_down_as_in_the_help() -> None:
    written = dict(re.findall(r"^\| (\d+) \| (.*) \|$", PAGE, re.MULTILINE))
    assert {int(code): words for code, words in written.items()} == EXITS
    assert EXITS.keys() == {int(code) for code in Exit}


def test_the_bounds_of_commands_are_written_down() -> None:
    assert hooks.AT_ONCE == 8
    assert (
        f"Eight run at once, so that they may overtake each other, and {hooks.WAITING} wait" in FLAT
    )
    assert f"A command has {hooks.GRACE:g} s after the end" in FLAT
    assert f"| {writer.MOST} lines wait for the reader" in FLAT
    assert f"waits {conduct.LEAVE_GRACE:g} s at most" in FLAT


@pytest.mark.slow
def test_the_quick_start_goes_as_it_stands(tmp_path: Path) -> None:
    need("jq", "espeak-ng")
    sotto = tmp_path / "sotto"
    sotto.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m tui.cli "$@"\n')
    sotto.chmod(0o755)
    script = PAGE.partition("## Quick start\n```sh\n")[2].partition("```")[0]
    environment = {"HOME": str(tmp_path), "SOTTO_CONFIG_DIR": str(tmp_path / "kept")}
    done = subprocess.run(
        ["sh", "-euc", f"{script}\nwait"],
        cwd=tmp_path,
        env={**os.environ, **environment, "PATH": f"{tmp_path}:{os.environ['PATH']}"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "The build is green.\n"
    assert "- robot: The build is green.\n- robot left.\n" in done.stderr
    assert "- Host: Thank you.\n" in done.stderr
    assert "sotto:" not in done.stderr
