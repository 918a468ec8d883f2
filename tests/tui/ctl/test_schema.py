from __future__ import annotations

from tui.ctl.asking import VERSION as ASKED
from tui.ctl.schema import MAX_REQUEST, VERSION, Code, VerifyRequest
from tui.ctl.verbs import VERBS


def test_both_ends_speak_the_same_version() -> None:
    assert ASKED == VERSION == 1


def test_every_request_shares_the_fields_of_the_head() -> None:
    for verb in VERBS.values():
        assert verb.request.__struct_fields__[:3] == ("v", "verb", "request_id")
    assert VerifyRequest.__struct_fields__[3:] == ("same", "epoch")
    assert MAX_REQUEST == 4096


def test_a_code_is_in_no_repr() -> None:
    code = Code(epoch=3, digits=["12345"], words=["apple"], verified=None, since=0)
    assert repr(code) == "Code(epoch=3, <hidden>)"
