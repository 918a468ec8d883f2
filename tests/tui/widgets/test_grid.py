from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from textual.app import App, ComposeResult
from textual.pilot import Pilot

from tui.cast import Scene, Seen
from tui.ports import Participant, Picture
from tui.widgets.grid import VideoGrid, caption, footing
from tui.widgets.video import VideoTile


class Shown(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.views: dict[int, tuple[int, int]] = {}

    def compose(self) -> ComposeResult:
        yield VideoGrid(self._ask)

    def _ask(self, leaf: int, width: int, height: int) -> None:
        self.views[leaf] = (width, height)


def scene(*people: Participant, lead: int | None = None, large: bool = False) -> Scene:
    tiles = tuple(Seen(person, digit=person.leaf) for person in people)
    return Scene(tiles, tiles, lead, large)


def test_a_caption_is_never_markup_and_the_name_comes_before_the_role(someone) -> None:
    ada = someone(1, "[b]Ada[/b]", role="host")
    assert caption(Seen(ada, digit=3), 30).plain == "3 × [b]Ada[/b] host"
    assert caption(Seen(ada, digit=3), 16).plain == "3 × [b]Ada[/b]"
    assert caption(Seen(someone(0, "Ada", me=True)), 30).plain == "× you"


@pytest.mark.parametrize(
    ("room", "said"),
    [(40, "REC 50% KEY CHANGED"), (17, "REC KEY CHANGED"), (12, "REC CHANGED"), (3, "REC CHANGED")],
)
def test_recording_and_the_key_state_stay_on_the_smallest_tile(someone, room, said) -> None:
    ada = someone(1, "Ada", recording=True, key_state="changed")
    assert footing(Seen(ada, volume=0.5), room).plain == said
    assert footing(Seen(someone(0, "Me", me=True, key_state="new")), room).plain == ""


async def until(pilot: Pilot[None], condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await pilot.pause()


async def test_pictures_are_asked_for_as_large_as_they_are_drawn(someone) -> None:
    ada, grace = (someone(leaf, f"P{leaf}", camera=True) for leaf in (1, 2))
    async with Shown().run_test(size=(60, 24)) as pilot:
        grid, views = pilot.app.query_one(VideoGrid), pilot.app.views
        grid.show(scene(ada))
        await until(pilot, lambda: 1 in views)
        alone = views[1]
        tile = pilot.app.query_one(VideoTile)
        assert alone == (tile.content_size.width, tile.content_size.height * 2)
        grid.show(scene(ada, grace))
        await until(pilot, lambda: views[1] < alone and views.get(2) == views[1])
        grid.show(scene(grace))
        await until(pilot, lambda: views[1] == (0, 0) and views[2] == alone)


async def test_whoever_comes_in_at_a_leaf_that_has_a_tile_is_asked_for_anew(someone) -> None:
    people = [someone(leaf, f"P{leaf}", camera=True) for leaf in (1, 2)]
    async with Shown().run_test(size=(60, 24)) as pilot:
        grid, views = pilot.app.query_one(VideoGrid), pilot.app.views
        grid.show(scene(*people))
        await until(pilot, lambda: views.keys() == {1, 2})
        wanted = views.copy()
        views.clear()
        grid.renew(2)
        grid.show(scene(*people))
        await until(pilot, lambda: 2 in views)
        assert views == {2: wanted[2]}
        grid.renew()
        grid.show(scene(*people))
        await until(pilot, lambda: views == wanted)


async def test_a_picture_that_comes_before_the_new_tile_is_left_out(someone) -> None:
    async with Shown().run_test(size=(60, 24)) as pilot:
        grid = pilot.app.query_one(VideoGrid)
        grid.show(scene(someone(1, "Ada", camera=True)))
        grid.renew(1)
        grid.picture(Picture(leaf=1, width=1, height=1, rgb=b"\0\0\0"))


async def test_an_empty_grid_says_what_is_waited_for_until_somebody_comes(someone) -> None:
    async with Shown().run_test(size=(60, 24)) as pilot:
        grid = pilot.app.query_one(VideoGrid)
        assert grid.render().plain == ""
        grid.wait("You have [b]knocked[/b].")
        assert grid.render().plain == "You have [b]knocked[/b]."
        grid.show(scene(someone(1, "Ada")))
        assert grid.render().plain == ""


async def test_hidden_tiles_ask_for_nothing(someone) -> None:
    async with Shown().run_test(size=(60, 24)) as pilot:
        grid, views = pilot.app.query_one(VideoGrid), pilot.app.views
        grid.show(scene(someone(1, "Ada", camera=True)))
        await until(pilot, lambda: views.get(1, (0, 0)) > (0, 0))
        grid.display = False
        await until(pilot, lambda: views[1] == (0, 0))
        grid.display = True
        await until(pilot, lambda: views[1] > (0, 0))


async def test_speaking_lights_the_frame_and_strangers_get_no_tile(someone) -> None:
    async with Shown().run_test(size=(60, 24)) as pilot:
        grid = pilot.app.query_one(VideoGrid)
        grid.show(scene(someone(1, "Ada", camera=True, muted=False, speaking=True)))
        await pilot.pause()
        assert pilot.app.query_one(VideoTile).has_class("-speaking")
        grid.picture(Picture(leaf=9, width=1, height=1, rgb=b"\0\0\0"))
        grid.picture(Picture(leaf=1, width=2, height=2, rgb=b"\x80" * 12))
        grid.show(scene(someone(1, "Ada", muted=True, speaking=True)))
        assert not pilot.app.query_one(VideoTile).has_class("-speaking")


async def test_who_speaks_moves_no_tile_and_who_comes_stands_in_order(someone) -> None:
    people = [someone(2, "Ada", muted=False), someone(3, "Noor"), someone(0, "Me", me=True)]
    async with Shown().run_test(size=(100, 40)) as pilot:
        grid = pilot.app.query_one(VideoGrid)
        grid.show(scene(*people))
        await until(pilot, lambda: all(tile.size for tile in grid.query(VideoTile)))
        cuts = pilot.app.screen._compositor.cuts
        people[0] = someone(2, "Ada", muted=False, speaking=True)
        grid.show(scene(*people))
        await pilot.pause()
        assert [tile.has_class("-speaking") for tile in grid.query(VideoTile)] == [
            True,
            False,
            False,
        ]
        assert pilot.app.screen._compositor.cuts is cuts
        grid.show(scene(someone(1, "Grace"), *people))
        await pilot.pause()
        assert [tile.leaf for tile in grid.query(VideoTile)] == [1, 2, 3, 0]


async def test_who_leads_is_large_where_that_is_asked_or_the_others_do_not_fit(someone) -> None:
    people = [someone(leaf, f"P{leaf}", camera=True) for leaf in (1, 2, 3)]
    async with Shown().run_test(size=(60, 24)) as pilot:
        grid, views = pilot.app.query_one(VideoGrid), pilot.app.views
        grid.show(scene(*people, lead=2))
        await until(pilot, lambda: views.keys() == {1, 2, 3} and len(set(views.values())) == 1)
        grid.show(scene(*people, lead=2, large=True))
        await until(pilot, lambda: views[2] > views[1] == views[3] > (0, 0))
        grid.show(scene(*people, lead=3, large=True))
        await until(pilot, lambda: views[3] > views[1] == views[2] > (0, 0))
        grid.show(scene(*people, lead=3))
        await pilot.resize_terminal(26, 10)
        await until(pilot, lambda: views[1] == views[2] == (0, 0) < views[3])


async def test_the_border_tells_what_fits_on_it(someone) -> None:
    async with Shown().run_test(size=(60, 24)) as pilot:
        grid = pilot.app.query_one(VideoGrid)
        grid.show(scene(someone(1, "Ada", key_state="verified")), marked=1)
        tile = pilot.app.query_one(VideoTile)
        await until(pilot, lambda: "verified" in str(tile.border_subtitle))
        assert "reverse" in str(tile.border_title)
        await pilot.resize_terminal(16, 8)
        await until(pilot, lambda: "verified" not in str(tile.border_subtitle))
        assert "✓" in str(tile.border_subtitle)
