"""What was written in a room, kept on disk: whole, bounded, and for nobody else's eyes."""

from __future__ import annotations

import datetime as dt
import os
import resource
import stat
from pathlib import Path

import pytest

from e2ee.link import Link, local_id, new_secret, room_keys
from rooms import kept_chat
from rooms.chat_events import KeptLine
from rooms.errors import SettingsError
from rooms.kept_chat import SHOWN, KeptChat

SECRET = new_secret()
ROOM = local_id(SECRET)
WHEN = dt.datetime(2026, 7, 1, 12, 0, 0, 123000, tzinfo=dt.UTC)


def line(text: str, **more: object) -> KeptLine:
    return KeptLine(name="Ada", text=text, sent=WHEN, **more)  # type: ignore[arg-type]


@pytest.fixture
def chat(tmp_path: Path) -> KeptChat:
    return KeptChat(tmp_path / "state" / "chat")


@pytest.fixture
def file(chat: KeptChat) -> Path:
    """Where the lines of the room are, once there are any."""
    chat.folder.mkdir(mode=0o700, parents=True)
    return chat.folder / f"{ROOM}.jsonl"


def test_lines_are_read_back_as_they_were_written(chat: KeptChat) -> None:
    lines = [line("hello"), line("two\nlines “and more”", mine=True)]
    assert chat.last(ROOM) == []
    assert not chat.folder.exists()  # to look changes nothing
    for one in lines:
        chat.add(ROOM, one)
    assert chat.last(ROOM) == lines
    assert chat.last(local_id(new_secret())) == []


def test_only_the_last_lines_are_read_back(chat: KeptChat) -> None:
    for number in range(SHOWN + 5):
        chat.add(ROOM, line(str(number)))
    assert [one.text for one in chat.last(ROOM)] == [str(n) for n in range(5, SHOWN + 5)]


def test_the_folder_and_the_file_are_for_their_owner_only(chat: KeptChat) -> None:
    before = os.umask(0)
    try:
        chat.add(ROOM, line("hello"))
    finally:
        os.umask(before)
    (file,) = chat.folder.iterdir()
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (chat.folder.parent, chat.folder, file)]
    assert modes == [0o700, 0o700, 0o600]


def test_neither_names_nor_contents_tell_the_link(chat: KeptChat) -> None:
    chat.add(ROOM, line("hello"))
    (file,) = chat.folder.iterdir()
    told = file.name.encode() + file.read_bytes()
    link = Link("rooms.example", SECRET, bytes(16)).to_text()
    for secret in (SECRET.hex(), room_keys(SECRET).room_id.hex(), link.partition("#")[2][:26]):
        assert secret.encode() not in told


def test_the_oldest_lines_are_dropped_and_the_file_stays_whole(
    chat: KeptChat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_chat, "MAX_FILE", 2000)
    for number in range(100):
        chat.add(ROOM, line(str(number)))
        (file,) = chat.folder.iterdir()  # nothing is left beside it
        assert file.stat().st_size <= 2000
    kept = [int(one.text) for one in chat.last(ROOM)]
    assert kept == list(range(kept[0], 100))
    assert len(kept) > 5
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_line_that_broke_off_costs_no_other(chat: KeptChat, file: Path) -> None:
    chat.add(ROOM, line("before"))
    with file.open("ab") as broken:
        broken.write(b'{"name":"Ada","te\n\xff\n{"name":1}\n[[[[\n')
    chat.add(ROOM, line("after"))
    assert [one.text for one in chat.last(ROOM)] == ["before", "after"]


def test_attack_escape_sequences_wait_in_the_file(chat: KeptChat) -> None:
    chat.add(ROOM, KeptLine(name="A\x1b[2Jda", text="\x1b]0;title\x07hi\u202e", sent=WHEN))
    (kept,) = chat.last(ROOM)
    assert (kept.name, kept.text) == ("Ada", "hi")


def test_a_disk_that_is_full_keeps_no_half_line(chat: KeptChat, file: Path) -> None:
    chat.add(ROOM, line("before"))
    size = file.stat().st_size
    most, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 20, hard))  # the next line breaks off
    try:
        with pytest.raises(SettingsError, match="No space left"):
            chat.add(ROOM, line("too much"))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, hard))
    assert file.stat().st_size == size
    chat.add(ROOM, line("after"))
    assert [one.text for one in chat.last(ROOM)] == ["before", "after"]


def _link(file: Path, target: Path) -> None:
    file.symlink_to(target)


def _open_to_others(file: Path, _target: Path) -> None:
    file.write_text("")
    file.chmod(0o644)


def _pipe(file: Path, _target: Path) -> None:
    os.mkfifo(file, 0o600)


def _folder(file: Path, _target: Path) -> None:
    file.mkdir()


@pytest.mark.parametrize("put", [_link, _open_to_others, _pipe, _folder])
def test_attack_what_is_not_ours_alone_is_refused_and_left_alone(
    chat: KeptChat, file: Path, tmp_path: Path, put
) -> None:
    target = tmp_path / "theirs"
    target.write_text("mine")
    target.chmod(0o600)
    put(file, target)
    before = file.lstat()
    for do in (lambda: chat.last(ROOM), lambda: chat.add(ROOM, line("secret"))):
        with pytest.raises(SettingsError) as error:
            do()
        assert "\n" not in error.value.message
    assert target.read_text() == "mine"
    assert (file.lstat().st_ino, file.lstat().st_size) == (before.st_ino, before.st_size)


@pytest.mark.parametrize("kind", ["link", "open", "file"])
def test_attack_a_folder_that_leads_elsewhere_or_is_open_is_refused(
    chat: KeptChat, tmp_path: Path, kind: str
) -> None:
    chat.folder.parent.mkdir(mode=0o700)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir(mode=0o700)
    match kind:
        case "link":
            chat.folder.symlink_to(elsewhere)
        case "open":
            chat.folder.mkdir()
            chat.folder.chmod(0o755)
        case _:
            chat.folder.write_text("")
    for do in (lambda: chat.last(ROOM), lambda: chat.add(ROOM, line("secret"))):
        with pytest.raises(SettingsError):
            do()
    assert not list(elsewhere.iterdir())
    assert not chat.folder.is_dir() or not list(chat.folder.iterdir())
    chat.forget(ROOM)  # so that the room can be forgotten all the same
