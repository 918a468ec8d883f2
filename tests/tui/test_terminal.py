from __future__ import annotations

import subprocess
import sys

import pytest

from media.cells.depth import Depth
from tui.terminal import Terminal, dumb, far


@pytest.mark.parametrize("term", ["dumb", "", "unknown", "DUMB"])
def test_what_cannot_move_a_cursor_is_dumb(term: str) -> None:
    assert dumb({"TERM": term})


def test_without_a_word_about_the_terminal_it_counts_as_dumb() -> None:
    assert dumb({})


@pytest.mark.parametrize("term", ["xterm-256color", "linux", "tmux-256color", "vt100", "foot"])
def test_what_can_be_drawn_on_is_not_dumb(term: str) -> None:
    assert not dumb({"TERM": term})


@pytest.mark.parametrize(
    ("environ", "depth"),
    [
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, Depth.TRUE),
        ({"TERM": "xterm-256color", "COLORTERM": ""}, Depth.COLOURS_256),
        ({"TERM": "tmux-256color"}, Depth.COLOURS_256),
        ({"TERM": "xterm-kitty"}, Depth.TRUE),
        ({"TERM": "foot"}, Depth.TRUE),
        ({"TERM": "xterm-direct"}, Depth.TRUE),
        ({"TERM": "xterm"}, Depth.COLOURS_16),
        ({"TERM": "linux"}, Depth.COLOURS_16),
        ({"TERM": "vt220"}, Depth.MONO),
        ({"TERM": "xterm-mono"}, Depth.MONO),
        ({"TERM": "dumb"}, Depth.MONO),
        ({"TERM": "xterm-kitty", "COLORTERM": "truecolor", "NO_COLOR": "1"}, Depth.MONO),
        ({"TERM": "xterm-kitty", "NO_COLOR": ""}, Depth.TRUE),
    ],
)
def test_colours_are_those_that_may_be_used_and_can_be(
    environ: dict[str, str], depth: Depth
) -> None:
    assert Terminal.here(environ).depth is depth


@pytest.mark.parametrize(
    ("environ", "inside", "osc"),
    [
        ({"TERM": "xterm-256color"}, "", "9"),
        ({"TERM": "xterm-kitty"}, "", "99"),
        ({"TERM": "xterm-256color", "VTE_VERSION": "7600"}, "", "777"),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "WezTerm"}, "", "777"),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "iTerm.app"}, "", "9"),
        ({"TERM": "linux"}, "", ""),
        ({"TERM": "tmux-256color", "TMUX": "socket,1,0", "VTE_VERSION": "7600"}, "tmux", "9"),
        ({"TERM": "screen", "STY": "1.pts"}, "screen", "9"),
    ],
)
def test_notifications_go_one_way_through_whatever_is_between(
    environ: dict[str, str], inside: str, osc: str
) -> None:
    terminal = Terminal.here(environ)
    assert (terminal.inside, terminal.osc) == (inside, osc)


def test_textual_is_told_of_the_same_colours() -> None:
    for name, system in (("xterm-kitty", "truecolor"), ("linux", "standard")):
        told = Terminal.here({"TERM": name}).for_textual
        assert told == {"TEXTUAL_COLOR_SYSTEM": system}
    assert Terminal.here({"TERM": "vt220"}).for_textual["NO_COLOR"] == "1"


def test_it_is_decided_before_anything_large_is_loaded() -> None:
    code = "import sys, tui.terminal; sys.exit(bool({'numpy', 'textual'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_terminal_is_far_over_ssh_unless_something_near_answers_for_it() -> None:
    ssh = {"SSH_CONNECTION": "192.0.2.1 1 192.0.2.2 22"}
    assert far(ssh)
    assert not far({})
    assert not far({**ssh, "TMUX": "socket"})
    assert not far({**ssh, "STY": "name"})
