"""Streams: numbering, loss and jitter."""

from __future__ import annotations

import itertools

import pytest

from media.rtp.packet import parse
from media.rtp.streams import IncomingStream, OutgoingStream


def test_packets_of_a_frame_are_numbered_and_the_last_is_marked() -> None:
    stream = OutgoingStream(7, 96)
    packets = [parse(data) for data in stream.pack([b"a", b"b", b"c"], 1 << 32)]
    first = packets[0].sequence
    assert first < 1 << 15
    assert [packet.sequence for packet in packets] == [first, first + 1, first + 2]
    assert [packet.marker for packet in packets] == [False, False, True]
    assert {(p.ssrc, p.payload_type, p.timestamp, p.level) for p in packets} == {(7, 96, 0, None)}
    assert (stream.packets, stream.octets) == (3, 3)


def test_numbers_wrap() -> None:
    stream = OutgoingStream(7, 111)
    numbers = [parse(stream.pack([b"x"], 0, level=1)[0]).sequence for _ in range(70_000)]
    assert all((b - a) & 0xFFFF == 1 for a, b in itertools.pairwise(numbers))


def feed(stream: IncomingStream, numbers: list[int]) -> None:
    for number in numbers:
        stream.push(number & 0xFFFF, number * 960, number * 0.02)


def test_nothing_lost() -> None:
    stream = IncomingStream(48_000)
    feed(stream, list(range(65_000, 66_500)))
    assert (stream.received, stream.lost) == (1500, 0)
    assert stream.jitter == pytest.approx(0.0, abs=1e-6)


def test_gaps_are_loss_until_the_packet_comes_late() -> None:
    stream = IncomingStream(48_000)
    feed(stream, [1, 2, 5])
    assert stream.lost == 2
    feed(stream, [4])
    assert stream.lost == 1
    assert stream.highest == 5


def test_a_wild_jump_is_a_restart_not_loss() -> None:
    stream = IncomingStream(48_000)
    feed(stream, [1, 2, 30_000, 30_001])
    assert stream.lost == 0


def test_jitter_of_alternating_delay() -> None:
    stream = IncomingStream(48_000)
    for number in range(400):
        stream.push(number, number * 960, number * 0.02 + (number % 2) * 0.010)
    assert stream.jitter == pytest.approx(0.010, rel=0.01)


def test_another_publisher_in_the_slot_is_not_jitter() -> None:
    stream = IncomingStream(48_000)
    for number in range(100):
        timestamp = number * 960 + (0 if number < 50 else 123_456_789)
        stream.push(number, timestamp, number * 0.02)
    assert stream.jitter == pytest.approx(0.0, abs=1e-6)
