from __future__ import annotations

import asyncio

import pytest

from rooms.events import ErrorEvent, FileFailed, FileProgress
from rooms.file_errors import (
    FileError,
    FileNotSentError,
    FileTooLargeError,
    FileUnreadableError,
)
from tui.delivery import NotDeliveredError, NotSentError
from tui.file_delivery import FileDelivery


@pytest.fixture
def here(call):
    call.join()
    return call


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


def sends(call) -> list[str]:
    return [intent[1] for intent in call.intents if intent[0] == "send file"]


async def test_files_are_sent_one_after_the_other_until_they_are_delivered(here, someone) -> None:
    here.arrive(someone(1, "Ada"))
    sending = asyncio.create_task(FileDelivery(here).send(["a", "b"]))
    await settle()
    assert sends(here) == ["a"]
    here.files.come(1, "somebody else's")
    fields = here.files.announce(0, "a")
    here.emit(FileProgress(**fields, done=3))
    await settle()
    assert sends(here) == ["a"]
    here.files.finish(fields)
    await settle()
    assert sends(here) == ["a", "b"]
    here.files.finish(here.files.announce(0, "b"))
    await asyncio.wait_for(sending, 5)


async def test_what_cannot_be_sent_ends_it_with_the_reason(here) -> None:
    here.files.refusal = "the file cannot be read"
    with pytest.raises(FileError, match="cannot be read"):
        await FileDelivery(here).send(["a"])


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("room.policy", NotSentError),
        ("file.too_large", FileTooLargeError),
        ("file.unreadable", FileUnreadableError),
        ("file.not_sent", FileNotSentError),
    ],
)
async def test_what_turns_out_later_ends_it_too(here, code: str, error: type) -> None:
    sending = asyncio.create_task(FileDelivery(here).send(["a"]))
    await settle()
    here.emit(ErrorEvent(code="media.transport", message="no media"))
    here.emit(ErrorEvent(code=code, message="no", hint="ask a host"))
    with pytest.raises(error) as caught:
        await asyncio.wait_for(sending, 5)
    assert type(caught.value) is error
    assert (caught.value.message, caught.value.hint) == ("no", "ask a host")


async def test_a_connection_that_breaks_is_an_error(here) -> None:
    sending = asyncio.create_task(FileDelivery(here).send(["a"]))
    await settle()
    here.emit(FileFailed(**here.files.announce(0, "a"), reason="disconnected"))
    with pytest.raises(FileNotSentError, match="Your a was not sent: the connection broke"):
        await asyncio.wait_for(sending, 5)


async def test_what_does_not_move_in_time_is_an_error(here) -> None:
    with pytest.raises(NotDeliveredError, match=r"for 0\.01 s"):
        await FileDelivery(here, patience=0.01).send(["a"])
