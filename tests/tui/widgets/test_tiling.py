"""Tiles never overlap, are shaped like pictures, and leave out nobody there is room for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.geometry import Region

from tui.cast import MAX_TILES
from tui.widgets.tiling import SMALLEST, arrange_speaker, arrange_tiles


def check(regions: list[Region], width: int, height: int) -> None:
    whole = Region(0, 0, width, height)
    assert all(region in whole for region in regions)
    assert not any(a.overlaps(b) for a in regions for b in regions if a is not b)
    for region in regions:
        inner = region.shrink((1, 1, 1, 1))
        assert inner.width >= SMALLEST
        assert abs(inner.width / (inner.height * 2) - 4 / 3) < 0.2


@pytest.mark.parametrize("count", range(1, MAX_TILES + 1))
@pytest.mark.parametrize("size", [(47, 22), (113, 46), (200, 20), (30, 60)])
def test_tiles_lie_inside_and_apart_and_are_about_four_to_three(
    count: int, size: tuple[int, int]
) -> None:
    regions = arrange_tiles(count, *size)
    assert len(regions) == (count if regions else 0)
    assert regions or min(size) < 40
    check(regions, *size)


def test_the_largest_pictures_win() -> None:
    assert len({region.y for region in arrange_tiles(3, 150, 20)}) == 1
    assert len({region.x for region in arrange_tiles(3, 30, 60)}) == 1


def test_no_room_means_no_tiles() -> None:
    assert arrange_tiles(4, 20, 8) == []
    assert arrange_tiles(0, 100, 40) == []


@given(st.integers(1, MAX_TILES), st.integers(1, 240), st.integers(1, 67))
def test_a_large_tile_has_its_strip_beside_it_and_loses_little(count, width, height) -> None:
    regions = arrange_speaker(count, width, height)
    if not regions:
        assert min(width, 3 * height) < 24
        return
    assert len(regions) <= count
    check(regions, width, height)
    alone = arrange_speaker(1, width, height)[0]
    assert all(alone.width >= regions[0].width >= region.width for region in regions)


def test_the_others_are_seen_beside_who_is_large_where_there_is_room() -> None:
    assert len(arrange_speaker(5, 47, 23)) == 4
    assert len(arrange_speaker(9, 179, 65)) > 4
    assert len(arrange_speaker(5, 28, 9)) == 1
