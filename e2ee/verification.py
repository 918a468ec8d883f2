"""The verification code: what everybody in a room reads aloud to know that nobody is between them.

All members of one epoch compute the same code. It changes with the epoch, with who is in the
room, and with any of their keys. Slow on purpose, about 0.1 s and 32 MiB: call it off an event
loop.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from e2ee.spoken_words import SPOKEN_WORDS, WORD_BITS
from e2ee.sshsig import join_strings

SALT: Final = b"sottovoce verification code"
SCRYPT_N: Final = 2**15
SCRYPT_R: Final = 8
SCRYPT_P: Final = 1
SCRYPT_MEMORY: Final = 64 * 2**20
"""Bytes scrypt may take; it needs 128 N r, the half."""

DIGIT_GROUPS: Final = 6
GROUP_BYTES: Final = 5
"""Bytes a group of five digits is made of: 2^40 is so much more than 10^5 that none is likelier."""
WORDS: Final = 9
WORD_BYTES: Final = 2


@dataclass(frozen=True, slots=True)
class VerificationCode:
    """One code in two spellings: six groups of five digits, or nine words."""

    digits: tuple[str, ...] = field(repr=False)
    words: tuple[str, ...] = field(repr=False)


def verification_code(
    epoch_authenticator: bytes, identities: Mapping[int, bytes]
) -> VerificationCode:
    """Return the code of an epoch whose members are these identity blobs, by leaf.

    The epoch authenticator (RFC 9420 section 8.7) alone would do against a server. The blobs are
    in there so that the code says what each of us shows, not only what the group contains.
    Stretched with scrypt (RFC 7914), so that keys that agree in a part of the code are not cheap
    to search for.
    """
    people = (
        leaf.to_bytes(4, "big") + join_strings(blob) for leaf, blob in sorted(identities.items())
    )
    stretched = hashlib.scrypt(
        join_strings(epoch_authenticator) + b"".join(people),
        salt=SALT,
        n=SCRYPT_N,
        r=SCRYPT_R,
        p=SCRYPT_P,
        maxmem=SCRYPT_MEMORY,
        dklen=DIGIT_GROUPS * GROUP_BYTES + WORDS * WORD_BYTES,
    )
    digits, words = stretched[: DIGIT_GROUPS * GROUP_BYTES], stretched[DIGIT_GROUPS * GROUP_BYTES :]
    return VerificationCode(
        tuple(f"{number % 10**5:05}" for number in _numbers(digits, GROUP_BYTES)),
        tuple(SPOKEN_WORDS[number % 2**WORD_BITS] for number in _numbers(words, WORD_BYTES)),
    )


def _numbers(data: bytes, size: int) -> list[int]:
    return [int.from_bytes(data[i : i + size], "big") for i in range(0, len(data), size)]
