from __future__ import annotations

from pathlib import Path

import pytest

from tui.actions import ACTIONS
from tui.completion import MOST, commands, complete

NAMES = ["Ada Lovelace", "Grace", "[b]Alan"]


@pytest.mark.parametrize(
    ("line", "completed"),
    [
        ("/mu", "/mute "),
        ("/MU", "/mute "),
        ("/", "/"),
        ("/zzz", "/zzz"),
        ("//mu", "//mu"),
        ("/remove gr", "/remove Grace "),
        ("/volume ada", "/volume Ada Lovelace "),
        ("/remove ", "/remove "),
        ("/lock gr", "/lock gr"),
        ("hello @gr", "hello @Grace "),
        ("@[b", "@[b]Alan "),
        ("hello @", "hello @"),
        ("mail me at x@gr", "mail me at x@gr"),
        ("hello gr", "hello gr"),
        ("", ""),
    ],
)
def test_what_is_begun_is_completed(line: str, completed: str) -> None:
    assert complete(line, NAMES) == completed


def test_the_path_of_a_file_is_completed(tmp_path: Path) -> None:
    (tmp_path / "my report.pdf").touch()
    assert complete(f"/file {tmp_path}/my r", NAMES) == f"/file {tmp_path}/my report.pdf"
    assert complete("/file ", NAMES) == "/file "


def test_a_slash_offers_commands_until_one_is_chosen() -> None:
    assert commands("/") == list(ACTIONS[:MOST])
    assert [action.id for action in commands("/un")] == ["unlock"]
    assert commands("/unlock ") == commands("//") == commands("hello") == commands("") == []
