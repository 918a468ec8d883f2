"""The VP8 payload descriptor and cutting frames into packets."""

from __future__ import annotations

from aiortc.codecs.vpx import VpxPayloadDescriptor
from hypothesis import given
from hypothesis import strategies as st

from media.video.packets import MAX_PAYLOAD, PICTURE_ID_MODULUS, packetize, parse_payload


def test_descriptor_is_that_of_rfc_7741() -> None:
    (payload,) = packetize(b"frame", 0x1234)
    # X and S set; I set; M set and 15 bits of picture id.
    assert payload == b"\x90\x80\x92\x34frame"


def test_only_the_first_packet_starts_the_frame() -> None:
    payloads = packetize(bytes(3000), 5)
    assert len(payloads) == 3
    parsed = [parse_payload(payload) for payload in payloads]
    assert [p.starts for p in parsed if p] == [True, False, False]
    assert {p.picture_id for p in parsed if p} == {5}


@given(frame=st.binary(min_size=1, max_size=6000), picture_id=st.integers(0, 1 << 40))
def test_packets_carry_the_frame_within_the_limit(frame: bytes, picture_id: int) -> None:
    payloads = packetize(frame, picture_id)
    parsed = [parse_payload(payload) for payload in payloads]
    assert all(len(payload) <= MAX_PAYLOAD for payload in payloads)
    assert b"".join(p.data for p in parsed if p) == frame
    assert all(p is not None and p.picture_id == picture_id % PICTURE_ID_MODULUS for p in parsed)


@given(frame=st.binary(min_size=1, max_size=3000), picture_id=st.integers(0, 1 << 15 - 1))
def test_an_independent_parser_agrees(frame: bytes, picture_id: int) -> None:
    for number, payload in enumerate(packetize(frame, picture_id)):
        descriptor, data = VpxPayloadDescriptor.parse(payload)
        assert (descriptor.partition_start, descriptor.partition_id) == (number == 0, 0)
        assert descriptor.picture_id == picture_id
        assert data == parse_payload(payload).data


def test_packets_of_a_frame_are_about_equal() -> None:
    sizes = [len(payload) for payload in packetize(bytes(2300), 1)]
    assert max(sizes) - min(sizes) <= 3


@given(payload=st.binary(max_size=40))
def test_hostile_payload_is_parsed_or_refused(payload: bytes) -> None:
    parsed = parse_payload(payload)
    assert parsed is None or (parsed.data and 0 <= parsed.picture_id < PICTURE_ID_MODULUS)


def test_payload_without_picture_id_or_data_is_refused() -> None:
    assert parse_payload(b"\x10data") is None
    assert parse_payload(b"\x90\x80\x80\x01") is None
    assert parse_payload(b"") is None
