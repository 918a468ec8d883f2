from __future__ import annotations

import pytest

from rooms.errors import NetworkError, PolicyError, RoomsError, WireError
from rooms.events import ErrorEvent
from tui.ctl.errors import CodeChangedError, ToldError
from tui.ctl.office import Caller, Office
from tui.ctl.schema import (
    BareRequest,
    Code,
    Compared,
    Done,
    ReactRequest,
    SayRequest,
    VerifyRequest,
)
from tui.ctl.verbs import VERBS, say, show_people, show_status, verify
from tui.errors import NotFoundError, NotInRoomError

ASK = VerifyRequest(v=1, verb="verify")
BARE = BareRequest(v=1, verb="status")


@pytest.fixture
def caller(call) -> Caller:
    return Caller(Office(call, 2), lambda line: None)


def answer(same: bool, epoch: int | None = None) -> VerifyRequest:
    return VerifyRequest(v=1, verb="verify", same=same, epoch=epoch)


async def do(caller: Caller, verb: str, argument: str | None = None) -> object:
    """Carry out the verb of an action."""
    known = VERBS[verb]
    given = {} if argument is None else {"argument": argument}
    return await known.act(caller, known.request(v=1, verb=verb, **given))


async def test_the_status_says_who_is_there_and_what_is_true(call, someone, caller) -> None:
    before = await show_status(caller, BARE)
    assert (before.call, before.state, before.name) == (2, "joining", "")
    call.join()
    call.arrive(someone(1, "Ada"))
    now = await show_status(caller, BARE)
    assert (now.state, now.name, now.epoch) == ("in_room", "Me", 2)
    assert [person.name for person in now.participants] == ["Me", "Ada"]
    assert (now.knocks, now.muted, now.camera, now.verified, now.since) == (0, False, True, None, 0)
    assert now.words.startswith("You are in the room with Ada, as host.\n")


async def test_who_is_here_is_said_with_volumes_and_who_knocks(
    call, someone, knocker, caller
) -> None:
    with pytest.raises(NotInRoomError):
        await show_people(caller, BARE)
    call.join()
    call.arrive(someone(1, "Ada"))
    call.set_volume(1, 0.5)
    call.knocked(knocker(4, "Grace"))
    who = await show_people(caller, BARE)
    assert [person.name for person in who.participants] == ["Me", "Ada"]
    assert (who.volumes, [one.name for one in who.knocks]) == ({1: 0.5}, ["Grace"])
    assert who.words.splitlines()[1:] == [
        "Ada: known key, muted, volume 50%.",
        "#4 Grace is knocking.",
    ]


async def test_every_action_does_what_it_does_on_a_face_and_says_so(
    call, someone, knocker, caller
) -> None:
    call.join()
    call.arrive(someone(1, "Ada"))
    call.knocked(knocker(4, "Grace"))
    call.intents.clear()
    assert await do(caller, "mute") == await do(caller, "mute") == Done("")
    assert await do(caller, "toggle") == await do(caller, "video", "off") == Done("")
    assert await do(caller, "admit", "grace") == Done("Letting Grace in.")
    assert await do(caller, "volume", "Ada 80") == Done("Ada plays at 80%.")
    assert await do(caller, "lock") == Done("")
    assert await do(caller, "lock") == Done("The room is locked already.")
    assert call.intents == [
        ("muted", True),
        ("muted", True),
        ("muted", False),
        ("camera", False),
        ("admit", 4),
        ("volume", 1, 0.8),
        ("lock", True),
    ]


async def test_what_cannot_be_done_is_an_error_with_what_it_takes(call, someone, caller) -> None:
    call.join()
    call.arrive(someone(1, "Ada"))
    with pytest.raises(NotFoundError, match="nobody else here"):
        await do(caller, "remove", "Grace")
    with pytest.raises(ToldError, match="say who and how loud") as wrong:
        await do(caller, "volume", "Ada")
    assert (wrong.value.code, wrong.value.hint) == ("action.usage", "it takes NAME PERCENT")


async def test_a_line_is_said_and_may_answer_another(call, someone, caller) -> None:
    call.join()
    call.arrive(someone(1, "Ada"))
    call.hear(1, "first")
    said = SayRequest(v=1, verb="say", text="second", reply_to=call.chat[0].id)
    assert await say(caller, said) == Done("")
    assert call.intents == [("say", "second", call.chat[0].id)]
    call.latest.away = "the server is gone"
    with pytest.raises(NotInRoomError, match="made again"):
        await say(caller, said)
    assert len(call.intents) == 1


async def test_a_reaction_is_to_the_last_line_or_to_the_one_of_an_id(call, someone, caller) -> None:
    call.join()
    call.arrive(someone(1, "Ada"))
    call.hear(1, "first")
    call.hear(1, "second")
    first, second = (line.id for line in call.chat)
    assert await do(caller, "react", "tada") == Done("")
    request = ReactRequest(v=1, verb="react", argument="+1 off", reply_to=first)
    await VERBS["react"].act(caller, request)
    assert call.intents == [("react", second, "🎉", True), ("react", first, "👍", False)]


@pytest.mark.parametrize(
    ("refused", "code"),
    [
        (PolicyError("only hosts and cohosts write in this room", hint="x"), "action.not_allowed"),
        (WireError("the message is too long to send", hint="x"), "action.failed"),
        (NetworkError("the server is gone", hint="x"), "network.unreachable"),
    ],
)
async def test_what_a_call_tells_by_an_event_it_could_not_do_is_an_error_here(
    call, caller, monkeypatch: pytest.MonkeyPatch, refused: RoomsError, code: str
) -> None:
    """The call takes the line, and tells that it is not sent."""
    call.join()
    monkeypatch.setattr(call, "say", lambda text, reply: call.emit(ErrorEvent.of(refused)))
    with pytest.raises(ToldError, match=refused.message) as told:
        await say(caller, SayRequest(v=1, verb="say", text="hello"))
    assert (told.value.code, told.value.hint) == (code, "x")
    call.emit(ErrorEvent(code="network.unreachable", message="some other trouble"))
    assert await do(caller, "unlock") == Done("The room is not locked.")


async def test_a_code_is_told_without_disturbing_the_call_and_answered_as_on_its_screen(
    call, someone, caller
) -> None:
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


async def test_before_the_room_there_is_no_code(caller) -> None:
    with pytest.raises(NotInRoomError):
        await verify(caller, ASK)


async def test_an_answer_without_a_question_verifies_nobody(call, someone, caller) -> None:
    call.join()
    call.arrive(someone(1, "Ada"))
    with pytest.raises(CodeChangedError):
        await verify(caller, answer(same=True))
    assert call.verification.epoch is None


async def test_an_answer_is_not_taken_for_a_code_that_only_the_screen_showed_since(
    call, someone, caller
) -> None:
    """Ada was compared here; then Eve came, and the screen of the call shows the next code."""
    call.join()
    call.arrive(someone(1, "Ada"))
    await verify(caller, ASK)
    call.arrive(someone(2, "Eve"))
    call.verification.ask()
    for request in (answer(same=True), answer(same=True, epoch=2)):
        with pytest.raises(CodeChangedError):
            await verify(caller, request)
    assert call.verification.epoch is None
