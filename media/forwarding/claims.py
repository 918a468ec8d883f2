"""Whom a packet says it is of: SFrame's readable header, compared with who sent it. Pure.

All members share the keys that media keys come from, so any of them could encrypt under another
one's key id (RFC 9605 section 7.1). A server that forwards a leaf's packets only for whoever it
admitted as that leaf leaves this to a member that has the server's help.
"""

from __future__ import annotations

from e2ee.errors import MalformedError
from e2ee.media_keys import Stream, key_id
from e2ee.sframe import parse_header
from media.video.frame_tag import clear_bytes
from media.video.packets import parse_payload

_EPOCH_BITS = 8


def is_audio_of(leaf: int, payload: bytes) -> bool:
    """Return whether an audio payload is encrypted as this leaf's."""
    return _is_of(leaf, Stream.AUDIO, payload)


def is_video_of(leaf: int, payload: bytes) -> bool:
    """Return whether a video payload may be part of a frame that is encrypted as this leaf's.

    Only a frame's first packet names anybody; receivers begin a frame with nothing else.
    """
    parsed = parse_payload(payload)
    if parsed is None:
        return False
    frame = parsed.data
    return not parsed.starts or _is_of(leaf, Stream.VIDEO, frame[clear_bytes(frame) :])


def _is_of(leaf: int, stream: Stream, sealed: bytes) -> bool:
    try:
        kid = parse_header(sealed).kid
    except MalformedError:
        return False
    return kid >> _EPOCH_BITS == key_id(stream, leaf, 0) >> _EPOCH_BITS
