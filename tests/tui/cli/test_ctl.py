from __future__ import annotations

import click
import pytest
from click.testing import CliRunner

from tui.cli.ctl import FIXED, command, usages
from tui.ctl.acts import ACTS
from tui.ctl.typed import VERBS


def test_help_lists_every_verb() -> None:
    lines = click.Context(command).get_help().splitlines()
    for verb in VERBS:
        assert any(line.startswith(f"  {verb} ") for line in lines)
    assert max(map(len, lines)) <= 80


def test_every_verb_says_what_it_takes() -> None:
    assert tuple(usages()) == VERBS
    assert usages()["volume"] == ("NAME PERCENT", "how loud somebody is")
    assert {name for name, (_, fixed) in ACTS.items() if fixed} <= set(FIXED)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("volume --help", "Usage: ctl volume [OPTIONS] NAME PERCENT"),
        ("2 mute --help", "Be heard no more."),
        ("Work say --help", "--reply-to ID"),
        ("--help", "[CALL] VERB [ARGUMENT...]"),
    ],
)
def test_a_verb_is_explained_with_a_call_or_without(words: str, said: str) -> None:
    assert said in CliRunner().invoke(command, words.split()).output


def test_what_is_followed_is_json_anyway() -> None:
    context = click.Context(command)
    plain = [verb for verb in VERBS if "as_json" not in _names(command.get_command(context, verb))]
    assert plain == ["events", "observe"]


def _names(verb: click.Command | None) -> set[str | None]:
    assert verb is not None
    return {parameter.name for parameter in verb.params}
