"""Bounds that no message's own tests try at their edges."""

from __future__ import annotations

import msgspec
import pytest

from rooms.bounds import (
    ChunkIndex,
    Confirmation,
    Doorkeepers,
    FileId,
    Heads,
    PasscodeReply,
    Removes,
    RoomName,
    Share,
)


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        (RoomName, ["abc", "abcdefgh"], ["ab", "abcdefghi", "Abc", "abc\n", "ab c", "ab\u0430"]),
        (Share, [bytes(65)], [bytes(64), bytes(66)]),
        (FileId, [bytes(16)], [bytes(15), bytes(17)]),
        (ChunkIndex, [0, 319], [-1, 320]),
        (Heads, [0, 4096], [-1, 4097]),
        (Removes, [[], [1] * 64], [[0], [1] * 65]),
        (Doorkeepers, [[], [1] * 16], [[0], [1] * 17]),
        (Confirmation, [bytes(32)], [bytes(31), bytes(33)]),
        (PasscodeReply, [bytes(1), bytes(1024)], [b"", bytes(1025)]),
    ],
)
def test_attack_values_just_out_of_bounds(kind, good, bad) -> None:
    decoder = msgspec.msgpack.Decoder(kind)
    for value in good:
        assert decoder.decode(msgspec.msgpack.encode(value)) == value
    for value in bad:
        with pytest.raises(msgspec.ValidationError):
            decoder.decode(msgspec.msgpack.encode(value))
