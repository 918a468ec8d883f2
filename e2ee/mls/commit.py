"""Commits: the Proposals that start an epoch, by value or by reference (RFC 9420 section 12.4)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from e2ee.mls.codec import Reader, opaque, optional, u8, vector
from e2ee.mls.proposals import Proposal, encode_proposal, read_proposal
from e2ee.mls.update_path import UpdatePath


class ProposalOrRefType(IntEnum):
    """How a Commit names a Proposal (section 12.4)."""

    PROPOSAL = 1
    REFERENCE = 2


ProposalOrRef = Proposal | bytes
"""A Proposal by value, or the reference (hash) of one sent before."""


@dataclass(frozen=True)
class Commit:
    """What changes, and the committer's fresh path if there is one."""

    proposals: tuple[ProposalOrRef, ...]
    path: UpdatePath | None = None

    def encode(self) -> bytes:
        """Return the encoding."""
        path = None if self.path is None else self.path.encode()
        return vector(map(_encode_item, self.proposals)) + optional(path)

    @classmethod
    def read(cls, reader: Reader) -> Commit:
        """Take one off `reader`."""
        return cls(reader.vector(_read_item), reader.optional(UpdatePath.read))


def _encode_item(item: ProposalOrRef) -> bytes:
    if isinstance(item, bytes):
        return u8(ProposalOrRefType.REFERENCE) + opaque(item)
    return u8(ProposalOrRefType.PROPOSAL) + encode_proposal(item)


def _read_item(reader: Reader) -> ProposalOrRef:
    if reader.enum8(ProposalOrRefType) is ProposalOrRefType.REFERENCE:
        return reader.opaque()
    return read_proposal(reader)
