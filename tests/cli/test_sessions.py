"""Every `.txt` beside this file is a terminal session that goes exactly so (see README.md)."""

from __future__ import annotations

from pathlib import Path

import pytest
from playing import Stage
from sessions import is_slow, parse

FOLDER = Path(__file__).parent


def listed() -> list[object]:
    """Return the sessions; those that say `slow` are for the long run of tests."""
    return [
        pytest.param(path, id=path.stem, marks=[pytest.mark.slow] if is_slow(steps) else [])
        for path in sorted(FOLDER.glob("*.txt"))
        if (steps := parse(path.read_text()))
    ]


@pytest.mark.parametrize("path", listed())
def test_it_goes_as_it_is_written(path: Path, tmp_path: Path) -> None:
    stage = Stage(tmp_path, path.name)
    try:
        stage.play(parse(path.read_text()))
        assert stage.left_behind() == []
    finally:
        stage.close()


@pytest.mark.parametrize(
    "lines",
    [
        "$ echo one\n> two",
        "$ echo one",
        "$ true\n> anything",
        "$ sh -c 'echo one >&2'\n> one",
        "$ false",
        "$ true\n? 1",
        "$ echo one\n> $WORD\n$ echo two\n> $WORD",
        """$ echo '{"a": 1, "b": 2}'\n> {"a": 2}""",
        """$ echo '{"a": [1, 2]}'\n> {"a": [1]}""",
        "$ echo one &it\nit> two",
        "$ true &it\nit? 1",
        "$ sleep 100 &it",
    ],
)
def test_what_is_not_so_fails(lines: str, tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    try:
        with pytest.raises(AssertionError):
            stage.play(parse(lines))
    finally:
        stage.close()


def test_the_rules_are_as_the_readme_says(tmp_path: Path) -> None:
    text = (FOLDER / "README.md").read_text()
    example = text.partition("```text\n")[2].partition("```")[0]
    stage = Stage(tmp_path)
    try:
        stage.play(parse(example))
        assert stage.left_behind() == []
    finally:
        stage.close()
