from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.ctl.acts import ACTS
from tui.ctl.following import PROPERTIES
from tui.ctl.schema import MAX_REQUEST
from tui.ctl.typed import MAX_TEXT, OPTIONS, VERBS, read, started
from tui.ctl.verbs import VERBS as SERVED
from tui.errors import UsageError


def test_the_verbs_are_those_a_call_knows() -> None:
    assert set(VERBS) == set(SERVED)
    assert len(VERBS) == len(set(VERBS)) == len(ACTS) + 7
    assert MAX_TEXT == MAX_REQUEST
    assert "muted" in PROPERTIES


@pytest.mark.parametrize(
    ("line", "call", "verb", "fields"),
    [
        ("status", "", "status", {}),
        ("2 status", "2", "status", {}),
        ("Work mute", "Work", "mute", {}),
        ("say hello there", "", "say", {"text": "hello there"}),
        ("say mute", "", "say", {"text": "mute"}),
        ("--reply-to 0a say yes", "", "say", {"text": "yes", "reply_to": "0a"}),
        ("say --reply-to 0a yes", "", "say", {"text": "yes", "reply_to": "0a"}),
        ("say -- --json -- x", "", "say", {"text": "--json -- x"}),
        ("volume Ada Lovelace -5", "", "volume", {"argument": "Ada Lovelace -5"}),
        ("verify", "", "verify", {}),
        ("verify different", "", "verify", {"same": False}),
        ("events chat knock", "", "events", {"kinds": ["chat", "knock"]}),
        ("1 observe", "1", "observe", {"properties": []}),
        ("file a.txt", "", "file", {"argument": f"{os.getcwd()}/a.txt"}),
        ("file /b/c", "", "file", {"argument": "/b/c"}),
        ("file", "", "file", {}),
        ("save", "", "save", {}),
        ("save 1", "", "save", {"argument": f"1 {os.getcwd()}"}),
        ("save 1 a.txt", "", "save", {"argument": f"1 {os.getcwd()}/a.txt"}),
        ("save a.txt /b/c d", "", "save", {"argument": "a.txt /b/c d"}),
        ("video off", "", "video", {"argument": "off"}),
        ("status more", "", "status", {"argument": "more"}),
    ],
)
def test_words_become_a_request(line: str, call: str, verb: str, fields: object) -> None:
    typed = read(line.split(" "))
    assert (typed.call, typed.verb, typed.fields, typed.as_json) == (call, verb, fields, False)


def test_json_may_be_asked_for_before_or_after_the_verb() -> None:
    assert read(["--json", "who"]).as_json
    assert read(["1", "--json", "who"]).as_json
    assert read(["1", "who", "--json"]).as_json
    assert read(["volume", "Ada", "80", "--json"]).fields == {"argument": "Ada 80"}
    assert read(["talk", "on", "--json"]).as_json
    assert not read(["say", "--", "--json"]).as_json


def test_what_follows_the_first_word_of_a_text_is_no_option() -> None:
    typed = read(["say", "use", "--json", "--", "please"])
    assert (typed.as_json, typed.fields) == (False, {"text": "use --json -- please"})


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("", "there is no verb ''"),
        ("dance", "there is no verb 'dance'"),
        ("dance tango", "there is no verb 'dance'"),
        ("2 tango", "there is no verb 'tango'"),
        ("--json", "say what to do"),
        ("--wide status", "there is no option '--wide'"),
        ("say --reply-to", "say what --reply-to is"),
        ("say --wide", "there is no option '--wide'"),
        ("talk", "say on or off"),
        ("talk loudly", "say on or off"),
    ],
)
def test_what_is_no_request_is_said(line: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        read(line.split(" "))


@given(st.lists(st.sampled_from([*VERBS, *OPTIONS, "--", "--odd", "", "1", "on", "same", "x"])))
def test_whatever_is_typed_is_a_request_or_is_refused(words: list[str]) -> None:
    with contextlib.suppress(UsageError):
        assert read(words).verb in VERBS


def test_text_may_come_from_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    piped = b"a line\nand another\n" + b"\xff" + b"x" * MAX_TEXT
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(piped)))
    text = str(read(["say", "-"]).fields["text"])
    assert text.startswith("a line\nand another\n\N{REPLACEMENT CHARACTER}xx")
    assert len(text) == MAX_TEXT
    monkeypatch.setattr("sys.stdin", None)
    assert read(["say", "-"]).fields == {"text": ""}


def test_a_press_says_when_its_process_was_started() -> None:
    typed = read(["talk", "on"])
    assert typed.fields == {"on": True, "at": started()}
    assert read(["talk", "off"]).fields["on"] is False
    before = time.clock_gettime(time.CLOCK_BOOTTIME)
    code = "import time; time.sleep(0.2); from tui.ctl.typed import started; print(started())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert before - 0.011 <= float(done.stdout) <= before + 0.2
