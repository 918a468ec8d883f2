"""The libopus inside the PyAV wheel, bound with ctypes; a libopus of the system as fallback.

PyAV's own wrapper can neither conceal a lost frame, nor decode in-band FEC, nor switch DTX on.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import importlib.util
from enum import IntEnum
from functools import cache
from pathlib import Path

from media.errors import CodecError

APPLICATION_VOIP = 2048
"""OPUS_APPLICATION_VOIP of opus_defines.h."""
APPLICATION_AUDIO = 2049
"""OPUS_APPLICATION_AUDIO: what comes out is to be as what went in, not as a voice should be."""
MAX_PACKET_BYTES = 1275
"""The longest encoded frame (RFC 6716 section 3.2.1)."""

_WHEEL_PATTERNS = ("../av.libs/libopus*", "../av.libs/opus*.dll", ".dylibs/libopus*")


class Control(IntEnum):
    """Requests of opus_encoder_ctl (opus_defines.h)."""

    SET_BITRATE = 4002
    SET_VBR = 4006
    SET_COMPLEXITY = 4010
    SET_INBAND_FEC = 4012
    SET_PACKET_LOSS_PERC = 4014
    SET_DTX = 4016
    SET_SIGNAL = 4024


SIGNAL_VOICE = 3001


def find_library() -> str | None:
    """Return the path of the libopus in the PyAV wheel, else the name of a system library."""
    spec = importlib.util.find_spec("av")  # where it is; imported, it would load all of FFmpeg
    for package in map(Path, (spec and spec.submodule_search_locations) or ()):
        for pattern in _WHEEL_PATTERNS:
            for path in sorted(package.glob(pattern)):
                return str(path)
    return ctypes.util.find_library("opus")


@cache
def load() -> ctypes.PyDLL:
    """Load libopus and declare the functions in use. Raises `CodecError` when there is none.

    A PyDLL keeps the GIL: a call lasts well under 0.2 ms, whereas taking the GIL back from a busy
    thread costs up to a switch interval of 5 ms, for every frame of every participant.
    """
    name = find_library()
    if name is None:
        raise CodecError("libopus is missing", hint="reinstall the `av` package, or libopus0")
    try:
        library = ctypes.PyDLL(name)
    except OSError as error:
        raise CodecError("libopus cannot be loaded", hint="reinstall the `av` package") from error
    _declare(library)
    return library


def _declare(library: ctypes.PyDLL) -> None:
    """Give every function its types; a pointer left undeclared would be cut to 32 bits."""
    number, pointer, data = ctypes.c_int, ctypes.c_void_p, ctypes.c_char_p
    error = ctypes.POINTER(ctypes.c_int)
    signatures: dict[str, tuple[type | None, list[type]]] = {
        "opus_encoder_create": (pointer, [number, number, number, error]),
        "opus_encoder_destroy": (None, [pointer]),
        # Variadic: only the fixed arguments are declared; the value is passed as a c_int.
        "opus_encoder_ctl": (number, [pointer, number]),
        "opus_encode": (number, [pointer, data, number, data, ctypes.c_int32]),
        "opus_decoder_create": (pointer, [number, number, error]),
        "opus_decoder_destroy": (None, [pointer]),
        "opus_decode": (number, [pointer, data, ctypes.c_int32, pointer, number, number]),
        "opus_packet_get_nb_samples": (number, [data, ctypes.c_int32, ctypes.c_int32]),
        "opus_packet_has_lbrr": (number, [data, ctypes.c_int32]),
        "opus_strerror": (data, [number]),
        "opus_get_version_string": (data, []),
    }
    for name, (result, arguments) in signatures.items():
        function = getattr(library, name)
        function.restype = result
        function.argtypes = arguments


def reason(code: int) -> str:
    """Return libopus's words for an error code."""
    words: bytes = load().opus_strerror(code)
    return words.decode("ascii", "replace")


def version() -> str:
    """Return the version of the library in use, for example `libopus 1.6`."""
    words: bytes = load().opus_get_version_string()
    return words.decode("ascii", "replace")
