"""The cipher suites a group can have, as values: the classic one, and the hybrid where it runs.

Both hash with SHA-256, encrypt with AES-128-GCM and sign with Ed25519 (`crypto`); what differs is
the HPKE that secrets reach a member with, so this is what a suite holds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Literal

from cryptography.exceptions import UnsupportedAlgorithm

from e2ee.errors import InvalidError
from e2ee.mls import hpke
from e2ee.mls.constants import CIPHER_SUITE, HYBRID_CIPHER_SUITE
from e2ee.mls.hpke import HpkeCiphertext, KeyPair

SuiteName = Literal["post-quantum", "classic"]


@dataclass(frozen=True)
class CipherSuite:
    """One suite: its code point (RFC 9420 section 17.1), what people call it, and its HPKE."""

    id: int
    name: SuiteName
    generate_key_pair: Callable[[], KeyPair] = field(repr=False)
    key_pair_of: Callable[[bytes], KeyPair] = field(repr=False)
    derive_key_pair: Callable[[bytes], KeyPair] = field(repr=False)
    is_usable: Callable[[bytes], bool] = field(repr=False)
    seal: Callable[[bytes, bytes, bytes], HpkeCiphertext] = field(repr=False)
    unseal: Callable[[bytes, bytes, HpkeCiphertext], bytes] = field(repr=False)


CLASSIC: Final = CipherSuite(
    CIPHER_SUITE,
    "classic",
    hpke.generate_key_pair,
    hpke.key_pair_of,
    hpke.derive_key_pair,
    hpke.is_usable,
    hpke.seal,
    hpke.unseal,
)
"""MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519."""


def find_hybrid() -> CipherSuite | None:
    """Return the hybrid suite, or None where `cryptography`, or what it is built on, has none."""
    try:
        import e2ee.mls.hybrid_hpke as hybrid  # fails where there is no ML-KEM

        hybrid.derive_key_pair(bytes(32))
    except (ImportError, AttributeError, UnsupportedAlgorithm):
        return None
    return CipherSuite(
        HYBRID_CIPHER_SUITE,
        "post-quantum",
        hybrid.generate_key_pair,
        hybrid.key_pair_of,
        hybrid.derive_key_pair,
        hybrid.is_usable,
        hybrid.seal,
        hybrid.unseal,
    )


HYBRID: Final = find_hybrid()
"""ML-KEM-768 with X25519 instead of X25519 alone; None where it does not run."""
SUITES: Final = (CLASSIC,) if HYBRID is None else (HYBRID, CLASSIC)
"""What we can do, the best first."""


def suite_of(number: int) -> CipherSuite:
    """Return the suite of a code point. Raises `InvalidError` if we cannot do it."""
    for suite in SUITES:
        if suite.id == number:
            return suite
    raise InvalidError("a message is of a cipher suite we do not have")
