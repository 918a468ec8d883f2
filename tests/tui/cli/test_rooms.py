from __future__ import annotations

import datetime as dt
import json
import socket
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from e2ee.link import Link, new_secret
from rooms.saved_rooms import RoomsFile
from tui.cli.group import run
from tui.cli.rooms import command

NOW = dt.datetime(2026, 11, 25, 15, 0, tzinfo=dt.UTC)


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RoomsFile:
    monkeypatch.setenv("SOTTO_CONFIG_DIR", str(tmp_path))
    return RoomsFile.own()


@pytest.fixture
def links(file: RoomsFile) -> list[str]:
    """Two rooms at a server that nobody runs, of which the second was seen last."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        server = f"127.0.0.1:{taken.getsockname()[1]}"
    links = [Link(server, new_secret(), bytes(16), bytes(16)).to_text() for _ in range(2)]
    for link in links:
        file.seen(link, ["Hope"], NOW, mine=False)
    return links


def sotto_rooms(*arguments: str) -> Result:
    return CliRunner().invoke(command, list(arguments), standalone_mode=False)


def test_no_rooms_are_no_lines(file: RoomsFile) -> None:
    assert sotto_rooms().stdout == ""
    assert json.loads(sotto_rooms("--json").stdout) == {"v": 1, "rooms": []}


def test_attack_a_list_of_rooms_in_a_log_lets_nobody_in(links: list[str]) -> None:
    for printed in (sotto_rooms().stdout, sotto_rooms("--json").stdout):
        assert "Hope" in printed
        assert not any(link.rpartition("#")[2] in printed for link in links)


def test_links_are_there_for_who_asks(links: list[str]) -> None:
    lines = [line.split("\t") for line in sotto_rooms("--links").stdout.splitlines()]
    assert [line[3] for line in lines] == links[::-1]
    told = json.loads(sotto_rooms("--json", "--links").stdout)
    assert [room["link"] for room in told["rooms"]] == links[::-1]


def test_a_line_is_what_the_room_is_called_when_where_and_its_title(
    file: RoomsFile, links: list[str]
) -> None:
    room = file.load()[0]
    first = sotto_rooms().stdout.splitlines()[0]
    assert first.split("\t") == [room.id, "2026-11-25T15:00:00Z", room.server, "Hope"]


def test_a_room_is_renamed_and_forgotten(file: RoomsFile, links: list[str]) -> None:
    one, other = (room.id for room in file.load())
    assert sotto_rooms("rename", one, "Stand-up").return_value == 0
    assert sotto_rooms("forget", "stand-UP").return_value == 0
    assert [room.id for room in file.load()] == [other]


def test_a_title_of_two_rooms_means_neither(
    file: RoomsFile, links: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["rooms", "forget", "Hope"]) == 1
    assert capsys.readouterr().err.startswith("sotto: 2 rooms are called so\nhint: sotto rooms ")
    assert len(file.load()) == 2


def test_a_server_that_does_not_answer_is_said_and_counts_as_unknown(
    links: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["rooms", "--count"]) == 3
    printed = capsys.readouterr()
    assert [line.split("\t")[3] for line in printed.out.splitlines()] == ["?", "?"]
    assert printed.err.count("sotto: Hope: nothing listens at 127.0.0.1") == 2


def test_options_of_the_list_are_not_for_what_is_done_with_a_room(links: list[str]) -> None:
    assert run(["rooms", "--links", "forget", "Hope"]) == 2
