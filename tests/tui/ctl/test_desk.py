from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tui.conftest import ScriptedCall
from tui.ctl.desk import Desk
from tui.ctl.verbs import VERBS

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
REQUESTS = st.fixed_dictionaries(
    {"v": st.just(1) | JSON, "verb": st.sampled_from(list(VERBS)) | JSON},
    optional={"request_id": JSON, "same": JSON, "epoch": JSON, "more": JSON},
)


async def asked(call, line: bytes) -> dict[str, object]:
    answer = await Desk(call, 1).answer(line)
    assert answer.endswith(b"\n")
    assert answer.count(b"\n") == 1
    told = json.loads(answer)
    assert ("result" in told) != ("error" in told)
    assert told["v"] == 1
    return told


@pytest.mark.parametrize("request_id", [None, 0, 7, "a-1"])
async def test_an_answer_carries_the_id_of_its_request(call, request_id: object) -> None:
    line = json.dumps({"v": 1, "verb": "status", "request_id": request_id}).encode()
    told = await asked(call, line)
    assert told["request_id"] == request_id
    assert told["result"]["state"] == "joining"


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"", "control.malformed"),
        (b"\xff\n", "control.malformed"),
        (b"null", "control.malformed"),
        (b'{"v":1}', "control.malformed"),
        (b'{"v":2,"verb":"status"}', "control.version"),
        (b'{"v":1,"verb":"explode"}', "control.malformed"),
        (b'{"v":1,"verb":"status","same":true}', "control.malformed"),
        (b'{"v":1,"verb":"verify","same":"yes"}', "control.malformed"),
        (b'{"v":1,"verb":"status","request_id":{}}', "control.malformed"),
        (b'{"v":1,"verb":"status","x":' + b"[" * 4000, "control.malformed"),
        (b'{"v":1,"verb":"verify"}', "control.not_in_room"),
        (b'{"v":1,"verb":"verify","same":true}', "control.code_changed"),
    ],
)
async def test_what_cannot_be_done_is_an_error_and_nothing_else(
    call, line: bytes, code: str
) -> None:
    told = await asked(call, line)
    assert told["error"]["code"] == code
    assert call.verification.epoch is None


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=64) | REQUESTS.map(lambda value: json.dumps(value).encode()))
async def test_no_line_gets_more_than_an_answer(line: bytes) -> None:
    call = ScriptedCall()
    call.join()
    call.knocks = []
    await asked(call, line)
    assert call.verification.epoch is None or b"same" in line
    assert all(intent[0] == "answer" for intent in call.intents)


async def test_no_answer_lets_anybody_into_the_room(call, someone) -> None:
    call.join()
    call.arrive(someone(1, "Ada"))
    call.passcodes.ask()
    desk = Desk(call, 1)
    for verb in VERBS:
        answer = await desk.answer(json.dumps({"v": 1, "verb": verb}).encode())
        assert b'"result"' in answer
        for secret in ("secret", "/r/", call.link, "banana", "bicycle"):
            assert secret.encode() not in answer
