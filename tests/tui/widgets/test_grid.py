from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from textual.app import App, ComposeResult
from textual.geometry import Region
from textual.pilot import Pilot

from tui.ports import Picture
from tui.widgets.grid import MAX_TILES, SMALLEST, VideoGrid, arrange_tiles, caption, choose
from tui.widgets.video import VideoTile


class Shown(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.views: dict[int, tuple[int, int]] = {}

    def compose(self) -> ComposeResult:
        yield VideoGrid(self._ask)

    def _ask(self, leaf: int, width: int, height: int) -> None:
        self.views[leaf] = (width, height)


@pytest.mark.parametrize("count", range(1, MAX_TILES + 1))
@pytest.mark.parametrize("size", [(47, 22), (113, 46), (200, 20), (30, 60)])
def test_tiles_lie_inside_and_apart_and_are_about_four_to_three(
    count: int, size: tuple[int, int]
) -> None:
    regions = arrange_tiles(count, *size)
    whole = Region(0, 0, *size)
    if not regions:
        assert min(size) < 40
        return
    assert len(regions) == count
    assert all(region in whole for region in regions)
    assert not any(a.overlaps(b) for a in regions for b in regions if a is not b)
    inner = regions[0].shrink((1, 1, 1, 1))
    assert inner.width >= SMALLEST - 1
    assert abs(inner.width / (inner.height * 2) - 4 / 3) < 0.2


def test_the_largest_pictures_win() -> None:
    assert len({region.y for region in arrange_tiles(3, 150, 20)}) == 1
    assert len({region.x for region in arrange_tiles(3, 30, 60)}) == 1


def test_no_room_means_no_tiles() -> None:
    assert arrange_tiles(4, 20, 8) == []
    assert arrange_tiles(0, 100, 40) == []


def test_cameras_come_before_names_and_we_come_last(someone) -> None:
    people = [someone(0, "Me", me=True, camera=True)]
    people += [someone(leaf, f"P{leaf}", camera=leaf > 4) for leaf in range(1, 13)]
    chosen = choose(people)
    assert len(chosen) == MAX_TILES
    assert chosen[-1].me
    assert {person.leaf for person in chosen} >= set(range(5, 13))
    assert [person.leaf for person in chosen[:-1]] == sorted(p.leaf for p in chosen[:-1])


def test_a_caption_is_never_markup(someone) -> None:
    assert "[b]Ada[/b]" in caption(someone(1, "[b]Ada[/b]")).plain
    assert "you" in caption(someone(0, "Ada", me=True)).plain


async def until(pilot: Pilot[None], condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await pilot.pause()


async def test_pictures_are_asked_for_as_large_as_they_are_drawn(someone) -> None:
    ada, grace = (someone(leaf, f"P{leaf}", camera=True) for leaf in (1, 2))
    async with Shown().run_test(size=(60, 24)) as pilot:
        grid, views = pilot.app.query_one(VideoGrid), pilot.app.views
        grid.show([ada])
        await until(pilot, lambda: 1 in views)
        alone = views[1]
        tile = pilot.app.query_one(VideoTile)
        assert alone == (tile.content_size.width, tile.content_size.height * 2)
        grid.show([ada, grace])
        await until(pilot, lambda: views[1] < alone and views.get(2) == views[1])
        grid.show([grace])
        await until(pilot, lambda: views[1] == (0, 0) and views[2] == alone)


async def test_whoever_comes_in_at_a_leaf_that_has_a_tile_is_asked_for_anew(someone) -> None:
    people = [someone(leaf, f"P{leaf}", camera=True) for leaf in (1, 2)]
    async with Shown().run_test(size=(60, 24)) as pilot:
        grid, views = pilot.app.query_one(VideoGrid), pilot.app.views
        grid.show(people)
        await until(pilot, lambda: views.keys() == {1, 2})
        wanted = views.copy()
        views.clear()
        grid.renew(2)
        grid.show(people)
        await until(pilot, lambda: 2 in views)
        assert views == {2: wanted[2]}
        grid.renew()
        grid.show(people)
        await until(pilot, lambda: views == wanted)


async def test_an_empty_grid_says_what_is_waited_for_until_somebody_comes(someone) -> None:
    async with Shown().run_test(size=(60, 24)) as pilot:
        grid = pilot.app.query_one(VideoGrid)
        assert grid.render().plain == ""
        grid.wait("You have [b]knocked[/b].")
        assert grid.render().plain == "You have [b]knocked[/b]."
        grid.show([someone(1, "Ada")])
        assert grid.render().plain == ""


async def test_hidden_tiles_ask_for_nothing(someone) -> None:
    async with Shown().run_test(size=(60, 24)) as pilot:
        grid, views = pilot.app.query_one(VideoGrid), pilot.app.views
        grid.show([someone(1, "Ada", camera=True)])
        await until(pilot, lambda: views.get(1, (0, 0)) > (0, 0))
        grid.display = False
        await until(pilot, lambda: views[1] == (0, 0))
        grid.display = True
        await until(pilot, lambda: views[1] > (0, 0))


async def test_speaking_lights_the_frame_and_strangers_get_no_tile(someone) -> None:
    async with Shown().run_test(size=(60, 24)) as pilot:
        grid = pilot.app.query_one(VideoGrid)
        grid.show([someone(1, "Ada", camera=True, muted=False, speaking=True)])
        await pilot.pause()
        assert pilot.app.query_one(VideoTile).has_class("-speaking")
        grid.picture(Picture(leaf=9, width=1, height=1, rgb=b"\0\0\0"))
        grid.picture(Picture(leaf=1, width=2, height=2, rgb=b"\x80" * 12))
        grid.show([someone(1, "Ada", muted=True, speaking=True)])
        assert not pilot.app.query_one(VideoTile).has_class("-speaking")


async def test_who_speaks_moves_no_tile_and_who_comes_stands_in_order(someone) -> None:
    people = [someone(0, "Me", me=True), someone(2, "Ada", muted=False), someone(3, "Noor")]
    async with Shown().run_test(size=(100, 40)) as pilot:
        grid = pilot.app.query_one(VideoGrid)
        grid.show(people)
        await until(pilot, lambda: all(tile.size for tile in grid.query(VideoTile)))
        cuts = pilot.app.screen._compositor.cuts
        people[1] = someone(2, "Ada", muted=False, speaking=True)
        grid.show(people)
        await pilot.pause()
        assert [tile.has_class("-speaking") for tile in grid.query(VideoTile)] == [
            True,
            False,
            False,
        ]
        assert pilot.app.screen._compositor.cuts is cuts
        grid.show([*people, someone(1, "Grace")])
        await pilot.pause()
        assert [tile.leaf for tile in grid.query(VideoTile)] == [1, 2, 3, 0]
