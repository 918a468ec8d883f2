"""Secret files: private, whole, and made once."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from rooms import private_file
from rooms.errors import SettingsError
from rooms.private_file import alone, read_or_make, replace_file


def test_a_file_is_made_once_and_readable_by_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "new" / "secret"
    assert read_or_make(path, lambda: b"first", "it") == b"first"
    assert read_or_make(path, lambda: b"second", "it") == b"first"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert list(path.parent.iterdir()) == [path]  # nothing half-written is left


def test_two_that_start_at_once_end_up_with_the_same_file(tmp_path: Path) -> None:
    path = tmp_path / "secret"

    def make_while_another_one_does() -> bytes:
        read_or_make(path, lambda: b"the other's", "it")
        return b"ours"

    assert read_or_make(path, make_while_another_one_does, "it") == b"the other's"


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660])
def test_a_file_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "secret"
    path.write_bytes(b"x")
    path.chmod(mode)
    with pytest.raises(SettingsError, match="read by others") as error:
        read_or_make(path, bytes, "the key")
    assert "chmod 600" in error.value.hint


def test_attack_a_file_of_somebody_else_is_put_in_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "secret"
    read_or_make(path, lambda: b"x", "the key")
    monkeypatch.setattr(private_file.os, "geteuid", lambda: path.stat().st_uid + 1)
    with pytest.raises(SettingsError, match="not a file of yours"):
        read_or_make(path, bytes, "the key")


def test_attack_a_named_pipe_is_put_in_its_place(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "secret", 0o600)
    with pytest.raises(SettingsError, match="not a file of yours"):
        read_or_make(tmp_path / "secret", bytes, "the key")


def test_attack_a_link_to_nowhere_is_put_in_its_place(tmp_path: Path) -> None:
    outside = tmp_path / "elsewhere"
    (tmp_path / "secret").symlink_to(outside)
    with pytest.raises(SettingsError):
        read_or_make(tmp_path / "secret", lambda: b"x", "the key")
    assert not outside.exists()


def test_a_place_that_cannot_be_written_is_said_plainly(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(SettingsError, match="the key cannot be read or kept"):
        read_or_make(tmp_path / "file" / "secret", bytes, "the key")


def test_an_interrupted_write_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(private_file.os, "fsync", full)
    with pytest.raises(SettingsError, match="No space left"):
        read_or_make(tmp_path / "secret", lambda: b"x", "the key")
    assert not list(tmp_path.iterdir())


def test_a_file_is_replaced_whole_and_becomes_private(tmp_path: Path) -> None:
    path = tmp_path / "list"
    path.write_bytes(b"old")
    path.chmod(0o644)
    replace_file(path, b"new")
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_replacement_that_is_cut_off_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    path = tmp_path / "list"
    path.write_bytes(b"old")
    monkeypatch.setattr(private_file.os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        replace_file(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("write", ["replace_file(path, b'new')", "read_or_make(path, bytes, '')"])
def test_a_process_that_is_killed_while_it_writes_leaves_nothing(
    tmp_path: Path, write: str
) -> None:
    code = (
        "import os, pathlib, sys; from rooms.private_file import read_or_make, replace_file; "
        "os.fsync = lambda _: os.kill(os.getpid(), 9); path = pathlib.Path(sys.argv[1], 'list'); "
    )
    done = subprocess.run([sys.executable, "-c", code + write, str(tmp_path)], check=False)
    assert done.returncode == -9
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("missing", ["the file system", "/proc"])
def test_where_every_file_has_a_name_it_is_done_with_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    opened = os.open

    def refuse(path: str, flags: int, *mode: int) -> int:
        if flags & os.O_TMPFILE == os.O_TMPFILE:
            raise OSError(errno.EOPNOTSUPP, "Operation not supported")
        return opened(path, flags, *mode)

    if missing == "/proc":
        monkeypatch.setattr(private_file, "_OPEN_FILES", str(tmp_path / "no such folder"))
    else:
        monkeypatch.setattr(private_file.os, "open", refuse)
    path = tmp_path / "list"
    assert read_or_make(path, lambda: b"old", "it") == b"old"
    replace_file(path, b"new")
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_only_one_changes_files_at_a_time_and_no_lock_is_left_behind(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    counter = folder / "counter"

    def count(_: int) -> None:
        with alone(folder):
            replace_file(counter, b"x" + (counter.read_bytes() if counter.exists() else b""))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(count, range(40)))
    assert counter.read_bytes() == b"x" * 40
    assert list(folder.iterdir()) == [counter]
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
