"""Bounds we chose: what a hostile peer can make us hold or compute ends here."""

from __future__ import annotations

from typing import Final

MAX_MESSAGE: Final = 4 << 20
"""Longest MLSMessage read, bytes; a Welcome into 1,000 members takes about 1 MB."""
MAX_LEAVES: Final = 4096
"""Widest ratchet tree; an SFrame key id has 12 bits for the leaf."""
MAX_PROPOSALS: Final = 512
"""Most proposals in a Commit, and most held by reference in an epoch."""
MAX_PSKS: Final = 16
"""Most pre-shared keys in a Welcome."""
FORWARD_WINDOW: Final = 1024
"""How far ahead of the last one a generation of a sender's ratchet may be."""
SKIPPED_KEYS: Final = 64
"""Most unused message keys kept a sender and content type, for messages that arrive late."""
KEY_PACKAGE_LIFETIME: Final = 24 * 3600
"""How long a KeyPackage of ours can be used, seconds; one is made a knock."""
CLOCK_SKEW: Final = 3600
"""How far two clocks may be apart, seconds."""
MAX_KEY_PACKAGE_LIFETIME: Final = 90 * 24 * 3600
"""Longest lifetime taken in a KeyPackage of a peer, seconds."""
PADDED_SIZES: Final = (256, 1024, 4096)
"""Application content is padded to the first of these it fits, then to multiples of the last."""
