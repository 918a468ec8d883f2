from __future__ import annotations

import pytest

from tui.ctl.errors import CodeChangedError, NotInRoomError
from tui.ctl.schema import Code, Compared, StatusRequest, VerifyRequest
from tui.ctl.verbs import Caller, status, verify

ASK = VerifyRequest(v=1, verb="verify")
STATUS = StatusRequest(v=1, verb="status")


def answer(same: bool, epoch: int | None = None) -> VerifyRequest:
    return VerifyRequest(v=1, verb="verify", same=same, epoch=epoch)


async def test_the_status_says_who_is_there_and_what_is_true(call, someone) -> None:
    caller = Caller(call, 2)
    before = await status(caller, STATUS)
    assert (before.call, before.state, before.name) == (2, "joining", "")
    call.join()
    call.arrive(someone(1, "Ada"))
    now = await status(caller, STATUS)
    assert (now.state, now.name, now.epoch) == ("in_room", "Me", 2)
    assert [person.name for person in now.participants] == ["Me", "Ada"]
    assert (now.knocks, now.muted, now.camera, now.verified, now.since) == (0, False, True, None, 0)
    assert not now.sending_stopped
    call.sending_stopped = True
    assert (await status(caller, STATUS)).sending_stopped


async def test_a_code_is_told_without_disturbing_the_call_and_answered_as_on_its_screen(
    call, someone
) -> None:
    caller = Caller(call, 1)
    call.join()
    call.arrive(someone(1, "Ada"))
    seen: list[object] = []
    call.listen(seen.append)
    code = await verify(caller, ASK)
    assert isinstance(code, Code)
    assert (code.epoch, len(code.digits), len(code.words), code.verified) == (2, 6, 9, None)
    assert seen == []
    assert await verify(caller, answer(same=True)) == Compared(same=True, verified=2, since=0)
    assert [type(event).__name__ for event in seen] == ["CodeCompared"]
    await verify(caller, ASK)
    assert await verify(caller, answer(same=False)) == Compared(same=False, verified=None, since=0)


async def test_before_the_room_there_is_no_code(call) -> None:
    with pytest.raises(NotInRoomError):
        await verify(Caller(call, 1), ASK)


async def test_an_answer_without_a_question_verifies_nobody(call, someone) -> None:
    caller = Caller(call, 1)
    call.join()
    call.arrive(someone(1, "Ada"))
    with pytest.raises(CodeChangedError):
        await verify(caller, answer(same=True))
    assert call.verification.epoch is None


async def test_an_answer_is_not_taken_for_a_code_that_only_the_screen_showed_since(
    call, someone
) -> None:
    """Ada was compared here; then Eve came, and the screen of the call shows the next code."""
    caller = Caller(call, 1)
    call.join()
    call.arrive(someone(1, "Ada"))
    await verify(caller, ASK)
    call.arrive(someone(2, "Eve"))
    call.verification.ask()
    for request in (answer(same=True), answer(same=True, epoch=2)):
        with pytest.raises(CodeChangedError):
            await verify(caller, request)
    assert call.verification.epoch is None
