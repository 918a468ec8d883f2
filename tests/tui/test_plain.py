from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncGenerator, Callable
from functools import partial

import pytest
from scripted import ScriptedRooms

from rooms.events import Hosting
from tui.cli.exits import Exit
from tui.conduct import Limits, Outcome, Stop
from tui.devices import CallDevices
from tui.own import Own
from tui.plain import WELCOME, Plain


async def typed(*written: str) -> AsyncGenerator[str, None]:
    for line in written:
        await asyncio.sleep(0)
        yield line


class Face:
    """A plain face on a scripted call, and what it wrote."""

    def __init__(self, own: Own, call, *written: str, **options: bool) -> None:
        self.out = io.StringIO()
        self.face = Plain(self.out, own, typed=typed(*written), **options)
        self.running = asyncio.create_task(self.face.run(call.opened, Limits(), Stop()))
        self.call = call

    async def begun(self) -> Face:
        while self.call.ended is None:
            await asyncio.sleep(0)
        await asyncio.sleep(0.01)
        return self

    async def end(self) -> list[str]:
        await asyncio.sleep(0.01)
        self.call.end()
        assert await self.running == Outcome()
        return self.out.getvalue().splitlines()


@pytest.fixture
def plain(settings, ledger) -> Callable[..., Face]:
    """Hold a scripted call on a plain face."""
    return partial(Face, Own(settings, ledger, CallDevices, ScriptedRooms()))


async def test_it_tells_what_happens_in_whole_lines(plain, call, someone) -> None:
    face = await plain(call).begun()
    call.emit(Hosting(link=call.link))
    call.arrive(someone(1, "Ada"))
    call.hear(1, "hello\nthere")
    call.speak(1, True)
    call.publish(True, False)
    call.publish(False, True)
    call.set_muted(True)
    call.depart(1)
    assert await face.end() == [
        WELCOME,
        "You are in the room, alone so far.",
        f"The room is open. Others join with: sotto join '{call.link}'",
        "- Ada came in (known key).",
        "- Ada: hello",
        "  there",
        "You can be heard now.",
        "No sound of yours is sent. You can be seen now.",
        "You are muted.",
        "- Ada left.",
        "The call is over.",
    ]


async def test_a_knock_says_what_to_type_and_whoever_gives_up_is_told(plain, call, knocker) -> None:
    face = await plain(call).begun()
    call.knocked(knocker(1, "Noor"))
    await asyncio.sleep(0.01)
    call.withdraw(1)
    said = await face.end()
    assert said[2].endswith(" Type /admit #1, or /refuse #1.")
    assert said[3] == "- Noor does not knock any more."


@pytest.mark.parametrize("name", ["all", "#1", "#1 #2", "Noor"])
async def test_a_knocker_whose_name_is_a_command_lets_in_nobody_else(
    plain, call, knocker, name: str
) -> None:
    face = await plain(call).begun()
    call.knocked(knocker(1, "Noor"))
    call.knocked(knocker(3, name))
    await asyncio.sleep(0.01)
    said = await face.end()
    assert said[3].endswith(" Type /admit #3, or /refuse #3.")


async def test_nobody_is_asked_about_who_comes_in_by_itself(plain, call, knocker) -> None:
    face = await plain(call).begun()
    call.knocked(knocker(1, "Noor"))
    call.admit(1)
    assert not any("Noor" in line for line in await face.end())


async def test_times_and_who_speaks_are_told_on_request(plain, call, someone) -> None:
    face = await plain(call, "/times on", "/speaking on", "/speaking", "/help", "/link").begun()
    call.arrive(someone(1, "Ada"))
    call.speak(1, True)
    said = await face.end()
    assert "Say /speaking on, or /speaking off." in said
    assert any(line.startswith("- Ada is speaking. (") for line in said)
    assert any(line.startswith("/times on|off: ") for line in said)
    assert any(line.startswith("/admit [NAME|all]: ") for line in said)
    assert not any("palette" in line for line in said)
    assert f"Others join with: sotto join '{call.link}'" in said


async def test_an_answered_knock_is_not_said_to_be_over(plain, call, knocker) -> None:
    call.knocks.append(knocker(1, "Noor"))
    said = await (await plain(call, "/admit noor").begun()).end()
    assert said[2] == "Letting Noor in."
    assert not any("does not knock" in line for line in said)


async def test_a_code_and_a_passcode_are_spelled(plain, call) -> None:
    said = await (await plain(call, "/verify", "/passcode").begun()).end()
    assert "Digits: 1 1 1 1 1, 2 2 2 2 2, 3 3 3 3 3, 4 4 4 4 4, 5 5 5 5 5, 6 6 6 6 6." in said
    assert any(line.startswith("The passcode is banana-acorn-bicycle-august.") for line in said)


async def test_the_end_of_a_script_leaves_the_call_only_if_it_was_a_person(plain, call) -> None:
    face = await plain(call, "hello").begun()
    assert ("leave",) not in call.intents
    assert "- Me: hello" in await face.end()
    call.ended = None
    face = await plain(call, leaves=True).begun()
    assert await face.running == Outcome()
    assert ("leave",) in call.intents


@pytest.mark.parametrize("text", ["\x1b[2J\x1b]0;mine\x07boo", "\x9b31mboo", "boo\r\x08"])
async def test_hostile_names_and_words_are_inert(plain, call, someone, text: str) -> None:
    face = await plain(call, f"/{text}").begun()
    call.arrive(someone(1, text))
    call.hear(1, text)
    said = "\n".join(await face.end())
    assert said.isprintable() or {c for c in said if not c.isprintable()} == {"\n"}


async def test_an_output_that_is_gone_ends_the_call(plain, call) -> None:
    face = await plain(call).begun()
    face.out.close()
    call.set_muted(True)
    assert (await face.running).code == Exit.PERSON
    assert ("leave",) in call.intents


async def test_settings_and_data_usage_are_lines_and_a_change_counts_at_once(plain, call) -> None:
    face = await plain(call, "/privacy", "/set share_level off", "/ledger").begun()
    said = await face.end()
    assert any(line.startswith("Your loudness: the server learns it") for line in said)
    assert any(line.startswith("192.0.2.7:40000, media: 1.2 MB sent") for line in said)
    assert ("privacy", False, True) in call.intents
