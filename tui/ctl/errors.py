"""What can go wrong between a running call and whoever asks it something from outside.

A call answers with the code, the message and the hint; `error_of` makes an exception of them again.
"""

from __future__ import annotations

from typing import Any

from e2ee.errors import Fault, SottovoceError

MAX_WORDS = 512
"""Characters of a message or a hint that are shown."""


class ControlError(SottovoceError):
    """Base of them all; also what a call says that is newer than we are."""

    code = "control"


class NoSocketError(ControlError):
    """A call cannot be reached from other terminals."""

    code = "control.no_socket"
    fault = Fault.PERSON


class NoCallError(ControlError):
    """No call of this person runs here, or not the one that was named."""

    code = "control.no_call"
    fault = Fault.PERSON


class WhichCallError(ControlError):
    """Several calls run, and none of them was named, or a name that several have."""

    code = "control.which_call"
    fault = Fault.PERSON


class SilentCallError(ControlError):
    """A call does not answer, or not what can be understood."""

    code = "control.silent"


class RequestError(ControlError):
    """A request that is no request of this schema."""

    code = "control.malformed"
    fault = Fault.PEER


class VersionError(ControlError):
    """A request of another version of the schema."""

    code = "control.version"
    fault = Fault.PEER


class BusyError(ControlError):
    """More requests or connections than a call takes."""

    code = "control.too_fast"
    fault = Fault.PEER


class NotYoursError(ControlError):
    """Whoever is at the other end is another person on this machine."""

    code = "control.not_yours"
    fault = Fault.PEER


class NotInRoomError(ControlError):
    """The call has not come into its room yet."""

    code = "control.not_in_room"
    fault = Fault.PERSON


class CodeChangedError(ControlError):
    """The answer is about a code that was not shown, or is not the last that was."""

    code = "control.code_changed"
    fault = Fault.PERSON


_BY_CODE = {
    kind.code: kind
    for kind in (
        RequestError,
        VersionError,
        BusyError,
        NotYoursError,
        NotInRoomError,
        CodeChangedError,
    )
}


def error_of(answer: Any) -> ControlError:
    """Return the exception for the `error` of an answer, whatever that is."""
    told = answer if isinstance(answer, dict) else {}
    code, message, hint = (_words(told.get(key)) for key in ("code", "message", "hint"))
    return _BY_CODE.get(code, ControlError)(message or "the call could not do it", hint=hint)


def _words(value: object) -> str:
    return value[:MAX_WORDS] if isinstance(value, str) and value.isprintable() else ""
