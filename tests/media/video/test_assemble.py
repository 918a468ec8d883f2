"""Frames out of packets that are lost, doubled, swapped and forged."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from media.video.assemble import WINDOW, FrameAssembler
from media.video.packets import packetize

Packet = tuple[int, int, bool, bytes]


def packets_of(frames: list[bytes], *, first: int = 0, picture: int = 0) -> list[list[Packet]]:
    """Return each frame's packets as a sender would number them."""
    out, sequence = [], first
    for number, frame in enumerate(frames):
        payloads = packetize(frame, picture + number)
        out.append(
            [
                ((sequence + i) % 65536, number * 9000, i == len(payloads) - 1, payload)
                for i, payload in enumerate(payloads)
            ]
        )
        sequence += len(payloads)
    return out


def push_all(assembler: FrameAssembler, packets: list[Packet]) -> list[bytes]:
    return [f for packet in packets if (f := assembler.push(*packet)) is not None]


def frame_of(number: int, size: int) -> bytes:
    return bytes([number % 251]) * size


sizes = st.lists(st.integers(1, 5000), min_size=1, max_size=8)
starts = st.sampled_from([0, 1, 65530, 65535, 32767])


@given(sizes=sizes, first=starts, picture=st.sampled_from([0, 32766]))
def test_frames_come_out_whole_at_their_last_packet(
    sizes: list[int], first: int, picture: int
) -> None:
    frames = [frame_of(i, size) for i, size in enumerate(sizes)]
    assembler = FrameAssembler()
    for frame, packets in zip(frames, packets_of(frames, first=first, picture=picture)):
        assert push_all(assembler, packets[:-1]) == []
        assert assembler.push(*packets[-1]) == frame
    assert assembler.gaps == 0


@given(sizes=sizes, first=starts, seed=st.integers())
def test_swapped_and_doubled_packets_of_a_frame_do_no_harm(
    sizes: list[int], first: int, seed: int
) -> None:
    frames = [frame_of(i, size) for i, size in enumerate(sizes)]
    assembler, rng, out = FrameAssembler(), random.Random(seed), []
    for packets in packets_of(frames, first=first):
        mixed = packets * 2
        rng.shuffle(mixed)
        out += push_all(assembler, mixed)
    assert out == frames
    assert assembler.gaps == 0


@given(sizes=sizes, first=starts, seed=st.integers(), loss=st.floats(0, 0.9))
def test_lost_and_swapped_packets_give_complete_frames_in_order_only(
    sizes: list[int], first: int, seed: int, loss: float
) -> None:
    frames = [frame_of(i, size) for i, size in enumerate(sizes)]
    rng = random.Random(seed)
    arriving = [p for packets in packets_of(frames, first=first) for p in packets]
    arriving = [p for p in arriving if rng.random() >= loss]
    keys = {id(p): i + rng.uniform(0, 4) for i, p in enumerate(arriving)}
    arriving.sort(key=lambda p: keys[id(p)])
    out = push_all(FrameAssembler(), arriving)
    remaining = iter(frames)
    assert all(any(frame == sent for sent in remaining) for frame in out)


def test_a_lost_frame_is_counted_as_a_gap() -> None:
    frames = [frame_of(i, 2000) for i in range(4)]
    packets = packets_of(frames)
    assembler = FrameAssembler()
    assert push_all(assembler, packets[0]) == frames[:1]
    assert push_all(assembler, packets[1][:1]) == []
    assert push_all(assembler, packets[2]) == frames[2:3]
    assert assembler.gaps == 1
    assert push_all(assembler, packets[3]) == frames[3:]
    assert assembler.gaps == 1


def test_a_frame_overtaken_by_a_later_one_is_dropped() -> None:
    frames = [frame_of(i, 2000) for i in range(2)]
    first, second = packets_of(frames)
    assembler = FrameAssembler()
    assert push_all(assembler, first[:1] + second) == frames[1:]
    assert push_all(assembler, first) == []


def test_a_new_sender_in_the_slot_is_followed_at_once() -> None:
    old, new = [frame_of(1, 3000)], [frame_of(2, 3000), frame_of(3, 10)]
    for jump in (40000, 30000, 63000, 500):
        assembler = FrameAssembler()
        assert push_all(assembler, packets_of(old, first=1000)[0]) == old
        arriving = [p for ps in packets_of(new, first=1000 + jump, picture=700) for p in ps]
        arriving[0], arriving[1] = arriving[1], arriving[0]
        assert push_all(assembler, arriving) == new


def test_packets_of_different_frames_are_never_joined() -> None:
    """Neighbours in sequence with another timestamp or picture id are not one frame."""
    (a, b), (_, d) = packets_of([frame_of(0, 2000), frame_of(1, 2000)])
    for timestamp, payload in ((d[1], d[3]), (a[1], d[3]), (d[1], b[3])):
        assembler = FrameAssembler()
        assert assembler.push(*a) is None
        assert assembler.push(b[0], timestamp, True, payload) is None


def test_memory_exhaustion_by_endless_frame_is_bounded() -> None:
    assembler = FrameAssembler()
    middle = packetize(bytes(3000), 1)[1]
    for sequence in range(5000):
        assert assembler.push(sequence % 65536, 0, False, middle) is None
    assert len(assembler._packets) <= WINDOW


def test_oversized_packet_is_refused() -> None:
    assert FrameAssembler().push(0, 0, True, b"\x90\x80\x80\x01" + bytes(1600)) is None


@given(
    hostile=st.lists(
        st.tuples(
            st.integers(0, 1 << 17), st.integers(0, 1 << 32), st.booleans(), st.binary(max_size=30)
        ),
        max_size=40,
    )
)
def test_hostile_packets_never_raise_and_good_ones_still_pass(hostile: list[Packet]) -> None:
    assembler = FrameAssembler()
    push_all(assembler, hostile)
    newest = assembler._newest or 0
    frame = frame_of(9, 3000)
    (packets,) = packets_of([frame], first=(newest + 1) % 65536)
    assert push_all(assembler, packets) == [frame]
