from __future__ import annotations

import io
import os
import sys

import click
import pytest
from click.testing import CliRunner

from e2ee.passcode import PasscodeError
from tui.cli import by_name
from tui.cli.exits import Exit, exit_for
from tui.cli.link_argument import LateError, WayIn, link_and, link_argument

LINK = "https://127.0.0.1:9/r/#secret.host.pin"


def given(*arguments: str, **environment: str) -> tuple[WayIn | None, str]:
    found: list[WayIn] = []

    @click.command()
    @link_argument
    def command(way: WayIn) -> int:
        assert "SOTTO_LINK" not in os.environ
        found.append(way)
        return 0

    result = CliRunner().invoke(command, arguments, env=environment)
    return (found[0] if found else None), result.output


def test_a_link_comes_as_an_argument_or_from_the_environment_and_goes_no_further() -> None:
    assert given(LINK)[0] == WayIn(LINK)
    assert given(SOTTO_LINK=LINK)[0] == WayIn(LINK)
    way = WayIn.of(LINK)
    assert way.link() == LINK
    assert not way.reads_input
    assert "secret" not in repr(way)


def test_a_link_comes_from_standard_input_and_what_follows_stays_there(monkeypatch) -> None:
    reading, writing = os.pipe()
    os.write(writing, f"{LINK}\nhello\n".encode())
    monkeypatch.setattr("tui.lines.read_wrapped.__defaults__", (reading,))
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    way = WayIn.of("-")
    assert way.reads_input
    assert way.link() == LINK
    assert os.read(reading, 100) == b"hello\n"
    os.close(reading)
    os.close(writing)


def test_a_room_is_called_by_its_first_word_at_a_server() -> None:
    way, _ = given("banana", "--server", "127.0.0.1:9")
    assert way is not None
    assert (way.room, way.server, way.reads_input) == ("banana", "127.0.0.1:9", True)


def test_a_passcode_as_an_argument_is_refused_and_not_repeated() -> None:
    with pytest.raises(PasscodeError) as caught:
        WayIn.of("banana acorn bicycle august")
    assert "acorn" not in str(caught.value)


def test_a_server_beside_a_link_is_a_usage_error() -> None:
    way, printed = given(LINK, "--server", "127.0.0.1:9")
    assert way is None
    assert "a link has its server" in printed
    assert "secret" not in printed


def test_no_link_at_all_is_a_usage_error() -> None:
    way, printed = given()
    assert way is None
    assert "LINK|NAME" in printed


def test_time_that_is_up_while_a_host_proves_itself_has_its_exit_code(monkeypatch) -> None:
    def never(*_arguments: object) -> str:
        raise TimeoutError

    monkeypatch.setattr(by_name, "link_of", never)
    with pytest.raises(LateError, match="after 2 s"):
        WayIn.of("banana").link(2.0)
    assert exit_for(LateError.code) == Exit.TIMEOUT


def with_text(*arguments: str, **environment: str) -> tuple[str, str | None]:
    found: list[tuple[str, str | None]] = []

    @click.command()
    @link_and("text", "TEXT")
    def command(way: WayIn, *, text: str | None) -> int:
        assert "SOTTO_LINK" not in os.environ
        found.append((way.link(), text))
        return 0

    result = CliRunner().invoke(command, arguments, env={"SOTTO_LINK": None, **environment})
    return found[0] if found else (result.output, None)


def test_behind_a_link_there_may_be_something_else() -> None:
    assert with_text(LINK) == (LINK, None)
    assert with_text(LINK, "hello") == (LINK, "hello")


def test_with_a_link_in_the_environment_it_stands_alone() -> None:
    assert with_text(SOTTO_LINK=LINK) == (LINK, None)
    assert with_text("hello", SOTTO_LINK=LINK) == (LINK, "hello")
    assert with_text("see https://ci.example/job#3", SOTTO_LINK=LINK)[0] == LINK
    other = LINK.replace("secret", "other")
    assert with_text(other, "hello", SOTTO_LINK=LINK) == (other, "hello")


def test_a_link_is_never_taken_for_words_that_are_written_into_a_room() -> None:
    other = LINK.replace("secret", "other")
    assert with_text(other, SOTTO_LINK=LINK) == (other, None)


def test_too_little_and_too_much_are_usage_errors() -> None:
    assert "there is no LINK" in with_text()[0]
    assert "too many arguments" in with_text(LINK, "hello", "you")[0]
    assert "secret" not in with_text(LINK, "hello", "you")[0]
