"""Keys and codes between real processes: compared once, known in the next call."""

from __future__ import annotations

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
