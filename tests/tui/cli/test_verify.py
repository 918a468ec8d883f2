from __future__ import annotations

from tui.cli.exits import Exit
from tui.cli.group import run


def test_through_click_it_ends_as_it_does_without(capsys) -> None:
    assert run(["verify", "1"]) == Exit.ROOM
    assert capsys.readouterr().err.startswith("sotto: no call of yours is running here\n")


def test_codes_cannot_match_and_differ(capsys) -> None:
    assert run(["verify", "--match", "--differs"]) == Exit.USAGE
    assert "not both" in capsys.readouterr().err


def test_a_call_on_a_screen_is_asked_beside_it_and_shows_what_came_of_it(
    terminal, capsys, monkeypatch
) -> None:
    screen = terminal("call", "--listen", "127.0.0.1", "--name", "Hope")
    screen.read_until(b"You are in the room")
    monkeypatch.setenv("SOTTO_CONFIG_DIR", str(screen.home / "config"))
    assert run(["verify", "Hope"]) == Exit.DONE
    assert capsys.readouterr().out.startswith("verification code of epoch 0\n")
    before = len(screen.output)
    assert run(["verify", "--match"]) == Exit.DONE
    screen.read_until(b"to verify.")
    assert b"verification code" not in screen.output[before:]
    assert capsys.readouterr().out == "You are alone: there is nobody to verify.\n"
