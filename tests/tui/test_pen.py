from __future__ import annotations

import asyncio
import io

import pytest

from tui.pen import AGAIN, MOST, Pen


class Paper(io.StringIO):
    """Paper a pen writes on, and what it complained about."""

    def __init__(self) -> None:
        super().__init__()
        self.lost: list[Exception] = []


@pytest.fixture
def paper() -> Paper:
    return Paper()


def pen_on(paper: Paper, **waits: float) -> Pen:
    return Pen(paper, paper.lost.append, **waits)


async def test_lines_are_written_at_once_while_nothing_is_typed(paper) -> None:
    pen = pen_on(paper)
    pen.write("Ada came in.")
    pen.write("two\n  lines")
    assert paper.getvalue() == "Ada came in.\ntwo\n  lines\n"


async def test_lines_wait_until_a_typed_line_is_sent(paper) -> None:
    pen = pen_on(paper)
    assert pen.keys(b"hel") == []
    pen.write("Ada: good morning")
    assert paper.getvalue() == "hel"
    assert pen.keys(b"lo\r") == ["hello"]
    assert paper.getvalue() == "hello\nAda: good morning\n"


async def test_lines_wait_until_a_typed_line_is_erased(paper) -> None:
    pen = pen_on(paper)
    pen.keys(b"h")
    pen.write("Ada: good morning")
    pen.keys(b"\x7f")
    assert paper.getvalue() == "h\b \bAda: good morning\n"


async def test_who_pauses_hears_what_waits_and_then_the_beginning_again(paper) -> None:
    pen = pen_on(paper, pause=0.01)
    pen.keys(b"hel")
    pen.write("Ada: good morning")
    await asyncio.sleep(0.05)
    assert pen.keys(b"lo\r") == ["hello"]
    assert paper.getvalue() == f"hel\nAda: good morning\n{AGAIN}hello\n"


async def test_who_never_pauses_hears_it_all_the_same(paper) -> None:
    pen = pen_on(paper, pause=60.0, longest=0.01)
    pen.keys(b"h")
    pen.write("Ada: good morning")
    await asyncio.sleep(0.05)
    assert paper.getvalue() == f"h\nAda: good morning\n{AGAIN}h"


async def test_not_too_much_waits(paper) -> None:
    pen = pen_on(paper)
    pen.keys(b"h")
    for number in range(MOST):
        pen.write(f"line {number}")
    assert paper.getvalue().count("line") == MOST
    assert paper.getvalue().endswith(f"{AGAIN}h")


async def test_what_is_urgent_does_not_wait_nor_overtake(paper) -> None:
    pen = pen_on(paper)
    pen.keys(b"h")
    pen.write("first")
    pen.write("Sending has stopped.", urgent=True)
    assert paper.getvalue() == f"h\nfirst\nSending has stopped.\n{AGAIN}h"


async def test_the_end_leaves_a_whole_line(paper) -> None:
    pen = pen_on(paper)
    pen.keys(b"h")
    pen.write("Ada left.")
    pen.close()
    assert paper.getvalue() == "h\nAda left.\n"


async def test_control_characters_are_inert_wherever_they_come_from(paper) -> None:
    pen = pen_on(paper)
    pen.write("There is no /\x1b[2J\x07\x9b1m\rx.")
    assert paper.getvalue() == "There is no /?[2J??1m?x.\n"


async def test_whoever_asked_is_told_that_nothing_can_be_written(paper) -> None:
    pen = pen_on(paper)
    paper.close()
    pen.write("Ada left.")
    assert [type(error) for error in paper.lost] == [ValueError]
