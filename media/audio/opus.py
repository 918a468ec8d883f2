"""Opus at 48 kHz mono in frames of 20 ms (RFC 6716): encode, decode, conceal."""

from __future__ import annotations

import ctypes
import weakref

import numpy as np

from media.audio import libopus
from media.audio.libopus import Control
from media.audio.pcm import FRAME_SAMPLES, SAMPLE_RATE, Pcm
from media.errors import CodecError

DEFAULT_BITRATE = 24_000
"""Bits a second; 60 bytes an encoded frame."""
DEFAULT_COMPLEXITY = 5
"""0 to 10; above 5 a quarter more time buys no difference in the waveform at this bitrate."""

MAX_ENCODED_BYTES = 255
"""Most a frame of ours takes, whatever bitrate is allowed to vary: two of them fit a packet."""


class Encoder:
    """Encodes frames for one speaker.

    Constant bitrate unless told otherwise: sizes that follow the speech tell what is said, even
    through encryption. `expected_loss` (percent) above 0 adds in-band FEC, which libopus spends
    bits on from about 10; `dtx` sends 1-byte frames in silence and so gives speech away.
    """

    def __init__(
        self,
        bitrate: int = DEFAULT_BITRATE,
        *,
        constant: bool = True,
        complexity: int = DEFAULT_COMPLEXITY,
        expected_loss: int = 0,
        dtx: bool = False,
        application: int = libopus.APPLICATION_VOIP,
    ) -> None:
        self._library = libopus.load()
        code = ctypes.c_int()
        state = self._library.opus_encoder_create(SAMPLE_RATE, 1, application, ctypes.byref(code))
        if not state:
            raise CodecError(f"Opus encoder: {libopus.reason(code.value)}")
        self._state: int = state
        self._free = weakref.finalize(self, self._library.opus_encoder_destroy, state)
        self._buffer = ctypes.create_string_buffer(MAX_ENCODED_BYTES)
        self._set(Control.SET_BITRATE, bitrate)
        self.set_constant(constant)
        self._set(Control.SET_COMPLEXITY, complexity)
        self._set(Control.SET_SIGNAL, libopus.SIGNAL_VOICE)
        self._set(Control.SET_PACKET_LOSS_PERC, expected_loss)
        self._set(Control.SET_INBAND_FEC, expected_loss > 0)
        self._set(Control.SET_DTX, dtx)

    def encode(self, frame: Pcm) -> bytes:
        """Encode one frame. Raises `CodecError` for another shape or a closed encoder."""
        if frame.shape != (FRAME_SAMPLES,) or frame.dtype != np.int16:
            raise CodecError(f"a frame is {FRAME_SAMPLES} int16 samples, not {frame.shape}")
        if not self._free.alive:
            raise CodecError("the Opus encoder is closed")
        length = self._library.opus_encode(
            self._state, frame.tobytes(), FRAME_SAMPLES, self._buffer, len(self._buffer)
        )
        if length < 0:
            raise CodecError(f"Opus encoder: {libopus.reason(length)}")
        return ctypes.string_at(self._buffer, length)

    def set_constant(self, constant: bool) -> None:
        """Give every frame one size from the next one on, or let sizes follow the sound."""
        self._set(Control.SET_VBR, not constant)

    def close(self) -> None:
        """Free the native state now instead of with the object; idempotent."""
        self._free()

    def _set(self, control: Control, value: int) -> None:
        code = self._library.opus_encoder_ctl(self._state, control, ctypes.c_int(value))
        if code < 0:
            raise CodecError(f"Opus {control.name} {int(value)}: {libopus.reason(code)}")


class Decoder:
    """Decodes the frames of one speaker; keeps what concealment needs between frames."""

    def __init__(self) -> None:
        self._library = libopus.load()
        code = ctypes.c_int()
        state = self._library.opus_decoder_create(SAMPLE_RATE, 1, ctypes.byref(code))
        if not state:
            raise CodecError(f"Opus decoder: {libopus.reason(code.value)}")
        self._state: int = state
        self._free = weakref.finalize(self, self._library.opus_decoder_destroy, state)
        self._frame = np.zeros(FRAME_SAMPLES, np.int16)
        self._address = self._frame.ctypes.data

    def decode(self, packet: bytes | None, *, fec: bool = False) -> Pcm:
        """Decode one encoded frame; None conceals a lost one.

        With `fec` the frame *before* `packet` is decoded from its in-band copy (see `has_fec`).
        Raises `CodecError` for anything that is not 20 ms of Opus; the decoder then goes on as if
        the packet had never been there.
        """
        if packet is not None:
            check_packet(packet)
        if not self._free.alive:
            raise CodecError("the Opus decoder is closed")
        size = 0 if packet is None else len(packet)
        samples = self._library.opus_decode(
            self._state, packet, size, self._address, FRAME_SAMPLES, fec
        )
        if samples != FRAME_SAMPLES:
            what = libopus.reason(samples) if samples < 0 else f"{samples} samples"
            raise CodecError(f"Opus decoder: {what}")
        return self._frame.copy()

    def close(self) -> None:
        """Free the native state now instead of with the object; idempotent."""
        self._free()


def check_packet(packet: bytes) -> None:
    """Raise `CodecError` unless `packet` parses as 20 ms of Opus (RFC 6716 section 3).

    Checked before the decoder sees it: an empty packet would mean *conceal*, and a longer one
    would not fit the frame.
    """
    if not 1 <= len(packet) <= libopus.MAX_PACKET_BYTES:
        raise CodecError(f"an Opus packet of {len(packet)} bytes")
    samples = libopus.load().opus_packet_get_nb_samples(packet, len(packet), SAMPLE_RATE)
    if samples != FRAME_SAMPLES:
        what = libopus.reason(samples) if samples < 0 else f"{samples} samples"
        raise CodecError(f"not 20 ms of Opus: {what}")


def has_fec(packet: bytes) -> bool:
    """Whether `packet` carries an in-band copy (LBRR) of the frame before it."""
    return bool(packet) and libopus.load().opus_packet_has_lbrr(packet, len(packet)) == 1
