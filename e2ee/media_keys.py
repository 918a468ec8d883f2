"""The media keys of a room: which key seals our frames now, and which leaf a frame came from.

One SFrame key for each stream of each leaf in each epoch (RFC 9605 section 5.2), derived from a
base key that MLS exports. `now` is in seconds of any monotonic clock, the same one in every call.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final, NamedTuple

from e2ee import sframe
from e2ee.errors import KeysError, MalformedError, ReplayError, UnknownKeyError

BASE_KEY_LABEL: Final = "SFrame 1.0 Base Key"
"""Label of the MLS exporter (RFC 9420 section 8.5); its context is empty."""
BASE_KEY_LENGTH: Final = 16
MAX_LEAF: Final = (1 << 12) - 1
"""Largest leaf a key id has room for."""
REPLAY_WINDOW: Final = 128
"""How far behind the newest frame of a key one may arrive, frames: 2.5 s of audio."""
GRACE: Final = 10.0
"""How long frames of an epoch still open after we send with a newer one, seconds."""

_WINDOW_MASK: Final = (1 << REPLAY_WINDOW) - 1


class Stream(IntEnum):
    """What a frame carries; part of its key id, so one can never pass for the other."""

    AUDIO = 0
    VIDEO = 1


class OpenedFrame(NamedTuple):
    """A frame that was authentic and new. `leaf` is proven by the key, not told by the server."""

    leaf: int
    stream: Stream
    epoch: int
    counter: int
    plaintext: bytes

    def __repr__(self) -> str:
        return (
            f"OpenedFrame(leaf={self.leaf}, stream={self.stream.name}, epoch={self.epoch}, "
            f"counter={self.counter}, {len(self.plaintext)} bytes)"
        )


def key_id(stream: Stream, leaf: int, epoch: int) -> int:
    """Return the SFrame key id of a stream: stream, then leaf in 12 bits, then epoch in 8."""
    return stream << 20 | leaf << 8 | epoch & 0xFF


@dataclass(slots=True, eq=False)
class _Receiver:
    """One key of another leaf, and the counters of the frames it has opened."""

    key: sframe.SFrameKey
    stream: Stream
    leaf: int
    newest: int = -1
    seen: int = 0

    def refuse_replay(self, counter: int) -> None:
        age = self.newest - counter
        if age >= REPLAY_WINDOW or (age >= 0 and self.seen >> age & 1):
            raise ReplayError("an encrypted frame came twice or far too late")

    def accept(self, counter: int) -> None:
        step = counter - self.newest
        if step <= 0:
            self.seen |= 1 << -step
        else:
            self.seen = (self.seen << min(step, REPLAY_WINDOW) | 1) & _WINDOW_MASK
            self.newest = counter


@dataclass(slots=True, eq=False)
class _Epoch:
    """The keys of one epoch; those of other leaves are derived when first needed."""

    number: int
    base_key: bytearray = field(repr=False)
    leaf: int
    members: frozenset[int]
    switch_at: float
    wipe_at: float | None = None
    receivers: dict[int, _Receiver] = field(default_factory=dict, repr=False)
    senders: dict[Stream, sframe.SFrameKey] = field(default_factory=dict, repr=False)

    def is_same(self, number: int, base_key: bytes, leaf: int) -> bool:
        same_key = hmac.compare_digest(self.base_key, base_key)
        return same_key and (self.number, self.leaf) == (number, leaf)

    def receiver(self, kid: int) -> _Receiver:
        found = self.receivers.get(kid)
        if found is None:
            found = self.receivers[kid] = self._derive_receiver(kid)
        return found

    def _derive_receiver(self, kid: int) -> _Receiver:
        stream, leaf = kid >> 20, kid >> 8 & MAX_LEAF
        # Our own leaf is left out: a server that sends our frames back to us is not heard.
        if stream > Stream.VIDEO or leaf not in self.members or leaf == self.leaf:
            raise UnknownKeyError("an encrypted frame names a sender who is not in the room")
        return _Receiver(sframe.derive_key(self.base_key, kid), Stream(stream), leaf)

    def sender(self, stream: Stream) -> sframe.SFrameKey:
        found = self.senders.get(stream)
        if found is None:
            kid = key_id(stream, self.leaf, self.number)
            found = self.senders[stream] = sframe.derive_key(self.base_key, kid)
        return found

    def wipe(self) -> None:
        self.base_key[:] = bytes(len(self.base_key))
        self.receivers.clear()
        self.senders.clear()


class MediaKeyring:
    """Media keys of the live epochs of one room. One for each call: its counters never restart.

    A new keyring must never be given an epoch another keyring has sent with, or counters repeat.
    """

    def __init__(self) -> None:
        self._epochs: dict[int, _Epoch] = {}  # by epoch mod 256, as key ids name them
        self._pending: list[_Epoch] = []
        self._sending: _Epoch | None = None
        self._stopped = False
        self._newest = -1
        self._counters = dict.fromkeys(Stream, 0)
        self._next_change = float("inf")

    @property
    def epochs(self) -> tuple[int, ...]:
        """Epochs that frames can still be opened of, oldest first."""
        return tuple(sorted(epoch.number for epoch in self._epochs.values()))

    def can_seal(self, now: float) -> bool:
        """Return whether there is a key to send with."""
        if now >= self._next_change:
            self.advance(now)
        return self._sending is not None and not self._stopped

    def install(
        self,
        epoch: int,
        base_key: bytes,
        leaf: int,
        members: frozenset[int],
        *,
        now: float,
        send_after: float,
    ) -> None:
        """Open frames of `epoch` at once, and seal with it after `send_after` seconds.

        Installing a live epoch again changes nothing, so counters and replay windows stay.
        Raises `KeysError` for an epoch that is not newer or a leaf that key ids have no room for.
        """
        self.advance(now)
        installed = self._epochs.get(epoch & 0xFF)
        if installed is not None and installed.is_same(epoch, base_key, leaf):
            return
        if epoch <= self._newest:
            raise KeysError("a media key of an old epoch was offered")
        if not 0 <= leaf <= MAX_LEAF or len(base_key) < BASE_KEY_LENGTH:
            raise MalformedError("a media key does not fit this protocol")
        new = _Epoch(epoch, bytearray(base_key), leaf, members, now + send_after)
        if installed is not None:  # 256 epochs within the grace: key ids now mean the new one
            self._forget(installed)
        self._newest = epoch
        self._epochs[epoch & 0xFF] = new
        self._pending.append(new)
        self._plan()
        self.advance(now)

    def seal(self, stream: Stream, frame: bytes, *, clear: int = 0, now: float) -> bytes | None:
        """Encrypt a frame of ours; None while stopped, or without a key to send with.

        The first `clear` bytes travel readable in front, authenticated as SFrame metadata.
        """
        if now >= self._next_change:
            self.advance(now)
        if self._sending is None or self._stopped:
            return None
        counter = self._counters[stream]
        self._counters[stream] = counter + 1
        key = self._sending.sender(stream)
        if not clear:
            return sframe.encrypt(key, counter, frame)
        prefix = frame[:clear]
        return prefix + sframe.encrypt(key, counter, frame[clear:], prefix)

    def open(self, data: bytes, *, clear: int = 0, now: float) -> OpenedFrame:
        """Decrypt a frame of another leaf, `clear` bytes of which travelled readable in front.

        Raises `MalformedError`, `UnknownKeyError` (sender not in that epoch, epoch not held),
        `ReplayError` or `AuthenticationError`; a refused frame changes nothing.
        """
        if now >= self._next_change:
            self.advance(now)
        prefix, sealed = (data[:clear], data[clear:]) if clear else (b"", data)
        header = sframe.parse_header(sealed)
        epoch = self._epochs.get(header.kid & 0xFF)
        if epoch is None:
            raise UnknownKeyError("an encrypted frame is of an epoch whose keys are not held")
        receiver = epoch.receiver(header.kid)
        receiver.refuse_replay(header.ctr)
        plaintext = sframe.decrypt(receiver.key, sealed, prefix, header=header)
        receiver.accept(header.ctr)
        return OpenedFrame(
            receiver.leaf, receiver.stream, epoch.number, header.ctr, prefix + plaintext
        )

    def stop(self) -> None:
        """Seal nothing more until `resume`, whatever is installed meanwhile."""
        self._stopped = True

    def resume(self) -> None:
        """Seal again, with the newest epoch whose delay is over."""
        self._stopped = False

    def wipe(self) -> None:
        """Forget every key; frames of before never open again.

        Any epoch may be installed next, with a key that is not one of before. Counters go on.
        """
        self._sending = None
        self._pending.clear()
        self._newest = -1
        for epoch in self._epochs.values():
            epoch.wipe()
        self._epochs.clear()
        self._plan()

    def advance(self, now: float) -> None:
        """Switch to a newer sending epoch and wipe old ones, as far as either is due.

        Sealing and opening do this too; a timer calls it so that keys go even in silence.
        """
        for epoch in [pending for pending in self._pending if pending.switch_at <= now]:
            self._pending.remove(epoch)
            if self._sending is None or epoch.number > self._sending.number:
                self._sending = epoch
                self._retire_before(epoch)
        for epoch in list(self._epochs.values()):
            if epoch.wipe_at is not None and epoch.wipe_at <= now:
                self._forget(epoch)
        self._plan()

    def _retire_before(self, current: _Epoch) -> None:
        for epoch in self._epochs.values():
            if epoch.number < current.number and epoch.wipe_at is None:
                epoch.wipe_at = current.switch_at + GRACE

    def _forget(self, epoch: _Epoch) -> None:
        epoch.wipe()
        del self._epochs[epoch.number & 0xFF]
        if epoch in self._pending:
            self._pending.remove(epoch)
        if self._sending is epoch:
            self._sending = None

    def _plan(self) -> None:
        switches = [epoch.switch_at for epoch in self._pending]
        wipes = [epoch.wipe_at for epoch in self._epochs.values() if epoch.wipe_at is not None]
        self._next_change = min([*switches, *wipes], default=float("inf"))
