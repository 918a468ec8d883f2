from __future__ import annotations

import pytest

from tui.terminal import dumb


@pytest.mark.parametrize("term", ["dumb", "", "unknown", "DUMB"])
def test_what_cannot_move_a_cursor_is_dumb(term: str) -> None:
    assert dumb({"TERM": term})


def test_without_a_word_about_the_terminal_it_counts_as_dumb() -> None:
    assert dumb({})


@pytest.mark.parametrize("term", ["xterm-256color", "linux", "tmux-256color", "vt100", "foot"])
def test_what_can_be_drawn_on_is_not_dumb(term: str) -> None:
    assert not dumb({"TERM": term})
