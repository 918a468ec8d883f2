from __future__ import annotations

import pytest

from tui.cli.exits import Exit
from tui.cli.group import run

NOWHERE = f"https://127.0.0.1:9/r/#{'.'.join(['a' * 26] * 3)}"


def test_what_is_sent_is_delivered_in_order_or_refused_with_the_reason(sotto, monkeypatch) -> None:
    host = sotto("call", "--headless", "--jsonl", "--listen", "127.0.0.1", "--admit", "all")
    monkeypatch.setenv("SOTTO_LINK", host.expect("hosting")["link"])
    first = sotto("send", "first\nsecond", "--name", "Robot")
    assert first.wait() == Exit.DONE
    chat = host.expect("chat")
    assert (chat["name"], chat["text"]) == ("Robot", "first\nsecond")
    assert host.expect("participant_left")["reason"] == "left"
    assert first.out.read_text() == first.err.read_text() == ""

    answer = sotto("send", "--jsonl", "--reply-to", chat["id"], stdin="one\n\n/leave\nthree")
    answer.close_input()
    assert answer.wait() == Exit.DONE
    assert [event["text"] for event in answer.events] == ["one", "/leave", "three"]
    assert {(event["event"], event["mine"], event["reply_to"]) for event in answer.events} == {
        ("chat", True, chat["id"])
    }
    host.expect("chat", 4)
    written = [event["text"] for event in host.events if event["event"] == "chat"]
    assert written[1:] == ["one", "/leave", "three"]

    host.write("/policy chat off")
    host.expect("room_state", 2)
    refused = sotto("send", "hello")
    assert refused.wait() == Exit.REFUSED
    assert "only hosts and cohosts write in this room" in refused.err.read_text()


@pytest.mark.slow
def test_a_file_is_delivered_behind_what_is_said_of_it(sotto, monkeypatch, tmp_path) -> None:
    host = sotto("call", "--headless", "--jsonl", "--listen", "127.0.0.1", "--admit", "all")
    monkeypatch.setenv("SOTTO_LINK", host.expect("hosting")["link"])
    report = tmp_path / "report.pdf"
    report.write_bytes(b"words" * 30_000)
    sent = sotto("send", "the report", "--file", str(report), "--jsonl")
    assert sent.wait() == Exit.DONE, sent.err.read_text()
    assert [event["event"] for event in sent.events] == ["chat", "file_done"]
    done = host.expect("file_done")
    assert (done["file_name"], done["size"], done["mine"]) == ("report.pdf", 150_000, False)
    saved = tmp_path / "saved.pdf"
    host.write(f"/save {done['number']} {saved}")
    host.write("done")
    host.expect("chat", 2)
    assert saved.read_bytes() == report.read_bytes()

    host.write("/policy chat off")
    host.expect("room_state", 2)
    assert sotto("send", "--file", str(report)).wait() == Exit.REFUSED


def test_a_file_that_cannot_be_sent_is_said_before_anybody_is_disturbed(capsys, tmp_path) -> None:
    with (tmp_path / "large").open("wb") as large:
        large.truncate(11 * 2**20)
    for name, reason in (("missing", "cannot be read"), ("large", "is larger than 10 MiB")):
        assert run(["send", NOWHERE, "--file", str(tmp_path / name)]) == Exit.DEVICE
        assert f"{name} {reason}" in capsys.readouterr().err


def test_standard_input_is_used_once(capsys) -> None:
    for arguments in (["-"], ["-", "-"]):
        assert run(["send", *arguments]) == Exit.USAGE
        assert "both come from standard input" in capsys.readouterr().err


def test_a_terminal_is_not_waited_for_unasked(terminal) -> None:
    process = terminal("send", NOWHERE)
    assert process.wait() == Exit.USAGE
    assert b"there is no TEXT, and standard input is a terminal" in process.output
