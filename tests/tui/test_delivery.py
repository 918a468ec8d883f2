from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from rooms.events import ErrorEvent, Reconnected, Reconnecting
from tui.delivery import BURST, WINDOW, Delivery, NotDeliveredError, NotSentError


async def texts(*written: str) -> AsyncIterator[str]:
    for text in written:
        yield text


def hold_back(call) -> list[str]:
    """Have what is said delivered when the test says so."""
    said: list[str] = []
    call.say = lambda text, _reply_to="": said.append(text)
    return said


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


@pytest.fixture
def here(call):
    call.join()
    return call


async def test_lines_are_said_in_order_and_followed_until_they_are_delivered(here) -> None:
    said = hold_back(here)
    sending = asyncio.create_task(Delivery(here).send(texts("one", "", "two")))
    await settle()
    assert said == ["one", "two"]
    here.hear(0, "one")
    await settle()
    assert not sending.done()
    here.hear(0, "two")
    await asyncio.wait_for(sending, 5)


async def test_they_may_answer_a_line(here) -> None:
    await Delivery(here, reply_to="00ff").send(texts("yes"))
    assert here.intents == [("say", "yes", "00ff")]


async def test_no_more_is_taken_than_is_delivered(here) -> None:
    taken = 0

    async def endless() -> AsyncIterator[str]:
        nonlocal taken
        while True:
            taken += 1
            yield "y"

    said = hold_back(here)
    sending = asyncio.create_task(Delivery(here).send(endless()))
    await settle()
    assert (len(said), taken) == (WINDOW, WINDOW + 1)
    here.hear(0, "y")
    await settle()
    assert (len(said), taken) == (WINDOW + 1, WINDOW + 2)
    sending.cancel()


async def test_a_flood_is_paced(here) -> None:
    async def endless() -> AsyncIterator[str]:
        while True:
            yield "y"

    sending = asyncio.create_task(Delivery(here).send(endless()))
    await settle()
    assert BURST <= len(here.chat) <= BURST + 1
    sending.cancel()


async def test_while_we_are_away_nothing_is_said(here) -> None:
    said = hold_back(here)
    delivery = Delivery(here)
    here.emit(Reconnecting(reason="lost"))
    sending = asyncio.create_task(delivery.send(texts("one")))
    await settle()
    assert said == []
    here.emit(Reconnected(leaf=0, epoch=2))
    await settle()
    assert said == ["one"]
    here.hear(0, "one")
    await asyncio.wait_for(sending, 5)


async def test_what_the_room_refuses_ends_it_with_the_reason(here) -> None:
    refusal = ErrorEvent(code="room.policy", message="only hosts write here", hint="ask a host")
    here.say = lambda *_arguments: here.emit(refusal)
    with pytest.raises(NotSentError) as caught:
        await Delivery(here).send(texts("one", "two"))
    assert (caught.value.message, caught.value.hint) == ("only hosts write here", "ask a host")


async def test_other_errors_meanwhile_do_not(here) -> None:
    said = hold_back(here)
    sending = asyncio.create_task(Delivery(here).send(texts("one")))
    await settle()
    here.emit(ErrorEvent(code="media.transport", message="no media"))
    here.hear(0, "one")
    await asyncio.wait_for(sending, 5)
    assert said == ["one"]


async def test_what_is_not_delivered_in_time_is_an_error(here) -> None:
    hold_back(here)
    with pytest.raises(NotDeliveredError, match=r"nothing was delivered for 0\.01 s"):
        await Delivery(here, patience=0.01).send(texts("one"))


async def test_somebody_elses_line_delivers_none_of_ours(here, someone) -> None:
    here.arrive(someone(1, "Ada"))
    hold_back(here)
    sending = asyncio.create_task(Delivery(here).send(texts("one")))
    await settle()
    here.hear(1, "one")
    await settle()
    assert not sending.done()
    sending.cancel()
