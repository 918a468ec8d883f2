from __future__ import annotations

import os
import pty
import termios
import threading
from collections.abc import Iterator

import pytest

from media.cells.depth import Depth
from tui.doctor import terminal
from tui.doctor.finding import Case
from tui.terminal import Terminal


@pytest.fixture
def ends() -> Iterator[tuple[int, int]]:
    """Both ends of a terminal: the one it is drawn at, and ours."""
    master, slave = pty.openpty()
    yield master, slave
    os.close(master)
    os.close(slave)


@pytest.mark.parametrize(
    ("answer", "tells"), [(b"\x1b[?0u\x1b[?62;c", True), (b"\x1b[?1;2c", False), (b"", False)]
)
def test_a_terminal_is_asked_for_key_releases(
    ends: tuple[int, int], answer: bytes, tells: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    master, slave = ends
    monkeypatch.setattr(terminal, "PATIENCE", 5.0 if answer else 0.05)
    before = termios.tcgetattr(slave)

    def answers() -> None:
        assert os.read(master, 64) == b"\x1b[?u\x1b[c"
        os.write(master, answer)

    other = threading.Thread(target=answers)
    other.start()
    assert terminal.tells_releases(slave) is tells
    other.join()
    assert termios.tcgetattr(slave) == before


def test_small_or_old_terminals_are_warned_of() -> None:
    assert terminal.size(60, 20).state == "ok"
    assert terminal.size(59, 20).state == terminal.size(60, 19).state == "warn"
    assert terminal.encoding("UTF-8").state == terminal.encoding("utf8").state == "ok"
    assert terminal.encoding("ascii").state == "warn"


def test_colours_and_keys_are_told() -> None:
    assert terminal.colours(Terminal(Depth.TRUE, "tmux", "")).what == "all colours, inside tmux"
    assert "repeats" in terminal.keys(releases=False).what


def test_without_a_terminal_nothing_is_asked(capfd: pytest.CaptureFixture[str], states) -> None:
    assert states(terminal.terminal(Case())) == ["ok"]
    assert capfd.readouterr() == ("", "")
