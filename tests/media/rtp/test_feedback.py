"""RTCP."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.rtp import feedback
from media.rtp.streams import IncomingStream, OutgoingStream


def test_a_key_frame_request_names_the_stream() -> None:
    data = feedback.key_frame_request(1, 2)
    assert data.hex() == "81ce00020000000100000002"  # RFC 4585 section 6.3.1, by hand
    assert feedback.parse(data) == [feedback.KeyFrameRequest(2)]


def test_reports_give_the_round_trip_and_the_loss() -> None:
    out = OutgoingStream(5, 111)
    out.pack([b"x"], 960)
    report = feedback.parse(feedback.sender_report(out, 1000.0))[0]
    assert isinstance(report, feedback.SenderReport)
    incoming = IncomingStream(48_000)
    for number in (1, 2, 4):
        incoming.push(number, number * 960, number * 0.02)
    answer = feedback.parse(feedback.receiver_report(9, report, incoming, 48_000))[0]
    assert isinstance(answer, feedback.ReceptionReport)
    assert (answer.ssrc, answer.lost) == (5, 1)
    assert answer.round_trip(1000.125) == pytest.approx(0.125, abs=0.001)


def test_the_short_clock_wraps() -> None:
    stamp = feedback.SenderReport(5, (65_535 << 16) | 0xFFFF).stamp
    report = feedback.ReceptionReport(5, 0, stamp, 0)
    assert report.round_trip(65_536.5) == pytest.approx(0.5, abs=0.001)


def test_no_round_trip_before_a_report_arrived() -> None:
    assert feedback.ReceptionReport(5, 0, 0, 0).round_trip(10.0) is None


def test_huge_counters_do_not_overflow_a_report() -> None:
    out = OutgoingStream(5, 111)
    out.packets = out.octets = 1 << 40
    assert feedback.parse(feedback.sender_report(out, 1e9))
    incoming = IncomingStream(48_000)
    incoming.jitter = 1e9
    incoming.push(1, 0, 0.0)
    incoming.received = -(1 << 40)
    report = feedback.SenderReport(5, 1)
    answer = feedback.parse(feedback.receiver_report(9, report, incoming, 48_000))
    assert answer[0].lost == 0x7F_FFFF


@given(st.binary(max_size=200))
def test_hostile_bytes_never_raise(data: bytes) -> None:
    feedback.parse(data)


@given(st.sampled_from([200, 201, 202, 203, 205, 206]), st.integers(0, 31), st.binary(max_size=80))
def test_hostile_bodies_never_raise(packet_type: int, count: int, body: bytes) -> None:
    body = body[: len(body) // 4 * 4]
    header = bytes([0x80 | count, packet_type]) + (len(body) // 4).to_bytes(2, "big")
    feedback.parse(header + body)


def test_a_compound_of_many_parts_is_read_in_part() -> None:
    data = feedback.key_frame_request(1, 2) * 100
    assert len(feedback.parse(data)) == feedback.MAX_PARTS
