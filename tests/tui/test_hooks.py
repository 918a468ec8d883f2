from __future__ import annotations

import asyncio
import datetime as dt
import json
import sys
from pathlib import Path

import pytest

import tui.hooks as module
from rooms import events
from tui.conditions import KINDS, Condition
from tui.hooks import Hook, Hooks, environment

SENT = dt.datetime(2026, 1, 2, tzinfo=dt.UTC)


def chat(text: str, *, mine: bool = False) -> events.ChatReceived:
    return events.ChatReceived(id="1", leaf=1, name="Ada", text=text, sent=SENT, mine=mine)


def on(condition: str, *command: str) -> Hook:
    return Hook(Condition.parse(condition), command)


def writing(folder: Path, condition: str = "chat") -> Hook:
    """Return a hook that writes what it gets into a file named after the text of the line."""
    code = (
        "import os, sys;"
        "open(os.path.join(sys.argv[1], os.environ['SOTTO_TEXT']), 'w').write(sys.stdin.read())"
    )
    return on(condition, sys.executable, "-c", code, str(folder))


async def test_a_command_gets_the_event_and_all_it_gets_it_is_told_before_the_end(tmp_path) -> None:
    async with Hooks([writing(tmp_path, "chat~e")]) as hooks:
        for event in (chat("hello"), chat("you"), chat("me", mine=True), chat("end")):
            hooks.on_event(event)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["end", "hello"]
    told = json.loads((tmp_path / "end").read_text())
    assert (told["event"], told["name"], told["text"]) == ("chat", "Ada", "end")


def test_plain_fields_are_in_the_environment_and_lists_are_not(someone, monkeypatch) -> None:
    monkeypatch.setenv("SOTTO_TEXT", "of an outer command")
    monkeypatch.setenv("SOTTO_LINK", "secret")
    monkeypatch.setenv("SOTTO_CONFIG_DIR", "kept")
    env = environment(events.ParticipantJoined(participant=someone(3, "Ada", muted=True)), 2)
    own = {name: value for name, value in env.items() if name.startswith("SOTTO_")}
    assert own.pop("SOTTO_TIME").endswith("Z")
    assert own.pop("SOTTO_CONFIG_DIR") == "kept"
    assert {name: own[name] for name in ("SOTTO_EVENT", "SOTTO_CALL", "SOTTO_NAME")} == {
        "SOTTO_EVENT": "participant_joined",
        "SOTTO_CALL": "2",
        "SOTTO_NAME": "Ada",
    }
    assert (own["SOTTO_LEAF"], own["SOTTO_MUTED"], own["SOTTO_ME"]) == ("3", "true", "false")
    assert not {"SOTTO_TEXT", "SOTTO_LINK"} & own.keys()
    assert "SOTTO_CALL" not in environment(chat("x"), None)
    assert (
        environment(events.LevelState(microphone=None, loudspeaker=0.5), 1)["SOTTO_MICROPHONE"]
        == ""
    )


def test_attack_a_secret_in_the_environment_of_a_command() -> None:
    """Programs print their environment into logs, and hand it on to all they start."""
    secrets = [
        events.Hosting(link="https://h/r/#hush"),
        events.PasscodeShown(passcode="banana-hush", room="banana", server="h", reason="made"),
        events.VerificationCode(epoch=1, digits=["hush"], words=["hush"]),
    ]
    for event in secrets:
        assert not any("hush" in value for value in environment(event, 1).values())
    named = {name for kind in KINDS.values() for name in kind.__struct_fields__}
    assert named >= module.SECRET


async def test_attack_words_of_somebody_else_are_run(tmp_path) -> None:
    """What others write is data, also to a command that is a shell."""
    out = tmp_path / "out"
    shell = on("chat", "sh", "-c", f'printf %s "$SOTTO_TEXT" > {out}')
    text = f"$(touch {tmp_path}/broken) `touch {tmp_path}/broken`; touch {tmp_path}/broken"
    async with Hooks([shell]) as hooks:
        hooks.on_event(chat(text))
    assert out.read_text() == text
    assert not (tmp_path / "broken").exists()


async def test_only_so_many_run_and_wait_and_what_is_dropped_is_said_once(
    tmp_path, monkeypatch
) -> None:
    monkeypatch.setattr(module, "AT_ONCE", 2)
    monkeypatch.setattr(module, "WAITING", 3)
    said: list[str] = []
    async with Hooks([writing(tmp_path)], None, said.append) as hooks:
        for number in range(9):
            hooks.on_event(chat(str(number)))
            assert len(hooks._running) <= 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["0", "1", "2", "3", "4"]
    assert len(said) == 1
    assert "dropped" in said[0]


async def test_a_command_that_fails_or_is_none_is_said(tmp_path) -> None:
    said: list[str] = []
    commands = [on("chat", "false"), on("chat", str(tmp_path)), on("chat", "true")]
    async with Hooks(commands, None, said.append) as hooks:
        hooks.on_event(chat("x"))
    assert sorted(said) == sorted(
        [
            "--on chat: false ended with exit code 1",
            f"--on chat: {tmp_path} cannot be run: Permission denied",
        ]
    )


@pytest.mark.parametrize("script", ["exec sleep 600", "trap '' TERM; while :; do sleep 1; done"])
async def test_a_command_that_does_not_end_is_ended_after_a_moment(monkeypatch, script) -> None:
    monkeypatch.setattr(module, "GRACE", 0.05)
    monkeypatch.setattr(module, "LAST_WORDS", 0.2)
    async with Hooks([on("chat", "sh", "-c", script)]) as hooks:
        hooks.on_event(chat("x"))
        await asyncio.sleep(0.02)
    assert not hooks._running


async def test_without_commands_no_process_is_started() -> None:
    async with Hooks() as hooks:
        hooks.on_event(chat("x"))
        assert not hasattr(hooks._group, "_guardian")
