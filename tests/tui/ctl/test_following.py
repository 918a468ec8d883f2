from __future__ import annotations

import asyncio
import json
from typing import Any, get_args

import pytest

from rooms.events import AnyEvent, Hosting, Note
from tui.ctl.errors import BusyError, RequestError
from tui.ctl.following import KINDS, REQUESTS, SECRET, Follow


class Reader:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.lines: list[dict[str, Any]] = []

    def tell(self, line: bytes) -> None:
        assert line.endswith(b"\n")
        self.lines.append(json.loads(line))


@pytest.fixture
def reader() -> Reader:
    return Reader()


@pytest.fixture
def follow(call, someone) -> Follow:
    call.join()
    call.arrive(someone(1, "Ada"))
    return Follow(call, 1)


def test_whatever_hides_itself_is_not_told() -> None:
    """Events that hold a secret do not show it in their own words either."""
    hiding = [event for event in get_args(AnyEvent) if "__repr__" in vars(event)]
    assert {str(event.__struct_config__.tag) for event in hiding} == SECRET
    assert len(KINDS) == len(get_args(AnyEvent)) - len(SECRET)


async def test_events_are_told_under_the_id_they_were_asked_for(call, follow, reader) -> None:
    assert follow.events(reader.tell, "mine", ["chat", "note", "chat"]) == ["chat", "note"]
    call.hear(1, "hello")
    call.emit(Note(text="worth knowing"))
    call.speak(1, True)
    assert [(line["v"], line["request_id"]) for line in reader.lines] == [(1, "mine")] * 2
    chat, note = (line["event"] for line in reader.lines)
    assert (chat["event"], chat["name"], chat["text"]) == ("chat", "Ada", "hello")
    assert (note["event"], note["text"]) == ("note", "worth knowing")


async def test_all_events_are_told_but_what_lets_somebody_in(call, follow, reader) -> None:
    assert follow.events(reader.tell, None, []) == list(KINDS)
    call.emit(Hosting(link=call.link))
    call.passcodes.ask()
    call.verification.ask()
    call.speak(1, True)
    assert [line["event"]["event"] for line in reader.lines] == ["speaking"]
    with pytest.raises(RequestError):
        follow.events(reader.tell, None, ["passcode"])


async def test_what_cannot_be_told_as_json_does_not_disturb_the_call(call, follow, reader) -> None:
    follow.events(reader.tell, 1, ["note"])
    call.emit(Note(text="no such file: \udcff"))
    call.emit(Note(text="and on"))
    assert [line["event"]["text"] for line in reader.lines] == ["and on"]


async def test_properties_are_told_at_once_and_whenever_they_change(call, follow, reader) -> None:
    wanted = ["muted", "epoch", "speaking"]
    assert follow.observe(reader.tell, 7, wanted) == {"muted": False, "epoch": 2, "speaking": []}
    call.set_muted(True)
    call.speak(1, True)
    assert reader.lines == []
    await asyncio.sleep(0)
    assert reader.lines == [
        {"v": 1, "request_id": 7, "change": {"muted": True, "speaking": ["Ada"]}}
    ]
    call.emit(Note(text="nothing of these"))
    await asyncio.sleep(0)
    assert len(reader.lines) == 1
    call.publish(audio=True, video=True)
    follow.observe(reader.tell, 8, [])
    call.moderation.lock(True)
    await asyncio.sleep(0)
    assert reader.lines[1:] == [{"v": 1, "request_id": 8, "change": {"locked": True}}]


async def test_who_is_here_is_a_property_like_any_other(call, someone, follow, reader) -> None:
    follow.observe(reader.tell, 1, ["participants"])
    call.arrive(someone(2, "Grace"))
    await asyncio.sleep(0)
    names = [person["name"] for person in reader.lines[0]["change"]["participants"]]
    assert names == ["Me", "Ada", "Grace"]


async def test_a_connection_that_is_gone_is_told_nothing(call, follow, reader) -> None:
    other = Reader()
    for each in (reader, other):
        follow.events(each.tell, 1, ["note"])
    assert follow.follows(reader.tell)
    follow.drop(reader.tell)
    assert not follow.follows(reader.tell)
    call.emit(Note(text="x"))
    assert (len(reader.lines), len(other.lines)) == (0, 1)


async def test_attack_one_connection_asks_to_be_told_everything_without_end(follow, reader) -> None:
    for number in range(REQUESTS):
        follow.events(reader.tell, number, [])
    with pytest.raises(BusyError):
        follow.observe(reader.tell, 99, [])
