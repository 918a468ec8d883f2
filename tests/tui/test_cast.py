"""Who is seen: speakers with a little patience, pins, digits and places that stay."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from rooms.events import Participant
from tui.cast import HOLD, MAX_TILES, Cast, Scene


@pytest.fixture
def people(someone: Callable[..., Participant]) -> Callable[..., list[Participant]]:
    """Make ourselves and so many others; those named speak."""

    def make(count: int, *speaking: int) -> list[Participant]:
        others = (
            someone(leaf, f"P{leaf}", muted=False, speaking=leaf in speaking)
            for leaf in range(1, count + 1)
        )
        return [someone(0, "Me", me=True, muted=False, speaking=0 in speaking), *others]

    return make


def look(cast: Cast, people: list[Participant], now: float) -> Scene:
    return cast.look(people, now, lambda leaf: 1.0)


def tiles(scene: Scene) -> list[int]:
    return [one.person.leaf for one in scene.tiles]


def test_whoever_speaks_leads_until_they_were_silent_for_a_while(people) -> None:
    cast = Cast()
    assert look(cast, people(3), 0.0).lead == 1  # somebody, until anybody speaks
    assert look(cast, people(3, 2), 1.0).lead == 2
    assert look(cast, people(3, 2, 3), 9.0).lead == 2  # still speaking
    assert cast.next_look is None
    assert look(cast, people(3, 3), 10.0).lead == 2
    assert cast.next_look == 10.0 + HOLD
    assert look(cast, people(3, 3), 10.0 + HOLD - 0.1).lead == 2
    assert look(cast, people(3, 3), 10.0 + HOLD).lead == 3
    assert cast.next_look is None
    assert look(cast, people(3), 60.0).lead == 3


def test_we_never_lead_unless_we_are_alone(people) -> None:
    cast = Cast()
    assert look(cast, people(2, 0), 0.0).lead == 1
    assert look(cast, people(0, 0), 1.0).lead == 0
    assert look(Cast(), [], 0.0) == Scene()


def test_a_camera_leads_before_anybody_has_spoken(people, someone) -> None:
    crowd = [*people(2), someone(3, "P3", camera=True)]
    assert look(Cast(), crowd, 0.0).lead == 3


def test_whoever_is_pinned_stays_large_whoever_speaks(people) -> None:
    cast = Cast()
    assert not look(cast, people(3), 0.0).large
    cast.pin(3)
    scene = look(cast, people(3, 1), 1.0)
    assert (scene.lead, scene.large) == (3, True)
    cast.pin(3)
    assert not look(cast, people(3, 1), 1.0).large
    cast.pin(3)
    assert look(cast, people(2), 2.0).lead == 1  # gone
    assert cast.pinned is None


def test_turning_leads_from_grid_to_speaker_and_back_from_anything_large(people) -> None:
    cast = Cast()
    cast.turn()
    assert look(cast, people(2), 0.0).large
    cast.turn()
    assert not look(cast, people(2), 0.0).large
    cast.pin(1)
    cast.turn()
    assert not look(cast, people(2), 0.0).large


def test_a_digit_stays_with_its_person_and_is_given_again_once_they_left(people, someone) -> None:
    cast = Cast()
    crowd = people(11)
    digits = {one.person.leaf: one.digit for one in look(cast, crowd, 0.0).everybody}
    assert digits == {0: 0, **{leaf: leaf for leaf in range(1, 10)}, 10: 0, 11: 0}
    without = [person for person in crowd if person.leaf not in (2, 3)]
    newcomer = someone(2, "New", fingerprint="SHA256:new")
    after = look(cast, [*without, newcomer], 1.0).everybody
    digits = {one.person.leaf: one.digit for one in after}
    assert (digits[1], digits[4], digits[10], digits[11], digits[2]) == (1, 4, 2, 3, 0)


def test_cameras_come_before_names_and_we_come_last(someone) -> None:
    crowd = [someone(0, "Me", me=True, camera=True)]
    crowd += [someone(leaf, f"P{leaf}", camera=leaf > 4) for leaf in range(1, 13)]
    shown = tiles(look(Cast(), crowd, 0.0))
    assert len(shown) == MAX_TILES
    assert shown[-1] == 0
    assert set(shown) >= set(range(5, 13))


def test_a_speaker_without_a_tile_takes_the_place_of_one_who_is_silent(people) -> None:
    cast = Cast()
    before = tiles(look(cast, people(20), 0.0))
    assert before == list(range(1, 10))
    look(cast, people(20, 9), 1.0)
    after = tiles(look(cast, people(20, 15), 1.0 + HOLD))
    assert 15 in after
    assert 9 in after
    moved = [old for old, new in zip(before, after, strict=True) if old != new]
    assert len(moved) == 1
    assert tiles(look(cast, people(20), 9.0)) == after


def test_our_own_initials_take_no_room_from_others(people) -> None:
    everybody = people(2)
    assert tiles(look(Cast(), everybody, 0.0)) == [1, 2]
    assert tiles(look(Cast(), everybody[:1], 0.0)) == []
    everybody[0] = msgspec.structs.replace(everybody[0], camera=True)
    assert tiles(look(Cast(), everybody, 0.0)) == [1, 2, 0]
