"""The values that set a transport up, as they come from the other side."""

from __future__ import annotations

import msgspec
import pytest

from media.engine.ports import (
    IceCandidate,
    MediaAnswer,
    MediaOffer,
    TransportParameters,
    TransportStats,
)

TRANSPORT = TransportParameters(
    "ufrag", "password", [IceCandidate("f", 1, 1, "192.0.2.1", 4000, "host")], bytes(32), True
)
OFFER = MediaOffer(TRANSPORT, 1, 2)


def decode(value: object, kind: type) -> object:
    return msgspec.msgpack.decode(msgspec.msgpack.encode(value), type=kind)


@pytest.mark.parametrize("value", [OFFER, MediaAnswer(TRANSPORT, [1, 2], [3]), TransportStats()])
def test_round_trip(value: msgspec.Struct) -> None:
    assert decode(value, type(value)) == value


def with_transport(**changes: object) -> dict[str, object]:
    offer = msgspec.to_builtins(OFFER)
    offer["transport"] |= changes
    offer["transport"]["fingerprint"] = changes.get("fingerprint", bytes(32))
    return offer


CANDIDATE = msgspec.to_builtins(TRANSPORT.candidates[0])


@pytest.mark.parametrize(
    "offer",
    [
        with_transport(fingerprint=bytes(31)),
        with_transport(fingerprint=b""),
        with_transport(ufrag="x" * 257),
        with_transport(extra=1),
        with_transport(candidates=[CANDIDATE] * 33),
        with_transport(candidates=[CANDIDATE | {"port": 0}]),
        with_transport(candidates=[CANDIDATE | {"port": 65536}]),
        with_transport(candidates=[CANDIDATE | {"type": "tcp"}]),
        with_transport(candidates=[CANDIDATE | {"priority": 1 << 32}]),
        with_transport() | {"audio_ssrc": 0},
        with_transport() | {"video_ssrc": 1 << 32},
    ],
)
def test_what_is_out_of_bounds_is_refused(offer: dict[str, object]) -> None:
    with pytest.raises(msgspec.ValidationError):
        decode(offer, MediaOffer)


def test_a_plain_offer_in_the_same_form_is_accepted() -> None:
    assert decode(with_transport(), MediaOffer) == OFFER


def test_an_answer_cannot_bring_thousands_of_slots() -> None:
    answer = msgspec.to_builtins(MediaAnswer(TRANSPORT, [], list(range(1, 66))))
    answer["transport"]["fingerprint"] = bytes(32)
    with pytest.raises(msgspec.ValidationError):
        decode(answer, MediaAnswer)
