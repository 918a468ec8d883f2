"""Error codes are unique and stay: scripts and exit codes depend on them."""

from __future__ import annotations

import inspect

from e2ee.errors import Fault, SottovoceError
from media import errors
from media.errors import DeviceError, MediaError, TransportError

CODES = {
    "MediaError": "media.failed",
    "DeviceError": "media.device",
    "CodecError": "media.codec",
    "TransportError": "media.transport",
    "MediaProcessError": "media.process",
}


def own() -> dict[str, type[SottovoceError]]:
    """Every error class the module defines."""
    classes = inspect.getmembers(errors, inspect.isclass)
    return {name: kind for name, kind in classes if kind.__module__ == errors.__name__}


def test_codes_stay() -> None:
    codes = {name: kind.code for name, kind in own().items()}
    assert CODES.items() <= codes.items()  # more may come, none may change or go


def test_codes_are_unique() -> None:
    codes = [kind.code for kind in own().values()]
    assert len(set(codes)) == len(codes)


def test_all_are_media_errors() -> None:
    assert all(issubclass(kind, MediaError) for kind in own().values())


def test_whose_fault() -> None:
    assert DeviceError.fault is Fault.PERSON
    assert TransportError.fault is Fault.PEER
    assert MediaError.fault is Fault.OURS
