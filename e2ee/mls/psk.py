"""Pre-shared keys, and the one secret they are mixed into (RFC 9420 section 8.4)."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from e2ee.errors import InvalidError, UnknownKeyError
from e2ee.mls.codec import Reader, opaque, u8, u16, u64
from e2ee.mls.constants import HASH_LENGTH, PskType, ResumptionPskUsage
from e2ee.mls.crypto import expand_with_label, extract


@dataclass(frozen=True)
class ExternalPsk:
    """A key both ends got outside MLS, by its id; the nonce is fresh for every use."""

    psk_id: bytes
    nonce: bytes

    @classmethod
    def fresh(cls, psk_id: bytes) -> ExternalPsk:
        """Return a new use of the key."""
        return cls(psk_id, secrets.token_bytes(HASH_LENGTH))

    def encode(self) -> bytes:
        """Return the encoding."""
        return u8(PskType.EXTERNAL) + opaque(self.psk_id) + opaque(self.nonce)


@dataclass(frozen=True)
class ResumptionPsk:
    """A key of an epoch that both ends were in (section 8.6)."""

    usage: ResumptionPskUsage
    group_id: bytes
    epoch: int
    nonce: bytes

    def encode(self) -> bytes:
        """Return the encoding."""
        head = u8(PskType.RESUMPTION) + u8(self.usage)
        return head + opaque(self.group_id) + u64(self.epoch) + opaque(self.nonce)


PskId = ExternalPsk | ResumptionPsk
PskLookup = Callable[[PskId], bytes | None]
"""Finds the secret of a PSK, or None."""


def read_psk_id(reader: Reader) -> PskId:
    """Take a PreSharedKeyID off `reader`."""
    if reader.enum8(PskType) is PskType.EXTERNAL:
        return ExternalPsk(reader.opaque(), reader.opaque())
    usage = reader.enum8(ResumptionPskUsage)
    return ResumptionPsk(usage, reader.opaque(), reader.u64(), reader.opaque())


def external_psks(known: Mapping[bytes, bytes]) -> PskLookup:
    """Return a lookup that knows external PSKs by id, and no resumption PSK."""
    return lambda psk: known.get(psk.psk_id) if isinstance(psk, ExternalPsk) else None


def check_psk_ids(ids: Sequence[PskId]) -> None:
    """Check the PSKs of one epoch (sections 8.4 and 12.2). Raises `InvalidError`."""
    if len(set(ids)) != len(ids):
        raise InvalidError("one pre-shared key is used twice")
    if any(len(psk.nonce) != HASH_LENGTH for psk in ids):
        raise InvalidError("a pre-shared key has a nonce of the wrong length")


def find_psks(ids: Sequence[PskId], lookup: PskLookup) -> list[tuple[PskId, bytes]]:
    """Pair ids with secrets. Raises `UnknownKeyError` if one is not held."""
    found = [(psk, lookup(psk)) for psk in ids]
    known = [(psk, secret) for psk, secret in found if secret is not None]
    if len(known) != len(found):
        raise UnknownKeyError("a message needs a pre-shared key we do not have")
    return known


def psk_secret(psks: Sequence[tuple[PskId, bytes]]) -> bytes:
    """Mix PSKs, in order, into the psk_secret; zeros when there are none."""
    mixed = bytes(HASH_LENGTH)
    for index, (psk, secret) in enumerate(psks):
        label = psk.encode() + u16(index) + u16(len(psks))
        extracted = extract(bytes(HASH_LENGTH), secret)
        mixed = extract(expand_with_label(extracted, "derived psk", label, HASH_LENGTH), mixed)
    return mixed
