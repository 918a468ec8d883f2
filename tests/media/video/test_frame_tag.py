"""What a VP8 frame tells without being decoded."""

from __future__ import annotations

from media.video.frame_tag import clear_bytes, is_key_frame
from media.video.synthetic import SyntheticFace
from media.video.vp8 import Encoder


def test_clear_bytes_are_ten_for_key_frames_and_three_for_others() -> None:
    encoder, face = Encoder(), SyntheticFace(1)
    key, other = (encoder.encode(face.draw(at)).data for at in (0.0, 0.1))
    assert (is_key_frame(key), clear_bytes(key)) == (True, 10)
    assert (is_key_frame(other), clear_bytes(other)) == (False, 3)


def test_what_is_short_or_empty_is_no_key_frame_and_has_no_more_than_there_is() -> None:
    assert clear_bytes(b"") == 0
    assert clear_bytes(b"\x00\x01") == 2
    assert is_key_frame(b"\x10") is True
    assert is_key_frame(b"\x11") is False
    assert is_key_frame(b"") is False
