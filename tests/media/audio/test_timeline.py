import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.audio.timeline import Timeline

CIRCLE = 1 << 32


def test_positions_follow_timestamps() -> None:
    timeline = Timeline()
    assert timeline.place(5000) == (5000, True)
    assert timeline.place(5960) == (5960, False)
    assert timeline.place(8840) == (8840, False)
    assert timeline.place(7880) == (7880, False)


def test_a_packet_from_the_past_does_not_move_the_present() -> None:
    timeline = Timeline()
    timeline.place(0)
    timeline.place(48_000)
    assert timeline.place(0) == (0, False)
    assert timeline.place(48_960) == (48_960, False)


def test_timestamps_wrap_and_positions_do_not() -> None:
    timeline = Timeline()
    timeline.place(CIRCLE - 960)
    assert timeline.place(0) == (CIRCLE, False)
    assert timeline.place(960) == (CIRCLE + 960, False)
    assert timeline.place(CIRCLE - 1920) == (CIRCLE - 1920, False)


@pytest.mark.parametrize("jump", [48_960, -57_600, 3_000_000, -3_000_000, 1 << 31, 480, 1])
def test_a_jump_is_believed_when_two_agree(jump: int) -> None:
    timeline = Timeline()
    timeline.place(10_000_000)
    there = (10_000_000 + jump) % CIRCLE
    assert timeline.place(there) is None
    placed = timeline.place(there + 960)
    assert placed is not None
    position, anew = placed
    assert anew
    assert position % CIRCLE == (there + 960) % CIRCLE
    assert timeline.place(there + 1920) == (position + 960, False)


def test_one_forged_timestamp_moves_nothing() -> None:
    timeline = Timeline()
    for index in range(50):
        assert timeline.place(index * 960) == (index * 960, index == 0)
        assert timeline.place((1 << 30) + index * 7) is None


def test_the_same_forged_timestamp_twice_is_no_confirmation() -> None:
    timeline = Timeline()
    timeline.place(0)
    assert timeline.place(1 << 30) is None
    assert timeline.place(1 << 30) is None


def test_after_silence_any_timestamp_is_believed() -> None:
    timeline = Timeline()
    timeline.place(96_000)
    timeline.restart()
    assert timeline.place(17) == (17, True)


@given(st.lists(st.integers(-(1 << 40), 1 << 40), max_size=60))
def test_any_numbers_are_survived(timestamps: list[int]) -> None:
    timeline = Timeline()
    for timestamp in timestamps:
        placed = timeline.place(timestamp)
        assert placed is None or (placed[0] - timestamp) % CIRCLE == 0
