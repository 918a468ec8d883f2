"""Keys and codes between real processes: compared once, known in the next call."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

Start = Callable[..., Any]
PLAIN = ("--headless", "--jsonl", "--audio-in", "none", "--audio-out", "none", "--video-in", "none")


def meet(sotto: Start, name: str, home: str) -> tuple[Any, Any, dict[str, Any]]:
    """Have somebody join a room of Hope's; return both and how Hope sees them."""
    hosting = ("call", *PLAIN, "--name", "Hope", "--listen", "127.0.0.1", "--admit", "all")
    host = sotto(*hosting, home="hope")
    link = host.expect("hosting")["link"]
    guest = sotto("join", "-", *PLAIN, "--name", name, home=home, stdin=link)
    guest.expect("joined")
    return host, guest, host.expect("participant_joined")["participant"]


def test_a_code_is_read_compared_and_remembered(sotto: Start) -> None:
    host, guest, seen = meet(sotto, "Ada", "ada")
    assert seen["key_state"] == "new"
    for process in (host, guest):
        process.write("/verify")
    codes = [process.expect("verification_code") for process in (host, guest)]
    assert [codes[0][key] for key in ("epoch", "digits", "words")] == [
        codes[1][key] for key in ("epoch", "digits", "words")
    ]
    host.write("/verify same")
    assert host.expect("code_compared")["people"] == 1
    assert [process.interrupt() for process in (guest, host)] == [130, 130]
    assert " ".join(codes[0]["digits"]) in host.errors

    host, guest, seen = meet(sotto, "Ada", "ada")
    assert (seen["key_state"], host.events("key_changed")) == ("verified", [])
    assert [process.interrupt() for process in (guest, host)] == [130, 130]

    host, guest, seen = meet(sotto, "Ada", "eve")
    assert seen["key_state"] == "changed"
    assert host.expect("key_changed")["new"] == seen["fingerprint"]
    assert [process.interrupt() for process in (guest, host)] == [130, 130]
    assert "KEY CHANGED: Ada" in host.errors


def test_a_code_is_read_and_answered_from_another_terminal(sotto: Start) -> None:
    host, guest, _ = meet(sotto, "Ada", "ada")
    shown = sotto("verify", "--json", home="hope")
    code = json.loads(shown.line())
    assert (shown.wait(), code["verified"], code["since"]) == (0, None, 0)
    guest.write("/verify")
    theirs = guest.expect("verification_code")
    assert [code[key] for key in ("epoch", "digits", "words")] == [
        theirs[key] for key in ("epoch", "digits", "words")
    ]
    assert host.events("verification_code") == []
    answered = sotto("verify", "--match", home="hope")
    assert (answered.line(), answered.wait()) == (f"Verified at epoch {code['epoch']}.", 0)
    assert host.expect("code_compared")["people"] == 1
    later = sotto("join", "-", *PLAIN, home="bob", stdin=host.expect("hosting")["link"])
    later.expect("joined")
    again = json.loads(sotto("verify", "1", "--json", home="hope").line())
    assert (again["verified"], again["since"]) == (code["epoch"], 1)
    differing = sotto("verify", "--differs", home="hope")
    assert differing.line().startswith("THE CODES DIFFER")
    assert host.expect("code_compared", lambda event: not event["same"])


def test_a_killed_call_is_no_call_and_the_next_one_takes_its_place(sotto: Start) -> None:
    killed, _, _ = meet(sotto, "Ada", "ada")
    killed.kill()
    host, _, _ = meet(sotto, "Ada", "ada")
    assert sotto("verify", "1", home="hope").wait() == 0
    host.kill()
    nothing = sotto("verify", home="hope")
    assert nothing.wait() == 6
    assert nothing.errors.startswith("sotto: no call of yours is running here\n")


def test_of_two_calls_one_has_to_be_chosen(sotto: Start) -> None:
    meet(sotto, "Ada", "ada")
    hosting = ("call", *PLAIN, "--name", "Work", "--listen", "127.0.0.1")
    second = sotto(*hosting, home="hope")
    second.expect("joined")
    unsure = sotto("verify", home="hope")
    assert unsure.wait() == 2
    assert unsure.errors.splitlines() == [
        "sotto: 2 calls are running: say which",
        "hint: 1 as Hope with Ada; 2 as Work, alone",
    ]
    assert [sotto("verify", which, home="hope").wait() for which in ("1", "2", "Work")] == [0] * 3
