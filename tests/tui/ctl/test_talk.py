from __future__ import annotations

import asyncio

import pytest

from rooms.events import E2eeState, Reconnecting
from tui.ctl import push
from tui.ctl.talk import Talk
from tui.errors import NoDeviceError, NotInRoomError


@pytest.fixture
def talk(call, someone) -> Talk:
    call.join()
    call.arrive(someone(1, "Ada"))
    call.set_muted(True)
    call.intents.clear()
    return Talk(call)


async def test_a_muted_person_is_heard_while_the_key_is_held(call, talk: Talk) -> None:
    talk.press(None)
    assert (call.muted, talk.seconds) == (False, push.LIMIT)
    talk.press(None)
    talk.release(None)
    assert (call.muted, talk.seconds) == (True, None)
    assert call.intents == [("muted", False), ("muted", True)]


async def test_whoever_is_not_muted_stays_so(call, talk: Talk) -> None:
    call.set_muted(False)
    talk.press(None)
    talk.release(None)
    assert (call.muted, talk.seconds) == (False, None)


async def test_who_mutes_by_hand_is_not_unmuted_by_a_key_that_is_still_held(
    call, talk: Talk
) -> None:
    call.set_muted(False)
    talk.press(None)
    call.set_muted(True)
    talk.press(None)
    assert call.muted
    talk.release(None)
    talk.press(None)
    assert not call.muted
    call.set_muted(True)
    talk.press(None)
    assert call.muted


async def test_a_tap_whose_release_comes_first_opens_nothing(call, talk: Talk) -> None:
    talk.release(7.08)
    talk.press(7.0)
    assert call.muted
    assert call.intents == []


async def test_attack_a_release_from_the_future_does_not_disable_the_key(call, talk: Talk) -> None:
    talk.release(1e300)
    talk.release(float("nan"))
    await asyncio.sleep(0.01)
    talk.press(None)
    assert not call.muted


async def test_a_lost_release_mutes_again_by_itself(
    call, talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(push, "LIMIT", 0.02)
    talk.press(None)
    assert not call.muted
    await asyncio.sleep(0.1)
    assert call.muted


@pytest.mark.parametrize(
    "event", [Reconnecting(reason="gone"), E2eeState(epoch=9, members=2, state="stopped")]
)
async def test_the_microphone_closes_when_nothing_may_be_sent(call, talk: Talk, event) -> None:
    talk.press(None)
    call.emit(event)
    assert call.muted
    talk.press(None)
    assert call.muted


async def test_nobody_is_unmuted_for_later(call, talk: Talk) -> None:
    call.sending_stopped = True
    with pytest.raises(NotInRoomError, match="nothing of yours"):
        talk.press(None)
    call.participants = []
    with pytest.raises(NotInRoomError):
        talk.press(None)
    assert call.intents == []


async def test_without_a_microphone_there_is_no_talking(call, talk: Talk) -> None:
    call.has_microphone = False
    with pytest.raises(NoDeviceError):
        talk.press(None)


async def test_the_end_of_the_call_lets_go(call, talk: Talk) -> None:
    talk.press(None)
    talk.let_go()
    assert call.muted
