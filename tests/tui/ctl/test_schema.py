from __future__ import annotations

import json

from rooms.member_wire import MAX_CHAT
from tui.ctl.asking import VERSION as ASKED
from tui.ctl.schema import MAX_REQUEST, VERSION, Code, VerifyRequest
from tui.ctl.verbs import VERBS


def test_both_ends_speak_the_same_version() -> None:
    assert ASKED == VERSION == 1


def test_every_request_shares_the_fields_of_the_head() -> None:
    for verb in VERBS.values():
        assert verb.request.__struct_fields__[:3] == ("v", "verb", "request_id")
    assert VerifyRequest.__struct_fields__[3:] == ("same", "epoch")


def test_the_longest_line_of_chat_is_a_request_in_any_alphabet() -> None:
    text = "\U0001f600" * MAX_CHAT
    line = json.dumps({"v": 1, "verb": "say", "text": text}, ensure_ascii=False)
    assert len(line.encode()) < MAX_REQUEST


def test_a_code_is_in_no_repr() -> None:
    code = Code(epoch=3, digits=["12345"], words=["apple"], verified=None, since=0)
    assert repr(code) == "Code(epoch=3, <hidden>)"
