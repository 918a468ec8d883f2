from __future__ import annotations

import asyncio

from showing import intents, screen, shown, status, written

from rooms.events import (
    CameraState,
    ParticipantJoined,
    Reconnected,
)
from tui.cast import Cast
from tui.ports import Picture
from tui.widgets.chat import ChatPanel
from tui.widgets.chat_input import ChatInput
from tui.widgets.grid import VideoGrid
from tui.widgets.participants import ParticipantsPanel
from tui.widgets.video import VideoTile


async def test_people_come_speak_and_go(call, someone) -> None:
    async with shown(call) as pilot:
        call.arrive(someone(1, "Ada", muted=False, camera=True, key_state="new"))
        call.speak(1, True)
        await pilot.pause()
        panel = screen(pilot).query_one(ParticipantsPanel)
        assert [one.person.name for one in panel.people] == ["Me", "Ada"]
        assert panel.people[1].person.speaking
        assert [tile.leaf for tile in screen(pilot).query(VideoTile)] == [1]  # we have no camera
        assert "Ada came in (key not seen before)." in written(pilot)
        assert "encrypted" in status(pilot)
        call.depart(1)
        await pilot.pause()
        assert len(screen(pilot).query(VideoTile)) == 0
        assert "Ada left." in written(pilot)


async def test_whoever_is_alone_is_told_how_others_come_in(call, someone) -> None:
    async with shown(call) as pilot:
        await pilot.pause()
        grid = screen(pilot).query_one(VideoGrid)
        assert "l shows the link" in str(grid.render())
        assert "w shows words to say" in str(grid.render())
        call.arrive(someone(1, "Ada"))
        await pilot.pause()
        assert str(grid.render()) == ""


async def test_pictures_are_asked_for_again_after_a_lost_connection(call, someone) -> None:
    async def asked(*leaves: int) -> None:
        async with asyncio.timeout(10):
            while not set(leaves) <= {intent[1] for intent in call.intents}:
                await pilot.pause()
        call.intents.clear()

    async with shown(call) as pilot:
        call.change(0, camera=True)
        ada = someone(1, "Ada", camera=True)
        call.arrive(ada)
        await asked(0, 1)
        call.emit(ParticipantJoined(participant=ada))  # theirs, at the leaf they had
        await asked(1)
        call.emit(Reconnected(leaf=0, epoch=2))  # ours
        await asked(0, 1)


async def test_removing_with_the_key_needs_a_mark_and_a_second_press(call, someone) -> None:
    async with shown(call) as pilot:
        call.arrive(someone(1, "Ada"))
        await pilot.press("x")
        assert "Mark somebody first" in written(pilot)
        await pilot.press("tab", "down", "down", "x")
        assert intents(call) == []
        await pilot.press("x")
        assert intents(call) == [("remove", 1)]


async def test_roles_and_rules_are_changed_by_keys_and_lines_and_shown(call, someone) -> None:
    async with shown(call, (110, 30)) as pilot:
        call.arrive(someone(1, "Ada"))
        assert "locked" not in status(pilot)
        await pilot.press("L", "p")
        assert status(pilot).count("locked") == 1
        assert "You locked the room." in written(pilot)
        assert "chat on: everybody may write" in written(pilot)
        await pilot.press("U", "tab", "down", "down", "c", "c")
        assert "Press c again to make Ada a cohost." in written(pilot)
        assert screen(pilot).query_one(ParticipantsPanel).people[1].person.role == "cohost"
        await pilot.press("d", "c", "d")  # another key between: nothing is done by half
        assert intents(call) == [("lock", True), ("lock", False), ("appoint", 1)]
        await pilot.press("d")
        assert intents(call)[-1] == ("dismiss", "SHA256:Ada")


async def test_the_marked_participant_is_made_louder_and_softer(call, someone) -> None:
    async with shown(call) as pilot:
        call.arrive(someone(1, "Ada"))
        await pilot.press("plus", "tab", "down", "down", "plus", "minus", "minus")
        assert intents(call) == [("volume", 1, 1.25), ("volume", 1, 1.0), ("volume", 1, 0.75)]


async def test_pictures_reach_their_tile_and_go_with_the_camera(call, someone, monkeypatch) -> None:
    drawn: list[str] = []
    monkeypatch.setattr(VideoTile, "show", lambda tile, picture: drawn.append("picture"))
    monkeypatch.setattr(VideoTile, "clear", lambda tile: drawn.append(f"initials {tile.leaf}"))
    red = Picture(leaf=1, width=4, height=4, rgb=b"\xff\0\0" * 16)
    async with shown(call) as pilot:
        call.arrive(someone(1, "Ada", camera=True))
        await pilot.pause()
        drawn.clear()
        call.show(red)
        call.change(1, camera=False)
        call.emit(CameraState(leaf=1, name="Ada", on=False))
        call.show(red)
        assert [what for what in drawn if what != "initials 0"] == ["picture", "initials 1"]


async def test_names_that_look_like_markup_are_drawn_as_they_are(call, someone) -> None:
    async with shown(call) as pilot:
        call.arrive(someone(1, "[b]Ada[/b] [@click=app.quit]x[/]", camera=True))
        call.hear(1, "[red]boo[/red]")
        await pilot.pause()
        assert "[red]boo[/red]" in written(pilot)
        assert "[b]Ada[/b] [@click=app.quit]x[/] came in" in written(pilot)


async def drawn(pilot) -> None:
    for _ in range(3):
        await pilot.pause()


async def test_a_digit_marks_somebody_and_again_shows_them_large(call, someone) -> None:
    async with shown(call, (120, 36)) as pilot:
        for leaf, name in enumerate(("Ada", "Grace", "Alan"), 1):
            call.arrive(someone(leaf, name, camera=True))
        await drawn(pilot)
        panel, grid = (screen(pilot).query_one(kind) for kind in (ParticipantsPanel, VideoGrid))
        await pilot.press("2")
        await drawn(pilot)
        assert panel.marked is not None
        assert panel.marked.name == "Grace"
        areas = {tile.leaf: tile.region.area for tile in grid.query(VideoTile)}
        assert len(set(areas.values())) == 1
        await pilot.press("2")
        await drawn(pilot)
        areas = {tile.leaf: tile.region.area for tile in grid.query(VideoTile)}
        assert max(areas, key=lambda leaf: areas[leaf]) == 2
        await pilot.press("2")
        await drawn(pilot)
        assert len({tile.region.area for tile in grid.query(VideoTile)}) == 1


async def test_digits_are_letters_while_typing(call, someone) -> None:
    async with shown(call) as pilot:
        call.arrive(someone(1, "Ada"))
        await drawn(pilot)
        await pilot.press("enter", "1")
        assert screen(pilot).query_one(ChatInput).value == "1"
        assert screen(pilot).query_one(ParticipantsPanel).marked is None


async def test_whoever_speaks_is_large_and_gives_way_after_a_while(
    call, someone, monkeypatch
) -> None:
    monkeypatch.setattr("tui.cast.HOLD", 0.2)
    async with shown(call, (120, 36)) as pilot:
        for leaf, name in enumerate(("Ada", "Grace"), 1):
            call.arrive(someone(leaf, name, camera=True, muted=False))
        await pilot.press("g")
        for speaker in (2, 1):
            call.speak(speaker, True)
            async with asyncio.timeout(10):
                while largest(pilot) != speaker:
                    await pilot.pause()
            call.speak(speaker, False)
        await pilot.press("g")
        await drawn(pilot)
        assert len({tile.region.area for tile in screen(pilot).query(VideoTile)}) == 1


def largest(pilot) -> int:
    return max(screen(pilot).query(VideoTile), key=lambda tile: tile.region.area).leaf


async def test_names_are_hidden_and_the_chat_made_wide_by_keys(call, someone) -> None:
    async with shown(call, (120, 36)) as pilot:
        call.arrive(someone(1, "Ada"))
        await drawn(pilot)
        panel, chat = (screen(pilot).query_one(kind) for kind in (ParticipantsPanel, ChatPanel))
        before = chat.region.width
        await pilot.press("n", "z")
        await drawn(pilot)
        assert not panel.display
        assert chat.region.width > before
        await pilot.press("n", "z")
        await drawn(pilot)
        assert (panel.display, chat.region.width) == (True, before)


async def test_somebody_is_shown_large_by_name(call, someone) -> None:
    async with shown(call, (120, 36)) as pilot:
        for leaf, name in enumerate(("Ada", "Grace"), 1):
            call.arrive(someone(leaf, name, camera=True))
        screen(pilot).post_message(ChatPanel.Written("/pin grace"))
        await drawn(pilot)
        assert largest(pilot) == 2
        screen(pilot).post_message(ChatPanel.Written("/pin nobody"))
        await drawn(pilot)
        assert "Nobody else here has that name." in written(pilot)


async def test_many_who_speak_at_once_cost_one_look(call, someone, monkeypatch) -> None:
    looks: list[int] = []
    look = Cast.look
    monkeypatch.setattr(
        Cast, "look", lambda cast, *args: looks.append(len(args[0])) or look(cast, *args)
    )
    async with shown(call) as pilot:
        for leaf in range(1, 30):
            call.arrive(someone(leaf, f"P{leaf}", muted=False))
        await drawn(pilot)
        looks.clear()
        for leaf in range(1, 30):
            call.speak(leaf, True)
        await drawn(pilot)
        assert 1 <= len(looks) <= 3
