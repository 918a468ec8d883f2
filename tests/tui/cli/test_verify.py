from __future__ import annotations

from tui.cli.exits import Exit
from tui.cli.group import run


def test_through_click_it_ends_as_it_does_without(capsys) -> None:
    assert run(["verify", "1"]) == Exit.ROOM
    assert capsys.readouterr().err.startswith("sotto: no call of yours is running here\n")


def test_codes_cannot_match_and_differ(capsys) -> None:
    assert run(["verify", "--match", "--differs"]) == Exit.USAGE
    assert "not both" in capsys.readouterr().err
