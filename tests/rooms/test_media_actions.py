"""What a hall wants of the engine can be compared and kept, as values are."""

from __future__ import annotations

from rooms.media_actions import JoinMedia, LeaveMedia


def test_two_that_say_the_same_are_the_same(offer) -> None:
    assert JoinMedia(1, "room", 2, offer, 3) == JoinMedia(1, "room", 2, offer, 3)
    assert len({LeaveMedia("room", 2), LeaveMedia("room", 2), LeaveMedia("room", 3)}) == 2
