"""Whole calls over loopback: sessions, server, ICE, DTLS and SRTP are the real ones."""

from __future__ import annotations

import asyncio
import os
import socket

import pytest

from media.engine import embedded, embedded_admin, embedded_session
from media.engine.ports import EngineAdmin, EngineSession


def test_the_module_offers_both_ends() -> None:
    assert embedded.EmbeddedAdmin is embedded_admin.EmbeddedAdmin
    assert embedded.EmbeddedSession is embedded_session.EmbeddedSession


async def test_the_ports_are_implemented() -> None:
    # Checked by mypy; here so that a missing method fails a test as well.
    session: EngineSession = embedded.EmbeddedSession()
    admin: EngineAdmin = embedded.EmbeddedAdmin(["127.0.0.1"])
    await session.close()
    await admin.close()


@pytest.mark.parametrize("people", [2, 3])
async def test_frames_arrive_intact_at_everybody_else(call, people: int) -> None:
    peers = [await call.join() for _ in range(people)]
    # The first packets claim slots; frames sent from here on must all arrive.
    sent: dict[int, dict[str, set[bytes]]] = {}
    for peer in peers:
        audio = [os.urandom(151) for _ in range(5)]
        video = [os.urandom(size) for size in (1, 900, 1100, 5000)]
        for number, payload in enumerate(audio):
            peer.session.send_audio(payload, number * 960, 2)
        for number, payload in enumerate(video):
            peer.session.send_video(payload, number * 9000, key_frame=number == 0)
        sent[peer.number] = {"audio": set(audio), "video": set(video)}
    for peer in peers:
        for kind in ("audio", "video"):
            expected = set().union(
                *(frames[kind] for number, frames in sent.items() if number != peer.number)
            )
            await call.until(lambda p=peer, k=kind, e=expected: p.payloads(k) == e)


def has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


@pytest.mark.parametrize(
    "addresses",
    [
        pytest.param(["::1"], marks=pytest.mark.skipif(not has_ipv6(), reason="no IPv6 here")),
        ["127.0.0.1", "127.0.0.2"],  # more than one pair: nominated after the checks
        ["0.0.0.0"],
    ],
)
async def test_other_listening_addresses(addresses: list[str]) -> None:
    admin = embedded.EmbeddedAdmin(addresses)
    await admin.start()
    sessions = [embedded.EmbeddedSession() for _ in range(2)]
    arrived = asyncio.Event()
    sessions[1].on_frame = lambda _frame: arrived.set()
    for number, session in enumerate(sessions, start=1):
        await session.connect(await admin.join("room", number, await session.offer()))
    async with asyncio.timeout(5.0):
        timestamp = 0
        while not arrived.is_set():
            sessions[0].send_audio(b"hello", timestamp, 1)
            timestamp += 960
            await asyncio.sleep(0.01)
    for session in sessions:
        await session.close()
    await admin.close()


async def test_timestamps_and_slots_reach_the_receiver(call) -> None:
    first, second = await call.join(), await call.join()
    first.session.send_audio(b"a", 48_000, 1)
    first.session.send_video(b"v", 0xFFFF_FFF0, key_frame=True)
    await call.until(lambda: len(second.frames) == 2)
    by_kind = {frame.kind: frame for frame in second.frames}
    assert (by_kind["audio"].timestamp, by_kind["audio"].slot) == (48_000, 0)
    assert (by_kind["video"].timestamp, by_kind["video"].slot) == (0xFFFF_FFF0, 0)


async def test_rooms_do_not_hear_each_other(call) -> None:
    here, there = await call.join("here"), await call.join("there")
    here.session.send_audio(b"secret", 0, 3)
    await call.settle()
    assert there.frames == []


async def test_nobody_gets_its_own_media(call) -> None:
    alone = await call.join()
    alone.session.send_audio(b"hello", 0, 3)
    alone.session.send_video(b"face", 0, key_frame=True)
    await call.settle()
    assert alone.frames == []


async def test_leaving_stops_forwarding_at_once(call) -> None:
    first, second, third = [await call.join() for _ in range(3)]
    first.session.send_audio(b"before", 0, 2)
    await call.until(lambda: second.frames and third.frames)
    leaving = call.admin.leave("room", second.number)
    first.session.send_audio(b"during", 960, 2)
    second.session.send_audio(b"from the leaver", 0, 3)
    await leaving
    first.session.send_audio(b"after", 1920, 2)
    await call.until(lambda: b"after" in third.payloads("audio"))
    assert second.payloads("audio") == {b"before"}
    assert b"from the leaver" not in first.payloads("audio") | third.payloads("audio")
    await call.until(lambda: second.closed)


async def test_a_late_joiner_makes_the_server_ask_for_key_frames(call) -> None:
    first, second = await call.join(), await call.join()
    first.session.send_video(b"key", 0, key_frame=True)
    await call.until(lambda: first.requests == 1 and second.payloads("video"))
    late = await call.join()
    # Requests to one publisher are coalesced to two a second, so keep sending until it is due.
    await call.repeat(
        lambda: first.session.send_video(b"inter", 9000, key_frame=False),
        lambda: first.requests == 2,
    )
    assert late.payloads("video") == {b"inter"}


async def test_a_receiver_can_ask_for_a_key_frame(call) -> None:
    first, second = await call.join(), await call.join()
    first.session.send_video(b"key", 0, key_frame=True)
    await call.until(lambda: second.frames)
    await call.until(lambda: first.requests == 1)
    second.session.request_key_frame(0)
    second.session.request_key_frame(7)  # nobody there
    second.session.request_key_frame(99)  # no such slot
    await call.repeat(lambda: first.session.send_audio(b"-", 0, 0), lambda: first.requests == 2)
    assert second.requests == 0


async def test_the_server_closing_is_reported_once(call) -> None:
    first, second = await call.join(), await call.join()
    await call.admin.close()
    await call.until(lambda: first.closed and second.closed)
    await call.settle()
    assert first.closed == second.closed == ["the server ended the media connection"]
    first.session.send_audio(b"into the void", 0, 1)  # dropped, not an error


async def test_closing_a_session_is_noticed_by_the_server_and_not_called_back(call) -> None:
    first, second = await call.join(), await call.join()
    await first.session.close()
    await first.session.close()
    await call.until(lambda: call.admin.participants("room") == {second.number})
    assert first.closed == []
