from __future__ import annotations

import asyncio

import pytest

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
    assert (refused["request_id"], refused["error"]["code"]) == ("three", "control.not_in_room")


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
    assert told["error"]["message"] == "a request has at most 4096 bytes"
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
