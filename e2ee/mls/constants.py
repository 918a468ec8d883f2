"""Numbers RFC 9420 fixes; the ones we chose ourselves are in `limits`."""

from __future__ import annotations

from enum import IntEnum
from typing import Final

CIPHER_SUITE: Final = 1
"""MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519 (section 17.1)."""
HYBRID_CIPHER_SUITE: Final = 0xF768
"""The same with ML-KEM-768 and X25519 for its HPKE; from the private range (section 17.1)."""
HASH_LENGTH: Final = 32
"""Nh of suite 1, bytes: every secret of the key schedule, PSK nonces (section 5.1)."""
KEY_LENGTH: Final = 16
"""Nk of AES-128-GCM, bytes."""
NONCE_LENGTH: Final = 12
"""Nn of AES-128-GCM, bytes."""
TAG_LENGTH: Final = 16
"""Nt of AES-128-GCM, bytes."""
PUBLIC_KEY_LENGTH: Final = 32
"""X25519 and Ed25519 public keys, bytes."""
MAX_EPOCH: Final = (1 << 64) - 1
"""Largest epoch a group can have (section 8.1)."""


class ProtocolVersion(IntEnum):
    """Section 6."""

    MLS10 = 1


class WireFormat(IntEnum):
    """What an MLSMessage holds (section 17.2)."""

    PUBLIC_MESSAGE = 1
    PRIVATE_MESSAGE = 2
    WELCOME = 3
    GROUP_INFO = 4
    KEY_PACKAGE = 5


class ContentType(IntEnum):
    """What a framed message carries (section 6)."""

    APPLICATION = 1
    PROPOSAL = 2
    COMMIT = 3


class SenderType(IntEnum):
    """Who a framed message is from (section 6)."""

    MEMBER = 1
    EXTERNAL = 2
    NEW_MEMBER_PROPOSAL = 3
    NEW_MEMBER_COMMIT = 4


class ProposalType(IntEnum):
    """Section 17.4."""

    ADD = 1
    UPDATE = 2
    REMOVE = 3
    PSK = 4
    REINIT = 5
    EXTERNAL_INIT = 6
    GROUP_CONTEXT_EXTENSIONS = 7


class CredentialType(IntEnum):
    """Section 17.5; of these only basic is understood."""

    BASIC = 1
    X509 = 2


class LeafNodeSource(IntEnum):
    """Where a leaf node was made for (section 7.2)."""

    KEY_PACKAGE = 1
    UPDATE = 2
    COMMIT = 3


class ExtensionType(IntEnum):
    """The extensions every client knows (section 17.3)."""

    APPLICATION_ID = 1
    RATCHET_TREE = 2
    REQUIRED_CAPABILITIES = 3
    EXTERNAL_PUB = 4
    EXTERNAL_SENDERS = 5


class PskType(IntEnum):
    """Section 8.4."""

    EXTERNAL = 1
    RESUMPTION = 2


class ResumptionPskUsage(IntEnum):
    """Section 8.4."""

    APPLICATION = 1
    REINIT = 2
    BRANCH = 3


class NodeType(IntEnum):
    """Section 7.8."""

    LEAF = 1
    PARENT = 2


DEFAULT_EXTENSIONS: Final = frozenset(ExtensionType)
"""Extensions that are supported without being listed in capabilities (section 7.2)."""
DEFAULT_PROPOSALS: Final = frozenset(ProposalType)
"""Proposals that are supported without being listed in capabilities (section 7.2)."""
