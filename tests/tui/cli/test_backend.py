from __future__ import annotations

import subprocess
import sys

import pytest

from e2ee.errors import LinkError
from e2ee.identity import DeviceIdentity
from rooms.client import ServerAddress
from rooms.kept_chat import KeptChat
from rooms.people_file import PeopleFile
from rooms.policy import Policy
from rooms.saved_rooms import RoomsFile
from tui.cli import backend
from tui.cli.options import CallOptions


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("SOTTO_CONFIG_DIR", str(tmp_path))


def test_a_face_that_joins_loads_no_server_and_no_codec() -> None:
    code = (
        "import sys, tui.cli.backend; "
        "sys.exit(str(sorted({'av', 'pylibsrtp', 'rooms.server'} & set(sys.modules)) or 0))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr.strip() in {"", "0"}


def test_a_host_makes_a_link_of_its_server_and_its_identity() -> None:
    server = ServerAddress("127.0.0.1", 4433, bytes(16))
    first, second = (
        backend.host(server, CallOptions(name="Ada", headless=True), admit="all") for _ in range(2)
    )
    assert first.link.startswith("https://127.0.0.1:4433/r/#")
    secrets, hosts, pins = zip(*(s.link.split("#")[1].split(".") for s in (first, second)))
    assert len(set(secrets)) == 2
    assert len(set(hosts)) == len(set(pins)) == 1


def test_whom_we_meet_is_kept_by_people_and_not_by_robots() -> None:
    server = ServerAddress("127.0.0.1", 4433, bytes(16))
    options = CallOptions(headless=True)
    mine = backend.host(server, options)
    assert mine._options.people == PeopleFile.own()
    assert backend.join(mine.link, options)._options.people == PeopleFile.own()
    demo = backend.host(server, options, admit="all", remember=False)
    assert demo._options.people is None
    robot = backend.join(mine.link, options, DeviceIdentity.generate(), remember=False)
    assert robot._options.people is None


def test_joining_reads_the_link_and_may_use_another_identity() -> None:
    server = ServerAddress("127.0.0.1", 4433, bytes(16))
    link = backend.host(server, CallOptions(headless=True)).link
    assert backend.join(link, CallOptions(headless=True), DeviceIdentity.generate()).link == link
    with pytest.raises(LinkError):
        backend.join("https://example.org/", CallOptions(headless=True))


def test_who_comes_in_and_the_rules_of_a_room_we_open_are_those_of_the_settings(tmp_path) -> None:
    server = ServerAddress("127.0.0.1", 4433, bytes(16))
    options = CallOptions(headless=True)
    mine = backend.host(server, options)._options
    assert (mine.admit_all, mine.policy) == (False, Policy())
    settings = 'admit = "all"\nmembers_write = false\nmembers_show = false\n'
    (tmp_path / "settings.toml").write_text(settings)
    mine = backend.host(server, options)._options
    assert (mine.admit_all, mine.policy) == (True, Policy(chat=False, share=False))
    assert not backend.host(server, options, admit="ask")._options.admit_all


def test_rooms_that_can_be_found_again_are_saved_for_people_and_not_for_scripts(tmp_path) -> None:
    server = ServerAddress("127.0.0.1", 4433, bytes(16))
    screen, script = CallOptions(), CallOptions(headless=True)
    own = backend.host(server, screen)  # the server ends with this process, and its room with it
    assert own._options.rooms is None
    assert backend.host(server, screen, lasting=True)._options.rooms == RoomsFile.own()
    assert backend.host(server, screen, lasting=True, remember=False)._options.rooms is None
    assert backend.join(own.link, screen)._options.rooms == RoomsFile.own()
    assert backend.join(own.link, script)._options.rooms is None
    (tmp_path / "settings.toml").write_text("remember_rooms = false\n")
    assert backend.join(own.link, screen)._options.rooms is None


def test_what_is_written_is_kept_for_whoever_wants_that_and_not_for_scripts(tmp_path) -> None:
    server = ServerAddress("127.0.0.1", 4433, bytes(16))
    link = backend.host(server, CallOptions()).link
    assert backend.join(link, CallOptions())._options.chat is None
    (tmp_path / "settings.toml").write_text("keep_chat = true\n")
    assert backend.join(link, CallOptions())._options.chat == KeptChat(tmp_path / "chat")
    assert backend.join(link, CallOptions(headless=True))._options.chat is None
    assert backend.host(server, CallOptions())._options.chat is None  # nobody comes back there
