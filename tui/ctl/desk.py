"""Answers requests to one call: a line of JSON in, a line of JSON out. No sockets."""

from __future__ import annotations

from typing import Final

import msgspec

from e2ee.errors import SottovoceError
from tui.ctl.errors import RequestError, VersionError
from tui.ctl.office import Caller
from tui.ctl.schema import VERSION, Answer, Failure, Head, RequestId
from tui.ctl.verbs import VERBS

_encode: Final = msgspec.json.Encoder().encode
_head: Final = msgspec.json.Decoder(Head).decode
_REFUSED: Final = (msgspec.MsgspecError, RecursionError, ValueError)
"""What the decoder raises; recursion, because a line can be one deep nest of brackets."""


async def answer(caller: Caller, line: bytes) -> bytes:
    """Carry out a request and return its answer; hostile ones change nothing."""
    try:
        head = _head(line)
    except _REFUSED:
        return refusal(RequestError("this is no request", hint="see docs/scripting.md"))
    try:
        result = await _carry_out(caller, head, line)
    except SottovoceError as error:
        return refusal(error, head.request_id)
    return _encode(Answer(VERSION, head.request_id, result=result)) + b"\n"


async def _carry_out(caller: Caller, head: Head, line: bytes) -> msgspec.Struct:
    if head.v != VERSION:
        raise VersionError(f"this call speaks version {VERSION} of the schema")
    verb = VERBS.get(head.verb)
    if verb is None:
        raise RequestError("there is no such verb", hint=f"there are: {', '.join(VERBS)}")
    try:
        request = msgspec.json.decode(line, type=verb.request)
    except _REFUSED as error:
        fields = ", ".join(verb.request.__struct_fields__[len(Head.__struct_fields__) :])
        takes = f"it takes {fields or 'nothing more'}"
        raise RequestError(f"{head.verb} cannot be asked for so", hint=takes) from error
    return await verb.act(caller, request)


def refusal(error: SottovoceError, request_id: RequestId = None) -> bytes:
    """Return the answer that says why nothing was done."""
    failure = Failure(error.code, error.message, error.hint)
    return _encode(Answer(VERSION, request_id, error=failure)) + b"\n"
