"""What the fields of messages may hold; `msgspec` refuses all else. Pure."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from e2ee.file_chunks import ID_LENGTH, MAX_FILE, SEALED_LENGTH, chunk_count

RoomId = Annotated[bytes, msgspec.Meta(min_length=16, max_length=16)]
ParticipantId = Annotated[int, msgspec.Meta(ge=1, le=0xFFFF_FFFF)]
Epoch = Annotated[int, msgspec.Meta(ge=0, le=0xFFFF_FFFF_FFFF)]
Leaf = Annotated[int, msgspec.Meta(ge=0, le=0xFFF)]
Heads = Annotated[int, msgspec.Meta(ge=0, le=0x1000)]
"""How many members: each has a leaf."""
MAX_JOINERS = 64
"""Most knockers a Commit can let in, and most members it can put out."""
Removes = Annotated[list[ParticipantId], msgspec.Meta(max_length=MAX_JOINERS)]
MAX_DOORKEEPERS = 16
"""Most numbers in one message that names them."""
Doorkeepers = Annotated[list[ParticipantId], msgspec.Meta(max_length=MAX_DOORKEEPERS)]
TICKET_LENGTH = 16
Ticket = Annotated[bytes, msgspec.Meta(max_length=TICKET_LENGTH)]
"""16 bytes; anything shorter, and so nothing, is none."""
Sealed = Annotated[bytes, msgspec.Meta(min_length=1, max_length=16 * 1024)]
ApplicationBytes = Annotated[bytes, msgspec.Meta(min_length=1, max_length=16 * 1024)]
SealedHeartbeat = Annotated[bytes, msgspec.Meta(min_length=1, max_length=512)]
WhyRefused = Literal["no", "locked", "full"]
Line = Annotated[str, msgspec.Meta(max_length=512)]
RoomName = Annotated[str, msgspec.Meta(pattern=r"\A[a-z]{3,8}\Z")]
Share = Annotated[bytes, msgspec.Meta(min_length=65, max_length=65)]
Confirmation = Annotated[bytes, msgspec.Meta(min_length=32, max_length=32)]
PasscodeReply = Annotated[bytes, msgspec.Meta(min_length=1, max_length=1024)]
FileId = Annotated[bytes, msgspec.Meta(min_length=ID_LENGTH, max_length=ID_LENGTH)]
ChunkIndex = Annotated[int, msgspec.Meta(ge=0, lt=chunk_count(MAX_FILE))]
SealedChunk = Annotated[bytes, msgspec.Meta(min_length=SEALED_LENGTH, max_length=SEALED_LENGTH)]
"""A chunk is padded, so all have one size."""
