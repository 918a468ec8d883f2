from __future__ import annotations

import datetime as dt

from media.control import Picture
from rooms import events
from rooms.quality import STEADY
from rooms.told import CHAT_KEPT, Told

SENT = dt.datetime(2026, 1, 2, tzinfo=dt.UTC)


def chat(text: str) -> events.ChatReceived:
    return events.ChatReceived(id="1", leaf=1, name="Ada", text=text, sent=SENT)


def knock(number: int) -> events.Knock:
    return events.Knock(knock=number, name="Ada", fingerprint="SHA256:x", key_state="new")


def bad(loss: float) -> events.Stats:
    numbers = {"sent_bytes": 1, "received_bytes": 1, "lost_packets": 0, "jitter_ms": 1.0}
    rest = {"round_trip_ms": None, "decrypted_frames": 1, "decrypt_failures": 0}
    return events.Stats(**numbers, **rest, loss=loss)  # type: ignore[arg-type]


def test_everybody_is_told_in_the_order_they_came() -> None:
    told, heard = Told(), list[str]()
    told.listen(lambda event: heard.append("first"))
    told.listen(lambda event: heard.append("second"))
    told.tell(events.Admitted())
    assert heard == ["first", "second"]


def test_those_who_wait_and_the_last_lines_are_kept() -> None:
    told = Told()
    for event in (knock(1), knock(2), events.KnockWithdrawn(knock=1)):
        told.tell(event)
    assert list(told.knocks) == [2]
    for number in range(CHAT_KEPT + 1):
        told.tell(chat(str(number)))
    assert [told.chat[0].text, told.chat[-1].text] == ["1", str(CHAT_KEPT)]
    told.tell(events.Knocking(server="here"))
    assert told.latest.knocking


def test_a_connection_that_turns_bad_is_told_behind_what_was_measured() -> None:
    told, heard = Told(), list[str]()
    told.listen(lambda event: heard.append(type(event).__name__))
    for _ in range(STEADY):
        told.tell(bad(0.5))
    assert heard == ["Stats"] * STEADY + ["QualityState"]


def test_pictures_go_to_those_who_look() -> None:
    told, seen = Told(), list[Picture]()
    told.listen(lambda event: None)
    told.listen(lambda event: None, seen.append)
    picture = Picture(1, 1, 1, b"\0\0\0")
    told.show(picture)
    assert seen == [picture]
