from __future__ import annotations

import contextlib
import os
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tui.ctl import seats
from tui.ctl.errors import NoSocketError
from tui.ctl.seats import Seat, is_own, running_calls

TAKE_AND_DIE = """
import os, signal
from tui.ctl.seats import Seat
print(Seat.take().number, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_only_the_person_can_enter_the_folder_and_open_the_socket(seat: Seat, folder: Path) -> None:
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "1.sock").stat().st_mode) == 0o600


def test_calls_get_the_lowest_free_number_and_are_found_by_it(seat: Seat, folder: Path) -> None:
    with contextlib.closing(Seat.take()) as second, contextlib.closing(Seat.take()):
        assert (seat.number, second.number) == (1, 2)
        found = running_calls()
        assert list(found) == [1, 2, 3]
        assert all(is_own(connection) for connection in found.values())
        for connection in found.values():
            connection.close()
        second.close()
        with contextlib.closing(Seat.take()) as again:
            assert again.number == 2
    assert names(folder) == ["1.sock"]


def test_a_killed_call_leaves_a_socket_that_the_next_one_cleans(folder: Path) -> None:
    killed = subprocess.run([sys.executable, "-c", TAKE_AND_DIE], capture_output=True, check=False)
    assert (killed.stdout, names(folder)) == (b"1\n", ["1.sock"])
    with contextlib.closing(Seat.take()) as seat:
        assert (seat.number, names(folder)) == (1, ["1.sock"])
        assert list(running_calls()) == [1]
    assert names(folder) == []


def test_whoever_looks_for_calls_cleans_up_as_well(folder: Path) -> None:
    subprocess.run([sys.executable, "-c", TAKE_AND_DIE], capture_output=True, check=False)
    assert running_calls() == {}
    assert names(folder) == []


def test_without_a_folder_there_are_no_calls_and_none_is_made(folder: Path) -> None:
    assert running_calls() == {}
    assert not folder.exists()


@pytest.mark.parametrize("name", ["x.sock", "01.sock", "-1.sock", "9" * 5000, "1.sock.bak", "²"])
def test_other_names_in_the_folder_are_left_alone(folder: Path, name: str) -> None:
    folder.mkdir(mode=0o700)
    name = name[:200]
    (folder / name).write_bytes(b"")
    assert running_calls() == {}
    assert names(folder) == [name]


def test_a_folder_that_others_can_enter_is_not_used(folder: Path) -> None:
    folder.mkdir()
    folder.chmod(0o750)
    for attempt in (Seat.take, running_calls):
        with pytest.raises(NoSocketError, match="not yours alone") as refused:
            attempt()
        assert refused.value.hint == f"run: chmod 700 {folder}"


def test_a_folder_that_is_a_link_into_somebody_elses_is_not_used(
    folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "theirs").mkdir(mode=0o700)
    folder.symlink_to(tmp_path / "theirs")
    with pytest.raises(NoSocketError):
        Seat.take()


def test_a_folder_of_another_person_is_not_used(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.mkdir(mode=0o700)
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    with pytest.raises(NoSocketError, match="not yours alone"):
        Seat.take()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else for a moment")
def test_another_person_is_told_apart_even_where_the_folder_lets_them_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    tmp_path.chmod(0o755)
    with socket.socket(socket.AF_UNIX) as listener, socket.socket(socket.AF_UNIX) as stranger:
        listener.bind("1.sock")
        os.chmod("1.sock", 0o777)
        listener.listen()
        os.seteuid(65534)
        try:
            stranger.connect("1.sock")
        finally:
            os.seteuid(0)
        connection, _ = listener.accept()
        with connection:
            assert not is_own(connection)
            assert is_own(stranger)


def test_a_path_longer_than_a_sockets_may_be_is_no_trouble(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOTTO_CONFIG_DIR", str(tmp_path / ("long" * 40)))
    with contextlib.closing(Seat.take()):
        assert list(running_calls()) == [1]


def test_there_is_an_end_to_how_many_calls_run(seat: Seat, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seats, "MAX_CALLS", 1)
    with pytest.raises(NoSocketError, match="1 calls already"):
        Seat.take()


def test_a_call_that_takes_no_more_connections_stops_nobody(silent_call: socket.socket) -> None:
    silent_call.listen(0)
    waiting = [running_calls()[7] for _ in range(4)]
    assert list(running_calls()) == [7]
    with contextlib.closing(Seat.take()) as seat:
        assert seat.number == 1
    for connection in waiting:
        connection.close()
