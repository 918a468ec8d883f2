"""Files of the person: what can be sent, and that nothing is ever overwritten."""

from __future__ import annotations

import os
import socket
import stat
from pathlib import Path

import pytest

from e2ee.file_chunks import MAX_FILE
from rooms.file_errors import (
    FileExistsHereError,
    FileTooLargeError,
    FileUnreadableError,
    FileUnwritableError,
)
from rooms.own_files import check_to_send, open_to_send, place_for, read_to_send, write_new


def test_an_ordinary_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "report.pdf"
    path.write_bytes(b"words")
    assert read_to_send(open_to_send(str(path))) == b"words"


def test_the_largest_file_can_be_sent_and_no_larger_one(tmp_path: Path) -> None:
    path = tmp_path / "large"
    with path.open("wb") as file:
        file.truncate(MAX_FILE)
    assert len(read_to_send(open_to_send(str(path)))) == MAX_FILE
    with path.open("ab") as file:
        file.write(b"x")
    with pytest.raises(FileTooLargeError, match="10 MiB"):
        open_to_send(str(path))


def test_it_can_be_asked_beforehand(tmp_path: Path) -> None:
    (tmp_path / "small").touch()
    check_to_send(str(tmp_path / "small"))
    with pytest.raises(FileUnreadableError, match="No such file"):
        check_to_send("~/missing")


def test_a_file_that_grows_while_it_is_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"x")
    opened = open_to_send(str(path))
    with path.open("ab") as file:
        file.truncate(MAX_FILE + 1)
    with pytest.raises(FileTooLargeError):
        read_to_send(opened)
    with pytest.raises(OSError, match="descriptor"):
        os.fstat(opened)


def test_what_is_no_ordinary_file_is_refused_and_waited_for_by_nobody(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket")
    for name in ("pipe", "socket", ".", "missing", "bad\0name", "x" * 300):
        with pytest.raises(FileUnreadableError):
            open_to_send(str(tmp_path / name))
    for path in ("/dev/zero", "~nobody-is-called-so/x", ""):
        with pytest.raises(FileUnreadableError):
            open_to_send(path)


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))


def test_a_file_goes_here_or_into_a_folder_or_under_another_name(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    assert place_for("", "a.pdf") == Path("a.pdf")
    assert place_for("folder", "a.pdf") == Path("folder/a.pdf")
    assert place_for("new/", "a.pdf") == Path("new/a.pdf")
    assert place_for("b.pdf", "a.pdf") == Path("b.pdf")
    assert place_for("~/b.pdf", "a.pdf") == tmp_path / "home" / "b.pdf"
    for odd in ("~nobody-is-called-so", "bad\0name", "x" * 300):
        assert place_for(odd, "a.pdf") == Path(odd)


def test_what_is_written_is_whole_and_private(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    write_new(path, b"words")
    assert path.read_bytes() == b"words"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_attack_a_file_that_is_there_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"mine")
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    for name in ("a.pdf", "link"):
        with pytest.raises(FileExistsHereError, match="stays as it is"):
            write_new(tmp_path / name, b"theirs")
    assert (tmp_path / "a.pdf").read_bytes() == b"mine"
    assert not (tmp_path / "elsewhere").exists()
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize("name", ["missing/a.pdf", "x" * 300, "bad\0name"])
def test_where_nothing_can_be_written_it_is_said(tmp_path: Path, name: str) -> None:
    with pytest.raises(FileUnwritableError):
        write_new(tmp_path / name, b"x")
    assert list(tmp_path.iterdir()) == []
