from __future__ import annotations

import asyncio
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rooms.events import Hosting
from tests.tui.conftest import ScriptedCall, person
from tui.ctl.desk import answer
from tui.ctl.office import Caller, Office
from tui.ctl.verbs import VERBS

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
FIELDS = {name for verb in VERBS.values() for name in verb.request.__struct_fields__}
REQUESTS = st.fixed_dictionaries(
    {"v": st.just(1) | JSON, "verb": st.sampled_from(list(VERBS)) | JSON},
    optional=dict.fromkeys(sorted({*FIELDS, "more"} - {"v", "verb"}), JSON),
)


def caller(call: ScriptedCall) -> Caller:
    return Caller(Office(call, 1), lambda line: None)


async def asked(call, line: bytes) -> dict[str, object]:
    said = await answer(caller(call), line)
    assert said.endswith(b"\n")
    assert said.count(b"\n") == 1
    told = json.loads(said)
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
        (b'{"v":1,"verb":"lock","argument":"now"}', "control.malformed"),
        (b'{"v":1,"verb":"talk","on":1}', "control.malformed"),
        (b'{"v":1,"verb":"talk","on":true,"at":"now"}', "control.malformed"),
        (b'{"v":1,"verb":"say"}', "control.malformed"),
        (b'{"v":1,"verb":"events","kinds":["everything"]}', "control.malformed"),
        (b'{"v":1,"verb":"observe","properties":["link"]}', "control.malformed"),
        (b'{"v":1,"verb":"link"}', "control.malformed"),
        (b'{"v":1,"verb":"passcode"}', "control.malformed"),
        (b'{"v":1,"verb":"volume","argument":"Ada"}', "action.usage"),
        (b'{"v":1,"verb":"verify"}', "action.not_in_room"),
        (b'{"v":1,"verb":"say","text":"hello"}', "action.not_in_room"),
        (b'{"v":1,"verb":"talk","on":true}', "action.not_in_room"),
        (b'{"v":1,"verb":"verify","same":true}', "control.code_changed"),
    ],
)
async def test_what_cannot_be_done_is_an_error_and_nothing_else(
    call, line: bytes, code: str
) -> None:
    told = await asked(call, line)
    assert told["error"]["code"] == code
    assert call.verification.epoch is None
    assert [intent for intent in call.intents if intent[0] != "answer"] == []


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=64) | REQUESTS.map(lambda value: json.dumps(value).encode()))
async def test_no_line_gets_more_than_an_answer(line: bytes) -> None:
    call = ScriptedCall()
    call.join()
    call.arrive(person(1, "Ada"))
    await asked(call, line)
    assert call.verification.epoch is None or b"same" in line
    verbs = {"answer", "muted", "camera", "say", "leave", "lock"}
    assert {intent[0] for intent in call.intents} <= verbs


async def test_no_answer_lets_anybody_into_the_room(call, someone) -> None:
    call.join()
    call.arrive(someone(1, "Ada"))
    call.passcodes.ask()
    told: list[bytes] = []
    everybody = Caller(Office(call, 1), told.append)
    for verb in VERBS:
        request: dict[str, object] = {"v": 1, "verb": verb}
        told.append(await answer(everybody, json.dumps(request).encode()))
    call.passcodes.renew()
    call.verification.ask()
    call.emit(Hosting(link=call.link))
    await asyncio.sleep(0)
    assert b'"error"' not in b"".join(told[: list(VERBS).index("say")])
    for secret in ("secret", "/r/", call.link, "banana", "bicycle"):
        assert secret.encode() not in b"".join(told)
    code = told.pop(list(VERBS).index("verify"))
    assert b"11111" in code
    assert b"11111" not in b"".join(told)
