from __future__ import annotations

import asyncio
import io
import json
import os
from collections.abc import AsyncIterator

import pytest

from rooms.events import E2eeState, ErrorEvent, Hosting, Knocking, Note
from tui import keys
from tui.cli.exits import Exit
from tui.conditions import Condition
from tui.conduct import Limits, Outcome, Stop
from tui.headless import Headless
from tui.hooks import Hook, Hooks


async def typed(*written: str) -> AsyncIterator[str]:
    for line in written:
        yield line


async def hold(call, face: Headless) -> int:
    return (await face.run(call.opened, Limits(), Stop())).code


async def test_events_are_json_lines_and_words_go_to_the_log(call, someone) -> None:
    out, log = io.StringIO(), io.StringIO()
    running = asyncio.create_task(hold(call, Headless(log=log, events=out, link=out)))
    await asyncio.sleep(0.01)
    call.emit(Hosting(link=call.link))
    call.arrive(someone(1, "Ada"))
    call.hear(1, "quiet now")
    call.end("a host ended the call", "room.missing")
    assert await running == Exit.ROOM
    records = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [r["event"] for r in records] == [
        *("joined", "e2ee_state", "hosting", "participant_joined", "e2ee_state", "chat", "ended")
    ]
    assert all(r["v"] == 1 and r["time"].endswith("Z") for r in records)
    assert records[2]["link"] == call.link
    assert "Ada came in" in log.getvalue()
    assert "quiet now" not in log.getvalue()
    assert "secret" not in log.getvalue()


async def test_without_json_lines_only_the_link_is_printed(call) -> None:
    out, log = io.StringIO(), io.StringIO()
    running = asyncio.create_task(hold(call, Headless(log=log, link=out)))
    await asyncio.sleep(0.01)
    call.emit(Hosting(link=call.link))
    call.hear(0, "two\nlines")
    call.leave()
    assert await running == Exit.DONE
    assert out.getvalue() == f"{call.link}\n"
    assert "Me: two\n  lines\n" in log.getvalue()


async def test_the_passcode_goes_where_the_link_goes_and_into_no_log(call) -> None:
    out, log = io.StringIO(), io.StringIO()
    face = Headless(log=log, link=out, typed=typed("/passcode", "/passcode new", "/leave"))
    assert await hold(call, face) == Exit.DONE
    assert out.getvalue() == "banana-acorn-bicycle-august\n" * 2
    assert call.intents == [("ask passcode",), ("renew passcode",), ("leave",)]
    assert "sotto join banana --server 127.0.0.1:4433" in log.getvalue()
    assert "There is a new passcode; the old one is over." in log.getvalue()
    assert "acorn" not in log.getvalue()


async def test_lines_typed_are_chat_and_commands(call) -> None:
    log = io.StringIO()
    face = Headless(log=log, typed=typed("hello", "/mute", "/dance", "/leave"))
    assert await hold(call, face) == Exit.DONE
    assert call.intents == [("say", "hello"), ("muted", True), ("leave",)]
    assert "There is no /dance." in log.getvalue()


async def test_words_that_are_not_read_hold_up_nothing(call) -> None:
    reader, writing = os.pipe()
    with os.fdopen(reader), os.fdopen(writing, "w") as log:
        out = io.StringIO()
        running = asyncio.create_task(hold(call, Headless(log=log, events=out)))
        await asyncio.sleep(0.01)
        for _ in range(100):
            call.emit(Note(text="x" * 2000))  # more than a pipe holds
        call.leave()
        assert await running == Exit.DONE
    assert out.getvalue().count('"note"') == 100


async def test_a_fault_in_what_is_typed_is_not_passed_over(call, monkeypatch) -> None:
    monkeypatch.setattr(keys, "perform", lambda _call, line: 1 / len(line.strip()))
    face = Headless(log=io.StringIO(), typed=typed(" "))
    running = asyncio.create_task(hold(call, face))
    await asyncio.sleep(0.01)
    call.leave()
    with pytest.raises(ZeroDivisionError):
        await running


async def test_how_loud_it_is_is_told_to_whoever_asked(call) -> None:
    for levels in (True, False):
        running = asyncio.create_task(hold(call, Headless(log=io.StringIO(), levels=levels)))
        await asyncio.sleep(0.01)
        call.leave()
        await running
    assert call.intents == [("meters", True), ("leave",), ("leave",)]


async def test_no_picture_is_scaled_for_nobody(call, someone) -> None:
    call.participants = [someone(1, "Ada")]
    running = asyncio.create_task(hold(call, Headless(log=io.StringIO())))
    await asyncio.sleep(0.01)
    call.arrive(someone(2, "Grace"))
    call.leave()
    await running
    assert [i for i in call.intents if i[0] == "view"] == []


async def test_an_error_that_ends_the_call_is_said_once(call) -> None:
    log = io.StringIO()
    running = asyncio.create_task(Headless(log=log).run(call.opened, Limits(), Stop()))
    await asyncio.sleep(0.01)
    call.emit(ErrorEvent(code="room.full", message="the room is full", hint="try later"))
    call.end("the room is full", "room.full")
    assert await running == Outcome(Exit.ROOM)
    assert log.getvalue().endswith("sotto: the room is full\nhint: try later\n")
    assert log.getvalue().count("full") == 1


async def test_an_end_without_an_error_before_it_is_left_to_be_said(call) -> None:
    log = io.StringIO()
    running = asyncio.create_task(Headless(log=log).run(call.opened, Limits(), Stop()))
    await asyncio.sleep(0.01)
    call.end("a host removed you", "room.removed")
    assert await running == Outcome(Exit.REMOVED, "a host removed you")
    assert "removed" not in log.getvalue()


class Closed(io.StringIO):
    def write(self, text: str) -> int:
        raise BrokenPipeError


async def test_nobody_reading_ends_the_call(call) -> None:
    outcome = await Headless(log=io.StringIO(), events=Closed()).run(call.opened, Limits(), Stop())
    assert outcome == Outcome(Exit.DONE)
    assert ("leave",) in call.intents


async def test_only_what_is_wanted_is_written_and_whoever_is_quiet_says_nothing(call) -> None:
    out, log = io.StringIO(), io.StringIO()
    face = Headless(
        log=log,
        events=out,
        wanted=lambda event: isinstance(event, E2eeState),
        quiet=True,
    )
    running = asyncio.create_task(hold(call, face))
    await asyncio.sleep(0.01)
    call.emit(ErrorEvent(code="media.transport", message="no media"))
    call.leave()
    await running
    assert [json.loads(line)["event"] for line in out.getvalue().splitlines()] == ["e2ee_state"]
    assert log.getvalue() == ""


async def test_a_quiet_call_says_at_a_terminal_whom_it_waits_for(call) -> None:
    log = io.StringIO()
    log.isatty = lambda: True  # type: ignore[method-assign]
    running = asyncio.create_task(hold(call, Headless(log=log, quiet=True)))
    await asyncio.sleep(0.01)
    call.emit(Knocking(server="192.0.2.7:4433", host_here=True))
    call.leave()
    assert await running == Exit.DONE
    assert log.getvalue() == "Knocked at 192.0.2.7:4433; a host has to let you in.\n"


async def test_why_a_quiet_call_ended_is_left_to_be_said(call) -> None:
    log = io.StringIO()
    face = Headless(log=log, quiet=True)
    running = asyncio.create_task(face.run(call.opened, Limits(), Stop()))
    await asyncio.sleep(0.01)
    call.emit(ErrorEvent(code="room.full", message="the room is full", hint="try later"))
    call.end("the room is full", "room.full")
    assert await running == Outcome(Exit.ROOM, "the room is full", "try later")
    assert log.getvalue() == ""


async def test_further_listeners_hear_the_same(call) -> None:
    heard: list[str] = []
    face = Headless(log=io.StringIO(), extra=[lambda event: heard.append(type(event).__name__)])
    running = asyncio.create_task(hold(call, face))
    await asyncio.sleep(0.01)
    call.leave()
    await running
    assert heard == ["Joined", "E2eeState", "Ended"]


async def test_a_stop_is_said_once_however_many_epochs_it_lasts(call) -> None:
    log = io.StringIO()
    running = asyncio.create_task(hold(call, Headless(log=log)))
    await asyncio.sleep(0.01)
    for reason in ("silent", "silent", "agreed", "silent"):
        state = "secure" if reason == "agreed" else "stopped"
        call.emit(E2eeState(epoch=2, members=2, state=state, reason=reason))
    call.leave()
    await running
    assert log.getvalue().count("Sending has stopped: nobody confirms your keys") == 2


async def test_the_link_is_written_into_no_log(call) -> None:
    for jsonl in (True, False):
        out, log = io.StringIO(), io.StringIO()
        face = Headless(log=log, events=out if jsonl else None, link=out, typed=typed("/link"))
        running = asyncio.create_task(hold(call, face))
        await asyncio.sleep(0.01)
        call.end()
        await running
        assert "secret." not in log.getvalue()
        assert ("secret.host" in out.getvalue()) is not jsonl


async def test_lines_that_end_are_told_and_end_nothing_unless_that_is_waited_for(call) -> None:
    out = io.StringIO()
    face = Headless(log=io.StringIO(), events=out, typed=typed("hello"))
    until = Limits(until=[Condition.parse("input_ended=lines")])
    assert await face.run(call.opened, until, Stop()) == Outcome(Exit.DONE)
    assert call.intents == [("say", "hello"), ("leave",)]
    assert '"event":"input_ended"' in out.getvalue()


async def test_an_empty_input_is_none_that_could_end(call) -> None:
    """Else a call of a cron job, whose input is /dev/null, would end before its sound is played."""
    face = Headless(log=io.StringIO(), typed=typed())
    until = Limits(stay=0.05, until=[Condition.parse("input_ended")])
    assert (await face.run(call.opened, until, Stop())).code == Exit.TIMEOUT


async def test_commands_hear_of_everything_the_end_included(call, tmp_path) -> None:
    out = tmp_path / "out"
    command = ("sh", "-c", f'echo "$SOTTO_EVENT $SOTTO_CALL" >> {out}')
    hooks = Hooks([Hook(Condition(event), command) for event in ("joined", "ended")], 7)
    running = asyncio.create_task(hold(call, Headless(log=io.StringIO(), hooks=hooks)))
    await asyncio.sleep(0.01)
    call.leave()
    assert await running == Exit.DONE
    assert sorted(out.read_text().splitlines()) == ["ended 7", "joined 7"]
