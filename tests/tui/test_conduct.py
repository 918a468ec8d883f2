from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import textwrap

import pytest

import tui.conduct as module
from e2ee.errors import LinkError
from rooms.events import ErrorEvent
from tui.cli.exits import Exit
from tui.conditions import Condition
from tui.conduct import Limits, Outcome, Stop, conduct


async def test_a_call_we_leave_is_done(call) -> None:
    running = asyncio.create_task(conduct(call, Limits(), Stop()))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    call.leave()
    assert await running == Outcome(Exit.DONE)


async def test_the_reason_of_an_end_becomes_an_exit_code_with_its_hint(call) -> None:
    running = asyncio.create_task(conduct(call, Limits(), Stop()))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    call.emit(ErrorEvent(code="room.removed", message="x", hint="ask the host"))
    call.end("a host removed you", "room.removed")
    assert await running == Outcome(Exit.REMOVED, "a host removed you", "ask the host")


@pytest.mark.parametrize("number", module.SIGNALS)
async def test_a_signal_leaves_cleanly_with_130(call, number: signal.Signals) -> None:
    stop = Stop()
    with stop.on_signals():
        running = asyncio.create_task(conduct(call, Limits(), stop))
        await asyncio.sleep(0)
        os.kill(os.getpid(), number)
        assert await running == Outcome(Exit.INTERRUPTED)
    assert ("leave",) in call.intents


async def test_a_call_that_does_not_end_is_ended(call, monkeypatch) -> None:
    monkeypatch.setattr(module, "LEAVE_GRACE", 0.01)
    call.reluctant = True
    stop = Stop()
    running = asyncio.create_task(conduct(call, Limits(), stop))
    await asyncio.sleep(0)
    stop.interrupt()
    assert (await running).code == Exit.INTERRUPTED
    assert call.ended is not None
    assert call.ended.cancelled()


async def test_not_getting_in_is_a_timeout(call) -> None:
    call.joins = False
    outcome = await conduct(call, Limits(timeout=0.01), Stop())
    assert outcome.code == Exit.TIMEOUT
    assert "0.01 s" in outcome.message


async def test_the_time_to_stay_counts_from_joining(call) -> None:
    assert await conduct(call, Limits(timeout=5, stay=0.01), Stop()) == Outcome(Exit.DONE)


def until(*conditions: str, stay: float | None = None) -> Limits:
    return Limits(stay=stay, until=tuple(map(Condition.parse, conditions)))


async def test_the_first_event_that_is_waited_for_ends_the_call_well(call, someone) -> None:
    limits = until("chat=done", "participant_joined=Ada")
    running = asyncio.create_task(conduct(call, limits, Stop()))
    await asyncio.sleep(0.01)
    call.arrive(someone(1, "Ada"))
    assert await running == Outcome(Exit.DONE)
    assert ("leave",) in call.intents


async def test_an_end_that_is_waited_for_is_a_good_one_whatever_it_was(call) -> None:
    running = asyncio.create_task(conduct(call, until("ended"), Stop()))
    await asyncio.sleep(0.01)
    call.end("a host removed you", "room.removed")
    assert await running == Outcome(Exit.DONE)


async def test_an_end_before_what_is_waited_for_is_none_that_is_done(call) -> None:
    running = asyncio.create_task(conduct(call, until("chat=done", "refused"), Stop()))
    await asyncio.sleep(0.01)
    call.leave()
    outcome = await running
    assert outcome.code == Exit.PERSON
    assert outcome.message == "the call ended before chat=done or refused"


async def test_an_end_with_an_exit_code_of_its_own_keeps_it(call) -> None:
    running = asyncio.create_task(conduct(call, until("chat=done"), Stop()))
    await asyncio.sleep(0.01)
    call.end("a host removed you", "room.removed")
    assert (await running).code == Exit.REMOVED


async def test_time_that_is_up_before_what_is_waited_for_is_a_timeout(call) -> None:
    outcome = await conduct(call, until("chat=done", stay=0.01), Stop())
    assert outcome == Outcome(Exit.TIMEOUT, "no chat=done in 0.01 s")


async def test_what_the_call_raises_comes_through(call, monkeypatch) -> None:
    async def fail() -> None:
        raise LinkError("no link")

    monkeypatch.setattr(call, "run", fail)
    with pytest.raises(LinkError):
        await conduct(call, Limits(), Stop())


async def test_a_stop_asked_before_the_start_opens_nothing(call) -> None:
    stop = Stop()
    stop.interrupt()
    stop.ask(Outcome())
    assert await conduct(call, Limits(), stop) == Outcome(Exit.INTERRUPTED)
    assert call.intents == []


async def test_what_ends_everything_ends_the_call_that_is_on_and_not_the_other_way_round() -> None:
    everything = Stop()
    first = Stop(everything)
    first.ask(Outcome())
    assert everything.outcome is None
    second = Stop(everything)
    everything.interrupt()
    assert second.outcome == everything.outcome == Outcome(Exit.INTERRUPTED)
    assert Stop(everything).outcome == Outcome(Exit.INTERRUPTED)


@pytest.mark.parametrize("hangs", [False, True])
def test_a_second_signal_ends_the_process_there_and_then(hangs: bool) -> None:
    program = f"""
        import asyncio, os, time
        from tui.conduct import Stop

        async def main():
            stop = Stop()
            with stop.on_signals(at_once=True):
                print("ready", flush=True)
                await stop.wait()
                print("leaving", flush=True)
                time.sleep(600) if {hangs} else await asyncio.sleep(600)

        asyncio.run(main())
    """
    command = [sys.executable, "-c", textwrap.dedent(program)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for said in ("ready\n", "leaving\n"):
            assert process.stdout.readline() == said
            process.send_signal(signal.SIGINT)
        assert process.wait(10) == Exit.INTERRUPTED


async def test_handlers_are_as_they_were_afterwards() -> None:
    before = [signal.getsignal(number) for number in module.SIGNALS]
    stop = Stop()
    with stop.on_signals(at_once=True):
        os.kill(os.getpid(), signal.SIGTERM)
        await stop.wait()
    assert [signal.getsignal(number) for number in module.SIGNALS] == before


async def test_a_hangup_that_is_ignored_stays_so() -> None:
    """As under nohup."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with Stop().on_signals():
            assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
            assert signal.getsignal(signal.SIGTERM) != signal.SIG_DFL
    finally:
        signal.signal(signal.SIGHUP, before)
