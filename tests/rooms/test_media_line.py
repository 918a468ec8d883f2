"""One media offer at a time, and another one when a transport breaks."""

from __future__ import annotations

import pytest

from media.control import Connect, Renew
from media.engine.ports import MediaAnswer, MediaOffer, TransportParameters
from rooms import wire
from rooms.errors import WireError
from rooms.media_line import RENEW_APART, MediaLine
from rooms.out import Out

TRANSPORT = TransportParameters("u", "p" * 22, [], bytes(32))
FIRST, SECOND = (MediaOffer(TRANSPORT, number, number + 1) for number in (1, 5))
ANSWER = MediaAnswer(TRANSPORT, [3], [4])


@pytest.fixture
def line() -> MediaLine:
    return MediaLine(Out())


def taken(line: MediaLine) -> list[object]:
    out = line._out.take()
    return [*out.outbox, *out.commands]


@pytest.mark.parametrize("early", [True, False])
def test_an_offer_goes_out_once_we_are_inside(line: MediaLine, early: bool) -> None:
    steps = [lambda: line.offered(FIRST), line.enter]
    for step in steps if early else reversed(steps):
        assert taken(line) == []
        step()
    assert taken(line) == [wire.StartMedia(FIRST)]
    line.started(ANSWER)
    assert taken(line) == [Connect(ANSWER)]


def test_attack_answers_nobody_asked_for_are_refused(line: MediaLine) -> None:
    with pytest.raises(WireError):
        line.started(ANSWER)
    line.offered(FIRST)
    line.enter()
    line.started(ANSWER)
    with pytest.raises(WireError):
        line.started(ANSWER)


def test_the_next_offer_waits_for_the_answer_to_the_last(line: MediaLine) -> None:
    line.offered(FIRST)
    line.enter()
    line.offered(SECOND)
    assert taken(line) == [wire.StartMedia(FIRST)]
    line.started(ANSWER)  # to an offer that is over
    assert taken(line) == [wire.StartMedia(SECOND)]
    line.started(ANSWER)
    assert taken(line) == [Connect(ANSWER)]


def test_an_offer_the_server_cannot_use_is_not_repeated(line: MediaLine) -> None:
    line.enter()
    line.offered(FIRST)
    line.refused()
    assert taken(line) == [wire.StartMedia(FIRST)]
    line.offered(SECOND)
    assert taken(line) == [wire.StartMedia(SECOND)]


def test_a_transport_that_breaks_alone_is_renewed_now_and_then(line: MediaLine) -> None:
    line.broke(100.0)
    assert taken(line) == []  # nobody to offer it to
    line.enter()
    line.broke(100.0)
    line.broke(100.0 + RENEW_APART - 1)
    assert taken(line) == [Renew()]
    line.broke(100.0 + RENEW_APART)
    assert taken(line) == [Renew()]


def test_with_the_connection_the_transport_is_given_up(line: MediaLine) -> None:
    line.enter()
    line.offered(FIRST)
    taken(line)
    line.break_off()
    assert taken(line) == [Renew()]
    line.offered(SECOND)
    assert taken(line) == []
    line.enter()
    assert taken(line) == [wire.StartMedia(SECOND)]
