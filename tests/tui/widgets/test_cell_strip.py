"""Strips of cells: what they write, and that Textual can do everything with them."""

from __future__ import annotations

import io

import numpy as np
import pyte
import pytest
from rich.console import Console
from rich.style import Style
from textual.color import Color
from textual.filter import Monochrome
from textual.strip import Strip

from media.cells.depth import Depth
from media.cells.half import render
from media.cells.palette import Cells, paint
from tui.widgets.cell_strip import CellStrip, Painting

WIDTH, HEIGHT = 10, 3
CONSOLE = Console(file=io.StringIO())
SKIP = f"\x1b[{WIDTH}C"


def cells(seed: int, depth: Depth = Depth.TRUE) -> Cells:
    rng = np.random.default_rng(seed)
    return paint(render(rng.integers(0, 256, (2 * HEIGHT, WIDTH, 3), np.uint8)), depth)


def drawn(text: str) -> list[tuple[str, str, str]]:
    """What a terminal shows in its first row after this text."""
    screen = pyte.Screen(WIDTH, 1)
    pyte.Stream(screen).feed(text)
    row = screen.buffer[0]
    return [(row[x].data, row[x].fg, row[x].bg) for x in range(WIDTH)]


def wanted(picture: Cells, row: int, start: int = 0, stop: int = WIDTH) -> list[tuple[str, ...]]:
    return [
        (
            chr(picture.codepoints[row, x]),
            f"{picture.fg[row, x]:06x}",
            f"{picture.bg[row, x]:06x}",
        )
        for x in range(start, stop)
    ]


def test_a_row_is_written_whole_once_and_then_not_again() -> None:
    painting = Painting(cells(1))
    assert painting.stale_rows() == [0, 1, 2]
    assert drawn(painting.strips()[1].render(CONSOLE)) == wanted(painting.cells, 1)
    assert painting.stale_rows() == [0, 2]
    assert painting.strips()[1].render(CONSOLE) == SKIP


def test_a_changed_cell_is_all_that_is_written() -> None:
    painting = Painting(cells(1))
    first = painting.strips()[0].render(CONSOLE)
    changed = cells(1)
    changed.bg[0, 4] ^= 0xFFFFFF
    painting.show(changed)
    second = painting.strips()[0].render(CONSOLE)
    assert second.startswith("\x1b[4C")
    assert len(second) < len(first) / 4
    assert drawn(first + "\r" + second) == wanted(changed, 0)


def test_what_was_never_written_stays_to_be_written() -> None:
    """Strips that are made and thrown away (hover, screenshots) prove nothing."""
    painting = Painting(cells(1))
    painting.strips()
    list(painting.strips()[0])
    Strip.join(painting.strips())
    assert painting.stale_rows() == [0, 1, 2]


def test_a_picture_between_is_not_lost() -> None:
    painting = Painting(cells(1))
    first = painting.strips()[0].render(CONSOLE)
    painting.show(cells(2))
    painting.show(cells(3))
    second = painting.strips()[0].render(CONSOLE)
    assert drawn(first + "\r" + second) == wanted(cells(3), 0)


def test_forgotten_rows_are_written_whole() -> None:
    painting = Painting(cells(1))
    texts = [strip.render(CONSOLE) for strip in painting.strips()]
    painting.forget(1)
    assert painting.stale_rows() == [1]
    assert [strip.render(CONSOLE) for strip in painting.strips()] == [SKIP, texts[1], SKIP]
    painting.forget()
    assert [strip.render(CONSOLE) for strip in painting.strips()] == texts


def test_a_part_is_written_whole_and_makes_its_row_unknown() -> None:
    painting = Painting(cells(1))
    for strip in painting.strips():
        strip.render(CONSOLE)
    part = painting.strips()[2].crop(3, 7)
    assert drawn(part.render(CONSOLE))[:4] == wanted(painting.cells, 2, 3, 7)
    assert painting.stale_rows() == [2]


def test_an_outdated_strip_does_not_pass_for_the_present_picture() -> None:
    painting = Painting(cells(1))
    old = painting.strips()[0]
    painting.show(cells(2))
    assert drawn(old.render(CONSOLE)) == wanted(cells(1), 0)
    assert 0 in painting.stale_rows()


@pytest.mark.parametrize("cuts", [[10], [4, 10], [0, 3, 3, 10], [2, 5], [4, 10, 12], []])
def test_dividing_is_as_textual_divides(cuts: list[int]) -> None:
    strip = Painting(cells(1)).strips()[0]
    plain = Strip(list(strip), WIDTH)
    ours, theirs = strip.divide(cuts), plain.divide(cuts)
    assert [s.text for s in ours] == [s.text for s in theirs]
    assert [s.cell_length for s in ours] == [s.cell_length for s in theirs]


@pytest.mark.parametrize("span", [(0, 10), (0, None), (3, 7), (3, 99), (-2, 4), (8, 3), (12, 15)])
def test_cropping_is_as_textual_crops(span: tuple[int, int | None]) -> None:
    strip = Painting(cells(1)).strips()[0]
    plain = Strip(list(strip), WIDTH)
    assert strip.crop(*span).text == plain.crop(max(0, span[0]), span[1]).text


def test_parts_of_parts_are_the_right_cells() -> None:
    picture = cells(4)
    part = Painting(picture).strips()[1].crop(2, 9).crop(1, 5)
    assert drawn(part.render(CONSOLE))[:4] == wanted(picture, 1, 3, 7)


@pytest.mark.parametrize("depth", [Depth.TRUE, Depth.COLOURS_256, Depth.COLOURS_16])
def test_as_segments_it_has_the_same_cells_and_colours(depth: Depth) -> None:
    picture = cells(5, depth)
    strip = Painting(picture).strips()[0]
    styles = [s.style for s in strip for _ in s.text]
    for x, style in enumerate(styles):
        assert style is not None
        for colour, code in ((style.color, picture.fg[0, x]), (style.bgcolor, picture.bg[0, x])):
            assert colour is not None
            if depth is Depth.TRUE:
                triplet = colour.get_truecolor()
                assert (triplet.red << 16 | triplet.green << 8 | triplet.blue) == code
            else:
                assert colour.number == code
    assert strip.text == "".join(map(chr, picture.codepoints[0].tolist()))


def test_without_colours_it_is_plain_text() -> None:
    strip = Painting(cells(6, Depth.MONO)).strips()[0]
    assert {segment.style for segment in strip} == {Style.null()}
    assert strip.render(CONSOLE) == strip.text


def test_filters_styles_and_joins_make_ordinary_strips() -> None:
    strips = Painting(cells(7)).strips()
    grey = strips[0].apply_filter(Monochrome(), Color(0, 0, 0))
    assert type(grey) is Strip
    assert grey.text == strips[0].text
    assert strips[0].apply_style(Style(bold=True)).text == strips[0].text
    assert Strip.join(strips).text == "".join(strip.text for strip in strips)
    assert strips[0].adjust_cell_length(WIDTH + 2).cell_length == WIDTH + 2
    assert strips[0].cell_length == WIDTH
    assert bool(strips[0])


def test_contract_textual_strip_has_the_hooks_overridden() -> None:
    """Fails when a new Textual changes what `CellStrip` stands on."""
    assert "_segments" in Strip.__slots__
    for method in ("render", "crop", "divide", "__bool__"):
        assert method in vars(Strip)
        assert method in vars(CellStrip)
