"""The list of rooms: private, whole, and nobody's but ours."""

from __future__ import annotations

import datetime as dt
import io
import json
import multiprocessing
import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from e2ee.link import Link, local_id, new_secret, room_keys
from rooms import private_file, saved_rooms
from rooms.chat_events import KeptLine
from rooms.errors import RoomUnknownError, SettingsError
from rooms.kept_chat import FOLDER, KeptChat
from rooms.saved_rooms import MAX_ROOMS, ROOMS_FILE, RoomsFile, SavedRoom
from rooms.text import MAX_NAME

NOW = dt.datetime(2026, 11, 25, 15, 0, tzinfo=dt.UTC)
LINK = Link("rooms.example:4433", bytes(range(16)), bytes(16)).to_text()


def new_link() -> str:
    return Link("rooms.example", new_secret(), bytes(16)).to_text()


@pytest.fixture
def file(tmp_path: Path) -> RoomsFile:
    return RoomsFile(tmp_path / "state" / ROOMS_FILE)


def test_own_rooms_are_in_the_state_folder(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("SOTTO_CONFIG_DIR", str(tmp_path))
    assert RoomsFile.own().path == tmp_path / "rooms.json"


def test_without_a_file_there_are_no_rooms_and_none_is_made(file: RoomsFile) -> None:
    assert file.load() == []
    assert not file.path.parent.exists()


def test_a_room_that_was_seen_is_kept_private(file: RoomsFile) -> None:
    file.seen(LINK, ["Hana"], NOW, mine=False)
    (room,) = file.load()
    assert room == SavedRoom(link=LINK, last_seen=NOW, hosts=("Hana",))
    assert (room.server, room.title) == ("rooms.example:4433", "Hana")
    assert file.find(room.id) == room
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.path.parent.stat().st_mode) == 0o700
    assert os.listdir(file.path.parent) == [ROOMS_FILE]


def test_a_room_seen_again_keeps_its_name_and_comes_first(file: RoomsFile) -> None:
    file.seen(LINK, ["Hana"], NOW, mine=False)
    (room,) = file.load()
    file.rename(room.id, "Choir")
    file.seen(new_link(), [], NOW, mine=True)
    later = NOW + dt.timedelta(days=1)
    # The same room, by a link that names the server in another way.
    other = Link("127.0.0.1", bytes(range(16)), bytes(16)).to_text()
    file.seen(other, [], later, mine=False)
    first, second = file.load()
    assert (first.id, first.title, first.hosts) == (room.id, "Choir", ("Hana",))
    assert (first.link, first.last_seen) == (other, later)
    assert (second.mine, second.title) == (True, "rooms.example")


def test_a_room_is_renamed_and_forgotten(file: RoomsFile) -> None:
    file.seen(LINK, ["Hana", "Ada"], NOW, mine=False)
    (room,) = file.load()
    file.rename(room.id, "  Choir ")
    assert file.find(room.id).name == "Choir"
    file.rename(room.id, "")
    assert file.find(room.id).title == "Hana, Ada"
    file.forget(room.id)
    file.forget(room.id)
    assert file.load() == []
    for gone in (lambda: file.rename(room.id, "x"), lambda: file.find(room.id)):
        with pytest.raises(RoomUnknownError):
            gone()


def test_the_id_tells_neither_the_secret_nor_what_the_server_knows() -> None:
    room = SavedRoom(link=LINK, last_seen=NOW)
    secret = Link.parse(LINK).secret
    assert room.id not in secret.hex() + room_keys(secret).room_id.hex()


def test_the_link_is_in_no_repr() -> None:
    rich = pytest.importorskip("rich.console")
    room = SavedRoom(link=LINK, last_seen=NOW)
    drawn = io.StringIO()
    rich.Console(file=drawn).print(room)
    assert "#" not in repr(room) + drawn.getvalue()


@given(st.text(max_size=200), st.text(max_size=200))
def test_hostile_names_are_lines_of_plain_text(tmp_path_factory, host: str, name: str) -> None:
    file = RoomsFile(tmp_path_factory.mktemp("rooms") / ROOMS_FILE)
    file.seen(LINK, [host, "\x1b]0;title\x07\u202eEve" + "x" * 500], NOW, mine=False)
    (room,) = file.load()
    file.rename(room.id, name)
    (room,) = file.load()
    for text in (room.name, *room.hosts):
        assert len(text) <= MAX_NAME
        assert text.isprintable()


def test_of_too_many_rooms_the_oldest_is_forgotten(file: RoomsFile) -> None:
    file.seen(new_link(), [], NOW, mine=False)
    text = json.loads(file.path.read_text())
    entry = text["rooms"][0]
    text["rooms"] = [{**entry, "link": new_link()} for _ in range(MAX_ROOMS)]
    file.path.write_text(json.dumps(text))
    before = [room.id for room in file.load()]
    file.seen(LINK, [], NOW, mine=False)
    after = [room.id for room in file.load()]
    assert len(before) == len(after) == MAX_ROOMS
    assert after[1:] == before[:-1]


def test_the_largest_list_of_ours_is_read_again(file: RoomsFile) -> None:
    file.seen(LINK, ["\U0001f600" * MAX_NAME] * saved_rooms.MAX_HOSTS, NOW, mine=False)
    text = json.loads(file.path.read_text())
    entry = {**text["rooms"][0], "name": "\U0001f600" * MAX_NAME}
    host = ".".join(["x" * 60] * 4)
    links = [Link(host, new_secret(), bytes(16), bytes(16)).to_text() for _ in range(MAX_ROOMS)]
    text["rooms"] = [{**entry, "link": link} for link in links]
    file.path.write_text(json.dumps(text, ensure_ascii=False))
    file.forget("none")
    assert len(file.load()) == MAX_ROOMS


DAMAGE = {
    "half written": b'{\n  "rooms": [\n    {\n      "link": "htt',
    "empty": b"",
    "not JSON": b"\xff\xfe",
    "not a list": b'{"rooms": 1, "v": 1}',
    "of a newer version": b'{"rooms": [], "v": 2}',
    "a field nobody knows": b'{"rooms": [], "v": 1, "more": 1}',
    "no link": b'{"rooms": [{"link": "https://x/", "last_seen": "2026-11-25T15:00:00Z"}]}',
    "no time": b'{"rooms": [{"link": "%s", "last_seen": 1}]}' % LINK.encode(),
    "nested without end": b'{"rooms": ' + b"[" * 100_000,
    "ten megabytes": b'{"rooms": [' + b" " * 10_000_000 + b"]}",
}


@pytest.mark.parametrize("what", DAMAGE)
def test_a_damaged_file_is_said_plainly_and_never_overwritten(file: RoomsFile, what: str) -> None:
    file.path.parent.mkdir()
    file.path.write_bytes(DAMAGE[what])
    file.path.chmod(0o600)
    for use in (
        file.load,
        lambda: file.find("x"),
        lambda: file.seen(LINK, [], NOW, mine=False),
        lambda: file.rename("x", "y"),
        lambda: file.forget("x"),
    ):
        with pytest.raises(SettingsError, match="damaged") as error:
            use()
        assert str(file.path) in error.value.hint
        assert "#" not in str(error.value)
    assert file.path.read_bytes() == DAMAGE[what]


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604])
def test_attack_a_file_that_others_may_read_is_not_used(file: RoomsFile, mode: int) -> None:
    file.seen(LINK, [], NOW, mine=False)
    file.path.chmod(mode)
    before = file.path.read_bytes()
    with pytest.raises(SettingsError, match="can be read by others"):
        file.load()
    with pytest.raises(SettingsError, match="can be read by others"):
        file.seen(new_link(), [], NOW, mine=False)
    assert file.path.read_bytes() == before


def test_attack_the_file_is_a_link_to_somebody_elses(
    file: RoomsFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.seen(LINK, [], NOW, mine=False)
    elsewhere = file.path.parent / "theirs"
    file.path.rename(elsewhere)
    file.path.symlink_to(elsewhere)
    monkeypatch.setattr(private_file.os, "geteuid", lambda: elsewhere.stat().st_uid + 1)
    with pytest.raises(SettingsError, match="not a file of yours"):
        file.seen(new_link(), [], NOW, mine=False)
    assert file.path.is_symlink()


def test_attack_the_file_is_a_link_to_another_secret_of_ours(file: RoomsFile) -> None:
    file.path.parent.mkdir()
    secret = file.path.parent / "id_ed25519"
    secret.write_text("-----BEGIN OPENSSH PRIVATE KEY-----")
    secret.chmod(0o600)
    file.path.symlink_to(secret)
    with pytest.raises(SettingsError, match="damaged") as error:
        file.seen(LINK, [], NOW, mine=False)
    assert "BEGIN" not in str(error.value)
    assert secret.read_text() == "-----BEGIN OPENSSH PRIVATE KEY-----"


def test_a_folder_in_its_place_is_said_plainly(file: RoomsFile) -> None:
    file.path.mkdir(parents=True)
    with pytest.raises(SettingsError):
        file.seen(LINK, [], NOW, mine=False)
    file.path.rmdir()
    file.path.parent.rmdir()
    file.path.parent.write_text("")
    with pytest.raises(SettingsError, match="cannot be"):
        file.seen(LINK, [], NOW, mine=False)


def test_what_was_written_in_a_forgotten_room_is_forgotten(file: RoomsFile) -> None:
    other = new_link()
    for link in (LINK, other):
        file.seen(link, [], NOW, mine=False)
    forgotten, kept = (local_id(Link.parse(link).secret) for link in (LINK, other))
    chat = KeptChat(file.path.with_name(FOLDER))
    for room in (forgotten, kept):
        chat.add(room, KeptLine(name="Ada", text="hello", sent=NOW))
    file.forget(forgotten)
    assert [path.name for path in chat.folder.iterdir()] == [f"{kept}.jsonl"]
    file.forget(forgotten)  # it is not there any more: nothing to do
    assert [line.text for line in chat.last(kept)] == ["hello"]


def test_what_was_written_goes_with_a_room_that_makes_place_for_another(
    file: RoomsFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saved_rooms, "MAX_ROOMS", 1)
    file.seen(LINK, [], NOW, mine=False)
    chat = KeptChat(file.path.with_name(FOLDER))
    chat.add(file.load()[0].id, KeptLine(name="Ada", text="hello", sent=NOW))
    file.seen(new_link(), [], NOW, mine=False)
    assert list(chat.folder.iterdir()) == []


def _see_some(path: Path) -> None:
    for _ in range(10):
        RoomsFile(path).seen(new_link(), [], NOW, mine=False)


def test_rooms_seen_by_several_processes_at_once_are_all_kept(file: RoomsFile) -> None:
    fork = multiprocessing.get_context("fork")
    others = [fork.Process(target=_see_some, args=(file.path,)) for _ in range(3)]
    for other in others:
        other.start()
    for other in others:
        other.join(30)
    assert len(file.load()) == 30
