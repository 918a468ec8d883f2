"""Opus in Ogg (RFC 3533, RFC 7845): frames become pages, each of which can be played once written.

Pure: frames in, bytes out.
"""

from __future__ import annotations

import secrets
import struct
import zlib
from collections.abc import Iterator, Sequence
from typing import Final

from media.audio import libopus
from media.audio.opus import Encoder
from media.audio.pcm import FRAME_SAMPLES, SAMPLE_RATE, SILENCE, Pcm

BITRATE: Final = 48_000
"""Bits a second while somebody speaks: sound that was coded once loses nothing more one can hear.
Sizes follow the sound: they are seen by nobody who does not have the sound as well."""
COMPLEXITY: Final = 1
"""Half the time of what voices are sent with, for 0.2 dB."""
PAGE_FRAMES: Final = 10
"""0.2 s: what a listener further on waits for, and most that a killed process has not written."""
PRE_SKIP: Final = 312
"""Samples the encoder lags behind, at 48 kHz; players leave them out (RFC 7845 section 4.2)."""
SETTLED: Final = 10
"""Frames of silence after which nothing sounds any more. The next ones are empty, one byte each
(RFC 6716 section 3.2.1): decoders go on with what they had, which is silence."""

_FIRST, _LAST = 0x02, 0x04
_REVERSED: Final = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


class OggOpus:
    """One stream of 48 kHz mono. `begin` comes first, `finish` last; each gives bytes to append."""

    def __init__(self) -> None:
        self._encoder = Encoder(
            BITRATE, constant=False, complexity=COMPLEXITY, application=libopus.APPLICATION_AUDIO
        )
        self._serial = secrets.randbits(32)
        self._pages = 0
        self._frames = 0
        self._packets: list[bytes] = []
        self._quiet = 0
        self._last = b""

    def begin(self) -> bytes:
        """Return the two headers (RFC 7845 section 5)."""
        head = struct.pack("<8sBBHIhB", b"OpusHead", 1, 1, PRE_SKIP, SAMPLE_RATE, 0, 0)
        vendor = b"sottovoce"
        tags = struct.pack("<8sI", b"OpusTags", len(vendor)) + vendor + bytes(4)
        return self._page([head], 0, _FIRST) + self._page([tags], 0)

    def write(self, frame: Pcm) -> bytes:
        """Take one frame; return the page it fills, if it does."""
        self._take(frame)
        return self._flush() if len(self._packets) >= PAGE_FRAMES else b""

    def silence(self, frames: int) -> Iterator[bytes]:
        """Take so many frames of silence; give pages one by one, cheaply."""
        for _ in range(frames):
            self._take(SILENCE)
            if len(self._packets) >= 5 * PAGE_FRAMES:
                yield self._flush()

    def finish(self) -> bytes:
        """Return the last page, which ends with the last sample (RFC 7845 section 4.4)."""
        self._take(SILENCE)  # pushes out what the encoder still holds
        samples = (self._frames - 1) * FRAME_SAMPLES + PRE_SKIP
        self._encoder.close()
        return self._page(self._packets, samples, _LAST)

    def _take(self, frame: Pcm) -> None:
        """Encode a frame; long silence costs no encoder and next to no bytes."""
        self._quiet = self._quiet + 1 if frame is SILENCE else 0
        if self._quiet <= SETTLED:
            self._last = self._encoder.encode(frame)
        self._packets.append(self._last if self._quiet <= SETTLED else self._last[:1])
        self._frames += 1

    def _flush(self) -> bytes:
        packets, self._packets = self._packets, []
        return self._page(packets, self._frames * FRAME_SAMPLES)

    def _page(self, packets: Sequence[bytes], position: int, flags: int = 0) -> bytes:
        """Return a page (RFC 3533 section 6). `position`: samples there are up to its end."""
        lacing = bytes(value for packet in packets for value in _lacing(len(packet)))
        header = struct.pack(
            "<4sBBqIIIB", b"OggS", 0, flags, position, self._serial, self._pages, 0, len(lacing)
        )
        self._pages += 1
        page = header + lacing + b"".join(packets)
        return page[:22] + struct.pack("<I", checksum(page)) + page[26:]


def _lacing(length: int) -> Iterator[int]:
    """Give a packet's length as Ogg does: as many 255s as fit, and what is left."""
    yield from [255] * (length // 255)
    yield length % 255


def checksum(page: bytes) -> int:
    """Return the CRC-32 of a page whose own is zero: Ogg's runs from the other end of each byte
    than zlib's, and neither begins nor ends with all ones.
    """
    mirrored = zlib.crc32(page.translate(_REVERSED), 0xFFFF_FFFF) ^ 0xFFFF_FFFF
    return int.from_bytes(mirrored.to_bytes(4, "little").translate(_REVERSED), "big")
