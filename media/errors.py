"""Errors of the media plane."""

from __future__ import annotations

from e2ee.errors import Fault, SottovoceError


class MediaError(SottovoceError):
    """Base of everything `media` raises."""

    code = "media.failed"


class DeviceError(MediaError):
    """A microphone, loudspeaker, camera or media file that cannot be used."""

    code = "media.device"
    fault = Fault.PERSON


class CodecError(MediaError):
    """A codec is missing or an encoded frame does not decode."""

    code = "media.codec"


class TransportError(MediaError):
    """ICE, DTLS or SRTP could not be set up, or broke."""

    code = "media.transport"
    fault = Fault.PEER


class MediaProcessError(MediaError):
    """The media process ended by itself, or says things that make no sense."""

    code = "media.process"
