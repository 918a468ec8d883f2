"""Slots: rewriting and who fills them."""

from __future__ import annotations

import itertools
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from media.forwarding.slots import MAX_GAP, MAX_REORDER, Slot, SlotTable
from media.rtp.packet import RtpPacket, parse


def packet(sequence: int, *, ssrc: int = 1, marker: bool = False) -> RtpPacket:
    return RtpPacket(111, marker, sequence & 0xFFFF, sequence * 960 & 0xFFFFFFFF, ssrc, 2, b"x")


def send(slot: Slot, sequences: list[int]) -> list[int | None]:
    """Return the numbers the receiver sees; None where the packet was held back."""
    seen = []
    for sequence in sequences:
        data = slot.rewrite(packet(sequence))
        seen.append(None if data is None else parse(data).sequence)
    return seen


def steps(numbers: list[int]) -> list[int]:
    return [(number - numbers[0]) & 0xFFFF for number in numbers]


def test_only_ssrc_and_sequence_change_and_the_level_is_stripped() -> None:
    slot = Slot(77)
    slot.assign(1, 0.0)
    before = packet(500, marker=True)
    after = parse(slot.rewrite(before))
    assert after == before._replace(ssrc=77, sequence=after.sequence, level=None)


def test_loss_before_the_server_stays_visible() -> None:
    slot = Slot(77)
    slot.assign(1, 0.0)
    assert steps(send(slot, [10, 11, 14, 13])) == [0, 1, 4, 3]


def test_a_new_publisher_continues_the_numbering() -> None:
    slot = Slot(77)
    slot.assign(1, 0.0)
    first = send(slot, [60_000, 60_001])
    slot.assign(2, 1.0)
    second = send(slot, [5, 6])
    assert steps(first + second) == [0, 1, 2, 3]


def test_late_packets_from_before_a_switch_are_held_back() -> None:
    slot = Slot(77)
    slot.assign(1, 0.0)
    send(slot, [10, 11])
    slot.assign(2, 1.0)
    assert send(slot, [100, 99, 101])[1] is None


def test_numbers_wrap_without_a_break() -> None:
    slot = Slot(77)
    slot.assign(1, 0.0)
    numbers = send(slot, list(range(140_000)))
    assert None not in numbers
    assert all((b - a) & 0xFFFF == 1 for a, b in itertools.pairwise(numbers))


def test_a_publisher_that_jumps_cannot_break_the_receivers_roll_over_counter() -> None:
    slot = Slot(77)
    slot.assign(1, 0.0)
    numbers = send(slot, [n * 33_000 for n in range(50)])
    assert steps(numbers) == list(range(50))


@given(st.lists(st.integers(0, 0xFFFF), min_size=1, max_size=200), st.data())
def test_no_number_is_used_for_two_packets(sequences: list[int], data: st.DataObject) -> None:
    """SRTP must never protect two packets with one index: the nonce would repeat.

    A publisher cannot send one number twice itself: the server's replay protection drops it, so
    only distinct numbers within a window are generated here.
    """
    slot = Slot(77)
    slot.assign(1, 0.0)
    seen: Counter[int] = Counter()
    used: set[int] = set()
    for sequence in sequences:
        if data.draw(st.booleans(), label="switch"):
            slot.assign(2, 0.0)
            used.clear()
        if sequence in used:
            continue
        used.add(sequence)
        number = send(slot, [sequence])[0]
        if number is not None:
            seen[number] += 1
    assert all(count == 1 for count in seen.values())


@given(st.lists(st.integers(0, 0xFFFF), min_size=2, max_size=200))
def test_every_step_forward_is_bounded(sequences: list[int]) -> None:
    slot = Slot(77)
    slot.assign(1, 0.0)
    highest = send(slot, sequences[:1])[0]
    for number in send(slot, sequences[1:]):
        if number is None:
            continue
        step = (number - highest) & 0xFFFF
        assert step <= MAX_GAP or step >= 0x1_0000 - MAX_REORDER
        if step <= MAX_GAP:
            highest = number


def test_a_table_gives_takes_and_frees() -> None:
    table = SlotTable([100, 101])
    table.give(table.free(), 1, 0.0)
    table.give(table.free(), 2, 0.0)
    assert table.free() is None
    assert (table.publisher_of(100), table.publisher_of(101)) == (1, 2)
    assert table.publisher_of(999) is None
    table.give(table.of(1), 3, 5.0)
    assert table.of(1) is None
    assert table.of(3).since == 5.0
    table.release(3, 6.0)
    table.release(3, 6.0)
    assert table.free().ssrc == 100
