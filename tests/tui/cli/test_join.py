from __future__ import annotations

import os

import pytest

from tui.cli.exits import Exit
from tui.cli.group import run

NOWHERE = f"https://127.0.0.1:9/r/#{'.'.join(['a' * 26] * 3)}"


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("SOTTO_CONFIG_DIR", str(tmp_path))


@pytest.mark.parametrize("link", ["", "hello", "https://h/r/#aaaa", NOWHERE[:-3]])
def test_a_malformed_link_is_one_line_that_does_not_repeat_it(link: str, capsys) -> None:
    assert run(["join", link, "--headless"]) == Exit.USAGE
    printed = capsys.readouterr().err
    assert printed.startswith("sotto: ")
    assert len(printed.splitlines()) == 2
    assert "aaaa" not in printed


def test_nobody_there_is_a_network_error(capsys) -> None:
    assert run(["join", NOWHERE, "--headless"]) == Exit.NETWORK
    printed = capsys.readouterr().err
    assert printed.count("sotto: ") == 1
    assert "Traceback" not in printed
    assert "aaaa" not in printed


def test_the_link_may_come_from_the_environment_and_goes_no_further(monkeypatch) -> None:
    monkeypatch.setenv("SOTTO_LINK", "hello")
    assert run(["join", "--headless"]) == Exit.USAGE
    assert "SOTTO_LINK" not in os.environ


def test_no_link_is_a_usage_error(capsys, monkeypatch) -> None:
    monkeypatch.delenv("SOTTO_LINK", raising=False)
    assert run(["join", "--headless"]) == Exit.USAGE
    assert "LINK" in capsys.readouterr().err


def test_a_room_that_is_gone_and_a_wait_without_end_have_their_codes(sotto) -> None:
    host = sotto("call", "--headless", "--jsonl", "--listen", "127.0.0.1")
    link = host.expect("hosting")["link"]
    server, _, fragment = link.partition("#")
    secret, *rest = fragment.split(".")
    other = f"{server}#{'.'.join(['b' * 25 + 'a', *rest])}"
    missing = sotto("join", "-", "--headless", stdin=other)
    waiting = sotto("join", "-", "--headless", "--timeout", "0.5", stdin=link)
    assert missing.wait() == Exit.ROOM
    assert waiting.wait() == Exit.TIMEOUT
    assert "sotto: not in the room after 0.5 s" in waiting.err.read_text()
    host.process.kill()
    host.wait()
    late = sotto("join", "-", "--headless", stdin=link)
    assert late.wait() == Exit.NETWORK
    for process in (missing, waiting, late):
        assert "Traceback" not in process.err.read_text()
        assert secret not in process.err.read_text()


@pytest.mark.parametrize("cut", [40, -27])
def test_a_link_that_a_terminal_wrapped_is_read_whole_and_what_follows_is_said(
    sotto, cut: int
) -> None:
    host = sotto("call", "--headless", "--jsonl", "--listen", "127.0.0.1", "--admit", "all")
    link = host.expect("hosting")["link"]
    sotto("join", "-", "--headless", stdin=f"{link[:cut]}\n{link[cut:]}\nhello")
    assert host.expect("chat")["text"] == "hello"


def test_another_certificate_than_the_links_is_not_trusted(sotto) -> None:
    host = sotto("call", "--headless", "--jsonl", "--listen", "127.0.0.1")
    link = host.expect("hosting")["link"]
    forged = f"{link.rpartition('.')[0]}.{'b' * 25}a"
    joiner = sotto("join", "-", "--headless", stdin=forged)
    assert joiner.wait() == Exit.UNTRUSTED
