from __future__ import annotations

import pytest

from tui.ports import Destination
from tui.screens.knocking import waiting_in_words, who_is_asked

ASKED = Destination("a.example", "SHA256:ada", "Ada", "known", False, "Standup", "Me", "SHA256:me")


@pytest.mark.parametrize(("seconds", "said"), [(0, "0:00"), (9.9, "0:09"), (754, "12:34")])
def test_how_long_we_wait(seconds: float, said: str) -> None:
    assert waiting_in_words(seconds) == said


def test_it_says_what_is_asked_of_whom_and_who_we_seem_to_be() -> None:
    words = who_is_asked(ASKED).plain
    for part in ("Standup", "at a.example", "hosted by Ada, known key", "SHA256:ada"):
        assert part in words
    assert "they see you as Me\nSHA256:me" in words


def test_a_host_whose_key_we_never_met_has_no_name() -> None:
    words = who_is_asked(Destination("a.example", "link 01234567", name="Me")).plain
    assert "hosted by a key you have not met\nlink 01234567" in words
    own = Destination("a.example", "SHA256:me", own=True, name="Me")
    assert "hosted by you" in who_is_asked(own).plain


def test_a_room_called_as_markup_is_text() -> None:
    assert who_is_asked(Destination("a", "b", title="[red]x[/]")).plain.startswith("[red]x[/]")
