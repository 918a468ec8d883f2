"""The table of settings is that of the program."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal, get_args, get_origin, get_type_hints

import pytest

from rooms.folders import FOLDER_VARIABLE, SETTINGS_FILE
from rooms.settings import Settings

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "settings.md").read_text()
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in PAGE.splitlines()
    if line.startswith("| `")
]
TYPES = get_type_hints(Settings)


def test_every_setting_has_its_row_in_order() -> None:
    assert [row[0] for row in ROWS] == [f"`{name}`" for name in Settings.__struct_fields__]


@pytest.mark.parametrize("row", ROWS, ids=[row[0].strip("`") for row in ROWS])
def test_a_row_says_what_may_be_and_what_is_without_it(row: list[str]) -> None:
    name, allowed, default = row[0].strip("`"), re.findall("`([^`]+)`", row[1]), row[2].strip("`")
    kind, value = TYPES[name], getattr(Settings(), name)
    if kind is bool:
        assert (allowed, default) == (["true", "false"], str(value).lower())
    elif get_origin(kind) is Literal:
        assert (tuple(allowed), default) == (get_args(kind), value)
    elif value:
        assert default == value
    assert row[3].endswith(".")


def test_what_the_table_says_may_be_is_taken(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))
    for name, kind in TYPES.items():
        for value in get_args(kind) if get_origin(kind) is Literal else ():
            (tmp_path / SETTINGS_FILE).write_text(f'{name} = "{value}"\n')
            assert getattr(Settings.load(), name) == value
