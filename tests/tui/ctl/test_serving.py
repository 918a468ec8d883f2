from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
from pathlib import Path

import pytest

from rooms.events import Ended, Note
from tui.ctl import serving
from tui.ctl.schema import MAX_REQUEST
from tui.ctl.seats import running_calls


async def test_a_connection_asks_as_often_as_it_likes_and_in_one_go(served, raw) -> None:
    connection = await raw.connect()
    assert (await connection.ask(verb="status", request_id=1))["request_id"] == 1
    await connection.send(b'{"v":1,"verb":"status","request_id":2}\n{"v":1,"verb":"ve')
    assert (await connection.receive())["request_id"] == 2
    await connection.send(b'rify","request_id":"three"}\n')
    refused = await connection.receive()
    assert (refused["request_id"], refused["error"]["code"]) == ("three", "action.not_in_room")


async def test_a_bad_request_is_answered_and_the_next_one_is_carried_out(served, raw) -> None:
    connection = await raw.connect()
    await connection.send(b"\x00\xff garbage\n\n")
    for _ in range(2):
        assert (await connection.receive())["error"]["code"] == "control.malformed"
    assert "result" in await connection.ask(verb="status")


async def test_a_line_without_end_is_refused_before_it_fills_memory(served, raw) -> None:
    connection = await raw.connect()
    await connection.send(b"x" * (MAX_REQUEST + 1))
    told = await connection.receive()
    assert told["error"]["message"] == f"a request has at most {MAX_REQUEST} bytes"
    assert await connection.is_closed()


async def test_the_longest_request_is_taken(served, raw) -> None:
    connection = await raw.connect()
    line = b'{"v":1,"verb":"status"}'
    await connection.send(line + b" " * (MAX_REQUEST - len(line) - 1) + b"\n")
    assert "result" in await connection.receive()


async def test_a_flood_of_requests_is_cut_off_and_hurts_no_other(served, raw) -> None:
    flooding, quiet = await raw.connect(), await raw.connect()
    await flooding.send(b'{"v":1,"verb":"status"}\n' * 200)
    answers = [await flooding.receive() for _ in range(int(serving.BURST))]
    assert all("result" in answer for answer in answers)
    while "result" in (told := await flooding.receive()):
        pass
    assert told["error"]["code"] == "control.too_fast"
    assert "result" in await quiet.ask(verb="status")


async def test_a_flood_of_connections_is_refused_and_ends(served, raw) -> None:
    held = [await raw.connect() for _ in range(serving.CONNECTIONS)]
    for connection in held:
        assert "result" in await connection.ask(verb="status")
    one_more = await raw.connect()
    assert (await one_more.receive())["error"]["code"] == "control.too_fast"
    held.pop().writer.close()
    await asyncio.sleep(0.05)
    assert "result" in await (await raw.connect()).ask(verb="status")


async def test_a_silent_connection_is_let_go(served, raw, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "SILENCE", 0.05)
    assert await (await raw.connect()).is_closed()


async def test_somebody_else_is_told_nothing(served, raw, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "is_own", lambda connection: False)
    connection = await raw.connect()
    assert (await connection.receive())["error"]["code"] == "control.not_yours"
    assert await connection.is_closed()


async def test_the_end_of_the_call_ends_its_connections_and_its_name(call, seat, raw) -> None:
    async with serving.serving(call, seat):
        connection = await raw.connect()
        await connection.ask(verb="status")
    assert await connection.is_closed()
    assert running_calls() == {}


async def test_a_call_is_reachable_while_its_opener_has_it_open(call, seat, raw) -> None:
    async with serving.reachable(call.opened, seat)() as opened:
        assert opened is call
        assert "result" in await (await raw.connect()).ask(verb="status")
    assert running_calls() == {}


async def test_what_happens_comes_between_the_answers(served, raw) -> None:
    connection = await raw.connect()
    told = await connection.ask(verb="events", kinds=["chat"], request_id="e")
    assert told["result"] == {"kinds": ["chat"]}
    told = await connection.ask(verb="observe", properties=["epoch"], request_id="o")
    assert told["result"] == {"properties": {"epoch": 0}}
    served.join()
    assert await connection.receive() == {"v": 1, "request_id": "o", "change": {"epoch": 1}}
    said = await connection.ask(verb="say", text="hello", request_id="s")
    assert (said["request_id"], said["event"]["text"]) == ("e", "hello")
    assert (await connection.receive())["request_id"] == "s"


async def test_whoever_waits_to_be_told_may_be_silent(
    served, raw, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "SILENCE", 0.05)
    connection = await raw.connect()
    await connection.ask(verb="events", kinds=["note"])
    await asyncio.sleep(0.15)
    served.emit(Note(text="still there"))
    assert (await connection.receive())["event"]["text"] == "still there"


async def test_a_reader_too_slow_is_told_so_and_cut_off_and_the_call_goes_on(
    served, raw, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "BACKLOG", 200_000)
    slow = await raw.connect()
    await slow.ask(verb="events", kinds=["note"])
    for number in range(5000):
        served.emit(Note(text=f"{number} " + "x" * 200))
    lines = []
    while "event" in (told := await slow.receive()):
        lines.append(int(told["event"]["text"].split()[0]))
    assert told["error"]["code"] == "control.too_slow"
    assert lines == list(range(len(lines)))
    assert 0 < len(lines) < 5000
    assert await slow.is_closed()
    assert "result" in await (await raw.connect()).ask(verb="status")


async def test_a_reader_that_reads_nothing_at_all_is_let_go(
    served, raw, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "BACKLOG", 1000)
    monkeypatch.setattr(serving, "UNREAD", 0.05)
    connection = await raw.connect()
    await connection.ask(verb="events", kinds=["note"])
    connection.writer.transport.pause_reading()
    for _ in range(5000):
        served.emit(Note(text="x" * 200))
    await asyncio.sleep(0.15)
    connection.writer.write(b" ")
    await asyncio.sleep(0.05)
    with pytest.raises(ConnectionError):
        await connection.send(b" ")


async def test_whoever_reads_gets_the_last_of_a_call(call, seat, raw) -> None:
    async with serving.serving(call, seat):
        connection = await raw.connect()
        await connection.ask(verb="events", kinds=["note", "ended"])
        reading = asyncio.ensure_future(connection.reader.read())
        for _ in range(3000):
            call.emit(Note(text="x" * 200))
        call.emit(Ended(reason="you left"))
    last = (await reading).splitlines()[-1]
    assert json.loads(last)["event"]["event"] == "ended"


async def test_the_end_of_a_call_is_no_error_of_its_connections(
    call, seat, raw, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving.serving(call, seat):
        asking, following = await raw.connect(), await raw.connect()
        await asking.ask(verb="status")
        await following.ask(verb="events")
    assert await asking.is_closed()
    await asyncio.sleep(0)
    assert caplog.records == []


async def test_a_connection_that_ends_is_forgotten(served, raw) -> None:
    for _ in range(3 * serving.CONNECTIONS):
        connection = await raw.connect()
        assert "result" in await connection.ask(verb="events")
        connection.writer.close()
        await asyncio.sleep(0.01)
    served.emit(Note(text="x"))


async def test_half_a_request_is_none(served, raw) -> None:
    connection = await raw.connect()
    await connection.send(b'{"v":1,"verb":"leave"}')
    connection.writer.close()
    await asyncio.sleep(0.05)
    assert served.intents == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else for a moment")
async def test_another_person_is_told_nothing_even_where_the_folder_lets_them_in(
    served, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    folder.chmod(0o755)
    (folder / "1.sock").chmod(0o777)
    with socket.socket(socket.AF_UNIX) as stranger:
        stranger.setblocking(False)
        os.seteuid(65534)
        try:
            stranger.connect("1.sock")
        finally:
            os.seteuid(0)
        reader, writer = await asyncio.open_unix_connection(sock=stranger)
        writer.write(b'{"v":1,"verb":"leave"}\n')
        told = json.loads(await reader.readline())
        assert told["error"]["code"] == "control.not_yours"
        with contextlib.suppress(ConnectionResetError):  # what was sent is not even read
            assert await reader.read() == b""
        writer.close()
    assert served.intents == []
