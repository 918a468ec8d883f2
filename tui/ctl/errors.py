"""What can go wrong between a running call and whoever asks it something from outside.

A call answers with the code, the message and the hint; `error_of` makes an exception of them again.
"""

from __future__ import annotations

from e2ee.errors import Fault, SottovoceError

MAX_WORDS = 512
"""Characters of a message or a hint that are shown."""


class ControlError(SottovoceError):
    """Base of them all."""

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


class SlowReaderError(ControlError):
    """Whoever asked to be told what happens does not read it."""

    code = "control.too_slow"
    fault = Fault.PEER


class CodeChangedError(ControlError):
    """The answer is about a code that was not shown, or is not the last that was."""

    code = "control.code_changed"
    fault = Fault.PERSON


class ToldError(ControlError):
    """What a call says it could not do, under the code it gave."""

    def __init__(self, code: str, message: str, hint: str) -> None:
        super().__init__(message, hint=hint)
        self.code = code


def error_of(answer: object) -> ToldError:
    """Return the exception for the `error` of an answer, whatever that is."""
    told = answer if isinstance(answer, dict) else {}
    code, message, hint = (_words(told.get(key)) for key in ("code", "message", "hint"))
    return ToldError(code or ControlError.code, message or "the call could not do it", hint)


def _words(value: object) -> str:
    return value[:MAX_WORDS] if isinstance(value, str) and value.isprintable() else ""
