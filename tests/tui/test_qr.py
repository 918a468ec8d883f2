from __future__ import annotations

import pytest
import segno

from tui.qr import BORDER, announcement, half_blocks, printed

LINK = f"https://192.0.2.17:40123/r/#{'a' * 26}.{'b' * 26}.{'c' * 26}"
CELLS = {" ": (0, 0), "▀": (1, 0), "▄": (0, 1), "█": (1, 1)}


def test_half_blocks_are_the_modules_of_the_code() -> None:
    modules = [list(row) for row in segno.make(LINK, error="l").matrix_iter(border=BORDER)]
    rows: list[list[int]] = []
    for line in half_blocks(LINK):
        rows += [[CELLS[cell][half] for cell in line] for half in (0, 1)]
    assert rows[: len(modules)] == modules
    assert len(rows) - len(modules) in (0, 1)
    assert not any(any(row) for row in rows[len(modules) :])


def test_a_link_fits_a_terminal() -> None:
    assert len(half_blocks(LINK)[0]) <= 64


def test_printed_sets_its_own_colours() -> None:
    assert all(
        line.startswith("\x1b[30;107m") and line.endswith("\x1b[0m")
        for line in printed("x").splitlines()
    )


@pytest.mark.parametrize(("size", "code"), [((80, 40), True), ((80, 24), False), ((30, 60), False)])
def test_an_announcement_has_the_code_only_where_it_fits(size: tuple[int, int], code: bool) -> None:
    text = announcement(LINK, *size, code=True)
    assert text.endswith(f"sotto join '{LINK}'\n")
    assert ("▀" in text) == code
    assert announcement(LINK, *size, code=False) == f"sotto join '{LINK}'\n"
