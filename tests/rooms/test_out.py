"""What a protocol and its parts say: one order, taken once."""

from __future__ import annotations

from e2ee.errors import Fault, SottovoceError
from media.control import StopSending
from rooms import events, wire
from rooms.out import Out


def test_what_was_said_is_taken_once_and_in_order() -> None:
    out = Out()
    out.note("one")
    out.outbox += [wire.Leave()]
    out.commands += [StopSending()]
    out.note("two")
    taken = out.take()
    assert [event.text for event in taken.events if isinstance(event, events.Note)] == [
        "one",
        "two",
    ]
    assert (taken.outbox, taken.commands) == ([wire.Leave()], [StopSending()])
    assert out.take() == Out()


def test_an_error_is_told_with_its_code_and_whose_fault_it_is() -> None:
    out = Out()
    out.report(SottovoceError("it is so", hint="do this"))
    (event,) = out.events
    assert isinstance(event, events.ErrorEvent)
    assert (event.code, event.message, event.hint) == (SottovoceError.code, "it is so", "do this")
    assert event.fault in {fault.value for fault in Fault}
