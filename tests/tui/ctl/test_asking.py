from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import threading
from collections.abc import Iterator

import pytest

from tests.tui.conftest import ScriptedCall, person
from tui.ctl import asking
from tui.ctl.asking import choose
from tui.ctl.errors import NoCallError, SilentCallError, ToldError, WhichCallError
from tui.ctl.seats import Seat
from tui.ctl.serving import serving

DEEP = b"[" * 99_999 + b"\n"


@contextlib.contextmanager
def running(*calls: ScriptedCall) -> Iterator[None]:
    """Serve calls in a loop of their own, as other processes do."""
    loop = asyncio.new_event_loop()
    stop, ready = asyncio.Event(), threading.Event()

    async def serve() -> None:
        async with contextlib.AsyncExitStack() as stack:
            for call in calls:
                seat = stack.enter_context(contextlib.closing(Seat.take()))
                await stack.enter_async_context(serving(call, seat))
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    ready.wait(20)
    try:
        yield
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(20)
        loop.close()


def named(name: str, *others: str) -> ScriptedCall:
    call = ScriptedCall()
    call.me = person(0, name, me=True)
    call.join()
    for leaf, other in enumerate(others, 1):
        call.arrive(person(leaf, other))
    return call


def test_the_only_call_needs_no_name() -> None:
    with running(named("Hope")):
        line = choose(None)
        assert line.ask("status")["name"] == "Hope"
        assert len(line.ask("verify")["words"]) == 9


def test_no_call_is_said_with_what_to_do() -> None:
    with pytest.raises(NoCallError) as none:
        choose(None)
    assert none.value.message == "no call of yours is running here"
    assert "sotto join" in none.value.hint


def test_of_several_calls_one_is_chosen_by_number_or_own_name() -> None:
    with running(named("Hope", "Ada"), named("Me"), named("Work", "A", "B", "C", "D")):
        with pytest.raises(WhichCallError, match="3 calls") as several:
            choose(None)
        assert several.value.hint == (
            "1 as Hope with Ada; 2 as Me, alone; 3 as Work with A, B and 2 others"
        )
        assert choose("2").number == 2
        assert choose("Work").number == 3
        with pytest.raises(NoCallError, match="no call 'Ada'"):  # others choose their names
            choose("Ada")


def test_a_name_two_calls_have_is_no_choice() -> None:
    with (
        running(named("Hope"), named("Hope", "Ada")),
        pytest.raises(WhichCallError, match="several calls are called 'Hope'"),
    ):
        choose("Hope")


def test_what_the_call_says_is_raised_here() -> None:
    with running(ScriptedCall()), pytest.raises(ToldError, match="not in its room") as told:
        choose(None).ask("verify")
    assert told.value.code == "action.not_in_room"


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"no json\n",
        b"{}\n",
        b"[]\n",
        b"1\n",
        b'{"result":7}\n',
        b"x" * 99,
        b"[" * 9999 + b"\n",
    ],
)
def test_a_call_that_says_nothing_sensible_is_one_clear_error(
    silent_call: socket.socket, answer: bytes
) -> None:
    line = choose(None)
    accepted, _ = silent_call.accept()
    accepted.sendall(answer)
    accepted.shutdown(socket.SHUT_WR)
    with accepted, pytest.raises(SilentCallError, match="call 7"):
        line.ask("status")


def test_a_call_that_hangs_up_is_heard_out(silent_call: socket.socket) -> None:
    line = choose(None)
    accepted, _ = silent_call.accept()
    accepted.sendall(b'{"error":{"code":"control.too_fast","message":"too many"}}\n')
    accepted.close()
    with pytest.raises(ToldError, match="too many"):
        line.ask("status")


def test_a_stopped_call_is_not_waited_for_long(
    silent_call: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "PATIENCE", 0.05)
    with pytest.raises(SilentCallError, match="call 7 does not answer"):
        choose("7").ask("status")


def test_an_answer_without_end_is_not_read_to_it(
    silent_call: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "MAX_ANSWER", 1000)
    line = choose(None)
    accepted, _ = silent_call.accept()
    accepted.sendall(b"x" * 2000)
    with accepted, pytest.raises(SilentCallError):
        line.ask("status")


def test_somebody_elses_socket_is_not_asked(
    silent_call: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "is_own", lambda connection: False)
    line = choose(None)
    accepted, _ = silent_call.accept()
    with pytest.raises(SilentCallError):
        line.ask("verify")
    accepted.setblocking(False)
    with accepted, pytest.raises(BlockingIOError):
        accepted.recv(1)


def test_a_call_that_does_not_answer_hides_no_other(
    silent_call: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "PATIENCE", 0.3)
    with running(named("Hope")):
        assert choose("Hope").number == 1


def test_words_that_are_no_unicode_are_sent_as_well_as_they_can_be(
    silent_call: socket.socket,
) -> None:
    line = choose(None)
    accepted, _ = silent_call.accept()
    accepted.sendall(b'{"result":{}}\n')
    with accepted:
        line.ask("say", text="\udcff hello")
        assert b'"text": "? hello"' in accepted.recv(4096)


def told_lines(silent_call: socket.socket, sent: bytes) -> tuple[list[object], socket.socket]:
    """Have call 7 answer a follower with these bytes; return what is told until it hangs up."""
    line = choose(None)
    accepted, _ = silent_call.accept()
    accepted.sendall(sent)
    accepted.shutdown(socket.SHUT_WR)
    with open(os.devnull, "w") as output:
        return list(line.follow("events", output.fileno(), kinds=[])), accepted


def test_what_is_told_is_passed_on_until_the_call_ends(silent_call: socket.socket) -> None:
    sent = b'{"result":{"kinds":[]}}\n{"event":{"event":"left"}}\n{"event":{"a":1}}\n{"half'
    told, accepted = told_lines(silent_call, sent)
    accepted.close()
    assert told == [{"event": "left"}, {"a": 1}]


def test_properties_are_told_as_they_are_first_of_all(silent_call: socket.socket) -> None:
    sent = b'{"result":{"properties":{"epoch":1}}}\n{"change":{"epoch":2}}\n'
    told, accepted = told_lines(silent_call, sent)
    accepted.close()
    assert told == [{"epoch": 1}, {"epoch": 2}]


def test_a_follower_that_was_cut_off_learns_why(silent_call: socket.socket) -> None:
    sent = b'{"result":{"kinds":[]}}\n{"error":{"code":"control.too_slow","message":"lost"}}\n'
    with pytest.raises(ToldError, match="lost") as told:
        told_lines(silent_call, sent)
    assert told.value.code == "control.too_slow"


@pytest.mark.parametrize("sent", [b"{}\n", b"no\n", b'{"event":7}\n', DEEP])
def test_what_is_told_and_makes_no_sense_is_one_clear_error(
    silent_call: socket.socket, sent: bytes
) -> None:
    with pytest.raises(SilentCallError, match="call 7"):
        told_lines(silent_call, b'{"result":{"kinds":[]}}\n' + sent)


def test_following_ends_when_nobody_reads_what_is_written(silent_call: socket.socket) -> None:
    line = choose(None)
    accepted, _ = silent_call.accept()
    reading, writing = os.pipe()
    accepted.sendall(b'{"result":{"kinds":[]}}\n{"event":{"event":"left"}}\n')
    told = line.follow("events", writing, kinds=[])
    assert next(told) == {"event": "left"}
    os.close(reading)
    with accepted:
        assert list(told) == []
    os.close(writing)
