"""Roles between real processes: the host dies, a cohost takes over, and the host comes back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Start = Callable[..., Any]
PLAIN = ("--headless", "--jsonl", "--audio-in", "none", "--audio-out", "none", "--video-in", "none")


def changed(what: str) -> Callable[[dict[str, Any]], bool]:
    return lambda event: any(change["what"] == what for change in event["changed"])


@pytest.mark.slow
def test_a_cohost_takes_over_from_a_host_that_died_and_lets_it_back_in(sotto: Start) -> None:
    server = sotto("serve", "--listen", "127.0.0.1")
    call = ("call", "--server", server.line().split()[-1], *PLAIN, "--name", "Hana")
    host = sotto(*call, home="hana")
    link = host.expect("hosting")["link"]

    def join(name: str, by: Any) -> Any:
        guest = sotto("join", "-", *PLAIN, "--name", name, home=name.lower(), stdin=link)
        by.expect("knock", lambda event: event["name"] == name)
        by.write(f"/admit {name}")
        guest.expect("joined")
        return guest

    cora, mia = join("Cora", host), join("Mia", host)
    mia.write("/lock")
    host.expect("participant_joined", lambda event: event["participant"]["name"] == "Mia")
    host.write("/cohost Cora")
    told = cora.expect("room_state", changed("appointed"))
    assert (told["name"], told["changed"][0]["me"]) == ("Hana", True)
    host.kill()  # no goodbye, as when a machine loses its power
    assert "Cora takes over" in mia.expect("note", lambda event: "Hana" in event["text"])["text"]
    cora.expect("note", lambda event: event["text"].endswith("; you take over"))

    ada = join("Ada", cora)
    cora.write("/lock")
    assert ada.expect("room_state", changed("locked"))["name"] == "Cora"
    back = sotto("join", "-", *PLAIN, "--name", "Hana", home="hana", stdin=link)
    people = back.expect("joined")["participants"]
    assert {p["name"]: p["role"] for p in people} == {
        "Hana": "host",
        "Cora": "cohost",
        "Mia": "member",
        "Ada": "member",
    }
    assert not cora.events("knock")[1:]  # Ada's was the only one a person was asked about
    back.write("/unlock")
    assert mia.expect("room_state", changed("unlocked"))["name"] == "Hana"
    join("Bob", back)
    back.write("/dismiss Cora")
    assert cora.expect("room_state", changed("dismissed"))["changed"][0]["me"]
    cora.write("/remove Mia")
    back.write("/remove Mia")
    assert mia.wait() == 8
    assert [p.interrupt() for p in (ada, cora, back, server)] == [130] * 4
    assert "Only a host or a cohost can lock the room." in mia.errors
    assert "Only a host or a cohost can remove somebody." in cora.errors
    for process in (ada, cora, back):
        assert not process.events("error")


def test_a_recording_is_seen_and_ends_with_its_own_code_where_it_is_forbidden(
    sotto: Start, tmp_path: Path
) -> None:
    host = sotto(
        *("call", "--listen", "127.0.0.1", "--admit", "all", "--headless", "--jsonl"),
        *("--audio-in", "speech", "--audio-out", "none", "--video-in", "none"),
    )
    link = host.expect("hosting")["link"]
    first, second = tmp_path / "first.wav", tmp_path / "second.wav"
    quiet = ("--headless", "--jsonl", "--audio-in", "none", "--video-in", "none")
    eve = sotto("join", "-", *quiet, "--name", "Eve", "--audio-out", str(first), stdin=link)
    assert host.expect("recording")["name"] == "Eve"
    eve.expect("first_audio")
    host.write("/policy recording off")
    assert eve.wait() == 4
    assert first.exists()  # what was heard until then is theirs
    second.write_bytes(b"an older recording")
    eve = sotto("join", "-", *quiet, "--name", "Eve", "--audio-out", str(second), stdin=link)
    assert eve.wait() == 4
    assert second.read_bytes() == b"an older recording"
    assert sorted(tmp_path.glob("*.wav*")) == [first, second]
    assert not eve.events("joined")
    assert eve.expect("error")["code"] == "room.recording_forbidden"
    assert "only hosts and cohosts may record in this room" in eve.errors
    assert host.interrupt() == 130
