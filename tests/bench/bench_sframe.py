"""SFrame a 120-byte frame each way: alone and through the keyring of a call, beside bare AES-GCM.

Run: `python tests/bench/bench_sframe.py`. The floor is one AESGCM call of `cryptography` on the
same bytes, nonce and associated data ready. The keyring chooses the key and refuses replays. Best
of N rounds, because other work on the machine only adds.
"""

from __future__ import annotations

import itertools
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from e2ee import sframe
from e2ee.media_keys import MediaKeyring, Stream, key_id

GOAL: Final = 4.0
"""Microseconds a frame of 120 bytes, each way."""
FRAMES: Final = 2000
ROUNDS: Final = 30
FIRST: Final = 70_000
"""A counter 23 minutes into a call: its length is that of most."""


def best(call: Callable[[int], object]) -> float:
    """Return microseconds a call, given the counter: the best round."""
    least = float("inf")
    for _ in range(ROUNDS):
        start = time.perf_counter()
        for counter in range(FIRST, FIRST + FRAMES):
            call(counter)
        least = min(least, time.perf_counter() - start)
    return least / FRAMES * 1e6


def measure(size: int, goal: float | None) -> None:
    """Measure frames of one size."""
    key, plaintext = sframe.derive_key(bytes(16), key_id(Stream.AUDIO, 5, 9)), bytes(size)
    frames = {n: sframe.encrypt(key, n, plaintext) for n in range(FIRST, FIRST + FRAMES)}
    bare, nonce, aad = AESGCM(bytes(16)), bytes(12), bytes(6)
    sealed = bare.encrypt(nonce, plaintext, aad)
    ways = (
        (
            "encrypt",
            lambda n: sframe.encrypt(key, n, plaintext),
            lambda _: bare.encrypt(nonce, plaintext, aad),
        ),
        (
            "decrypt",
            lambda n: sframe.decrypt(key, frames[n]),
            lambda _: bare.decrypt(nonce, sealed, aad),
        ),
    )
    limit = "" if goal is None else f" (<= {goal:.0f})"
    for name, ours, floor in ways:
        took, least = best(ours), best(floor)
        print(
            f"{name} {size:5} bytes  {took:5.2f} us{limit}, floor {least:5.2f} us, "
            f"{took / least:.1f} x, {len(frames[FIRST]) - size} bytes more"
        )


def measure_keyring(size: int) -> None:
    """Measure the same through two keyrings, as the media plane does it."""
    sender, receiver, sealing, opening = MediaKeyring(), MediaKeyring(), [], []
    for leaf, keyring in enumerate((sender, receiver)):
        keyring.install(0, bytes(16), leaf, frozenset((0, 1)), now=0.0, send_after=0.0)
    plaintext = bytes(size)
    for _ in range(ROUNDS):
        start = time.perf_counter()
        frames = [sender.seal(Stream.AUDIO, plaintext, now=1.0) for _ in range(FRAMES)]
        sealed = time.perf_counter()
        for frame in frames:
            assert frame is not None
            receiver.open(frame, now=1.0)
        opening.append(time.perf_counter() - sealed)
        sealing.append(sealed - start)
    for name, times in (("seal", sealing), ("open", opening)):
        print(f"keyring, {name} {size:4} bytes {min(times) / FRAMES * 1e6:5.2f} us")


def main() -> None:
    """Measure a frame of sound, one of video, and the set-up of a key."""
    measure(120, GOAL)
    measure_keyring(120)
    measure(5000, None)
    kids = itertools.cycle(range(1000))
    print(
        f"derive a key         {best(lambda _: sframe.derive_key(bytes(16), next(kids))):5.2f} us"
    )


if __name__ == "__main__":
    main()
