"""A call that is asked and steered from other terminals, by real processes all along."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Start = Callable[..., Any]
Ctl = Callable[..., str]
QUIET = ("--headless", "--jsonl", "--audio-out", "none", "--video-in", "none")
HOST = ("call", *QUIET, "--audio-in", "speech:1", "--name", "Hope", "--listen", "127.0.0.1")
GUEST = ("join", "-", *QUIET, "--audio-in", "none", "--name", "Ada")
CTL = [sys.executable, "-m", "tui.cli", "ctl"]


@pytest.fixture
def ctl(tmp_path: Path) -> Ctl:
    """Run `sotto ctl ...` to its end in somebody's home; return what it printed."""

    def run(*words: str, home: str = "hope", code: int = 0) -> str:
        env = {**os.environ, "SOTTO_CONFIG_DIR": str(tmp_path / home)}
        done = subprocess.run([*CTL, *words], capture_output=True, text=True, check=False, env=env)
        assert done.returncode == code, done.stderr
        return done.stdout or done.stderr

    return run


def open_room(sotto: Start, *options: str) -> tuple[Any, str]:
    host = sotto(*HOST, *options, home="hope")
    host.expect("joined")
    return host, host.expect("hosting")["link"]


def test_a_call_is_led_from_a_shell(sotto: Start, ctl: Ctl) -> None:
    host, link = open_room(sotto, "--muted")
    following = sotto("ctl", "events", "knock", "chat", "ended", home="hope")
    observing = sotto("ctl", "observe", "muted", "participants", home="hope")
    assert json.loads(observing.line())["muted"] is True
    guest = sotto(*GUEST, home="ada", stdin=link)
    assert following.expect("knock")["name"] == "Ada"
    assert ctl("admit", "Ada") == "Letting Ada in.\n"
    guest.expect("joined")
    assert len(json.loads(observing.line())["participants"]) == 2

    ctl("say", "--", "--hello", "Ada")
    line = guest.expect("chat")
    assert line["text"] == "--hello Ada"
    assert following.expect("chat")["id"] == line["id"]
    ctl("say", "--reply-to", line["id"], "again", home="ada")
    assert following.expect("chat", lambda line: line["name"] == "Ada")["reply_to"] == line["id"]

    ctl("talk", "on")
    assert guest.expect("mute_state", lambda event: not event["muted"])["name"] == "Hope"
    guest.expect("first_audio")
    ctl("talk", "off")
    guest.expect("mute_state", lambda event: event["muted"])

    assert ctl("volume", "Ada", "80") == "Ada plays at 80%.\n"
    who = json.loads(ctl("--json", "who"))
    assert (who["volumes"], len(who["participants"])) == ({"1": 0.8}, 2)
    ctl("lock")
    guest.expect("room_state", lambda state: state["locked"])
    status = json.loads(ctl("1", "status", "--json"))
    assert (status["locked"], status["muted"], status["role"]) == (True, True, "host")

    assert "nobody else here has that name" in ctl("remove", "Grace", code=1)
    assert "only a host or a cohost" in ctl("lock", home="ada", code=4)
    assert "no microphone here" in ctl("unmute", home="ada", code=7)
    assert "there is no verb" in ctl("dance", code=2)

    ctl("remove", "Ada")
    assert guest.wait() == 8
    interrupted = sotto("ctl", "observe", "epoch", home="hope")
    interrupted.line()
    assert interrupted.interrupt() == 130
    ctl("leave")
    assert [process.wait() for process in (host, following, observing)] == [0, 0, 0]
    assert following.events("ended")
    assert "Traceback" not in host.errors


@pytest.mark.slow
def test_of_two_calls_the_killed_one_is_gone_and_whoever_reads_may_leave(
    sotto: Start, ctl: Ctl, tmp_path: Path
) -> None:
    killed, _ = open_room(sotto)
    host, _ = open_room(sotto)
    assert "2 calls are running: say which" in ctl("status", code=2)
    killed.kill()
    env = {**os.environ, "SOTTO_CONFIG_DIR": str(tmp_path / "hope")}
    with subprocess.Popen([*CTL, "events"], stdout=subprocess.PIPE, env=env) as following:
        assert following.stdout is not None
        assert "event" in json.loads(following.stdout.readline())
        following.stdout.close()
        assert following.wait(20) == 0
    assert ctl("Hope", "mute") == ctl("2", "leave") == ""
    assert host.wait() == 0
    assert "no call of yours is running here" in ctl("status", code=6)
