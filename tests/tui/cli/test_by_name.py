"""Joining by name: what is typed where, and what is refused before anything is contacted."""

from __future__ import annotations

import os

import pytest

from e2ee.passcode import PasscodeError
from tui.cli import by_name
from tui.cli.by_name import SecretArgumentError, ServerUnknownError, room_named
from tui.cli.exits import Exit
from tui.cli.group import run

CODE = "banana-acorn-bicycle-august"
NOWHERE = "127.0.0.1:9"


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("SOTTO_CONFIG_DIR", str(tmp_path))


@pytest.fixture
def piped(monkeypatch):
    """Put text on standard input, through a pipe."""

    def put(text: str) -> None:
        reading, writing = os.pipe()
        os.write(writing, text.encode())
        os.close(writing)
        monkeypatch.setattr("sys.stdin", os.fdopen(reading))
        monkeypatch.setattr(by_name, "read_line", lambda: text)

    return put


@pytest.mark.parametrize("argument", ["banana", "Banana", "bana", " banana "])
def test_a_word_names_a_room(argument: str) -> None:
    assert room_named(argument) == "banana"


@pytest.mark.parametrize("argument", ["https://h/r/#a.b", "rooms.example/r/#x", "", "-", "a1b2"])
def test_a_link_is_no_name(argument: str) -> None:
    assert room_named(argument) is None


@pytest.mark.parametrize(
    "argument", [CODE, CODE.replace("-", " "), "acorn bicycle august", "Acorn, bicycle", "x-y-z"]
)
def test_attack_a_passcode_in_the_list_of_processes(argument: str, capsys) -> None:
    # Too late for this one: the person learns why, and how to have another.
    with pytest.raises(SecretArgumentError):
        room_named(argument)
    assert run(["join", argument, "--server", NOWHERE, "--headless"]) == Exit.USAGE
    printed = capsys.readouterr().err
    assert "other people on this machine can see arguments" in printed
    assert "/passcode new" in printed
    assert not any(word in printed for word in ("acorn", "bicycle", "august"))


@pytest.mark.parametrize("argument", ["hello", "bro", "\u0431\u0430\u043d\u0430\u043d"])
def test_a_word_that_names_none(argument: str, capsys) -> None:
    with pytest.raises(PasscodeError):
        room_named(argument)
    assert run(["join", argument, "--server", NOWHERE, "--headless"]) == Exit.USAGE
    assert argument not in capsys.readouterr().err


def test_no_server_is_contacted_that_nobody_named(capsys, piped) -> None:
    piped(CODE)
    with pytest.raises(ServerUnknownError):
        by_name.link_of("banana", None, None)
    assert run(["join", "banana", "--headless"]) == Exit.USAGE
    assert "--server HOST:PORT" in capsys.readouterr().err


def test_the_server_may_stand_in_the_settings(tmp_path, capsys, piped) -> None:
    (tmp_path / "settings.toml").write_text(f'server = "{NOWHERE}"\n')
    piped(CODE)
    assert run(["join", "banana", "--headless"]) == Exit.NETWORK
    assert "nothing listens" in capsys.readouterr().err


@pytest.mark.parametrize("typed", ["", "acorn", "hello there you", "acorn-about-agree-album-alert"])
def test_what_is_no_passcode_contacts_nobody(typed: str, capsys, piped) -> None:
    piped(typed)
    assert run(["join", "banana", "--server", NOWHERE, "--headless"]) == Exit.USAGE
    printed = capsys.readouterr().err
    assert printed.startswith("sotto: ")
    assert not any(word in printed for word in typed.split("-") if word)


def test_the_passcode_of_another_room_is_told_from_this_ones(capsys, piped) -> None:
    piped("agree-acorn-bicycle-august")
    assert run(["join", "banana", "--server", NOWHERE, "--headless"]) == Exit.USAGE
    assert "not a passcode of that room" in capsys.readouterr().err


def test_on_a_terminal_it_is_asked_for_unseen_until_it_is_right(sotto, terminal) -> None:
    call = ("call", "--headless", "--jsonl", "--passcode", "--admit", "all")
    host = sotto(*call, "--listen", "127.0.0.1")
    shown = host.expect("passcode")
    words = shown["passcode"].split("-")[1:]
    joiner = terminal("join", shown["room"], "--server", shown["server"], "--headless")
    for typed, then in (
        ("one two", b"a passcode has four words; the room's may be left out"),
        ("about about about", b"the passcode is wrong"),
        (" ".join(word[:4] for word in words), b"You are in the room"),
    ):
        joiner.read_until(b"four letters each do): ")
        joiner.output = b""
        joiner.press(f"{typed}\n".encode())
        joiner.read_until(then)
        assert typed.encode() not in joiner.output


def test_a_server_goes_with_a_name_only(capsys) -> None:
    assert run(["join", "https://h/r/#x.y", "--server", NOWHERE]) == Exit.USAGE
    assert "a link has its server" in capsys.readouterr().err


def test_what_is_no_servers_address(capsys, piped) -> None:
    piped(CODE)
    assert run(["join", "banana", "--server", "no address", "--headless"]) == Exit.USAGE
    assert "not a server's address" in capsys.readouterr().err
