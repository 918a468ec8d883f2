"""Files in a room: ours on the way to the server, and others' on the way to us.

They are announced among what members say (`rooms.conversation`), and come in pieces behind all
else. Call, then drain the `Out` it was given. Pure: `now` in Unix seconds.
"""

from __future__ import annotations

import contextlib
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from e2ee.errors import KeysError
from e2ee.file_chunks import Content
from media.limits import TokenBucket
from rooms import events, wire
from rooms.download import Download
from rooms.errors import WireError
from rooms.file_errors import FileBusyError
from rooms.file_events import FileFailure, FileFields
from rooms.file_names import clean_file_name
from rooms.limits import Limits
from rooms.member_wire import FileOffer
from rooms.membership import Membership
from rooms.out import Out
from rooms.shelf import Shelf
from rooms.steady_clock import SteadyClock
from rooms.upload import Upload

TOLD_APART: Final = 0.5
"""Seconds between two tellings of how far a file is."""
PACE_AGAIN: Final = 0.25
"""Seconds until it is looked again whether the server allows another piece."""
_ALLOWED: Final = Limits()
PACE, AT_ONCE = 0.9 * _ALLOWED.chunk_rate, 0.9 * _ALLOWED.chunk_burst
"""Pieces a second and at once: a little below what a server allows by default."""
REMEMBERED: Final = 256
"""Files known, so that nobody announces another one under the same id."""


@dataclass(slots=True)
class _Known:
    """What is told of a file, and when its progress was told last."""

    fields: FileFields
    told: float = 0.0


class Files:
    """The files of one call. Pieces are sent while it is not `paused`.

    Inside, time is steady: a clock that is set makes no file late, and none too fast.
    """

    def __init__(self, out: Out, membership: Membership, now: float) -> None:
        self.paused = False
        self._out = out
        self._membership = membership
        self._shelf = Shelf()
        self._upload: Upload | None = None
        self._announced = False
        self._clock = SteadyClock(now)
        self._pace = TokenBucket(PACE, AT_ONCE)
        self._look_again = 0.0
        self._known: OrderedDict[bytes, _Known] = OrderedDict()
        self._number = 0

    def go_on(self, before: Files) -> None:
        """Go on over another connection, with what there is of the one before."""
        self._shelf, self._known, self._number = before._shelf, before._known, before._number

    def break_off(self) -> None:
        """Note that the connection ended: what was on its way is lost."""
        if (upload := self._upload) is not None:
            self._upload = None
            self._fail(upload.content.id, "disconnected")
        for file in self._shelf.coming():
            self._give_up(file, "disconnected")

    @property
    def sending(self) -> bool:
        """Whether a file of ours is on its way, or waits to be announced."""
        return self._upload is not None

    def has(self, file: bytes) -> bool:
        """Whether a file of another one is here, all of it."""
        download = self._shelf.get(file)
        return download is not None and download.is_whole

    def read(self, file: bytes) -> bytes | None:
        """Return a file that is here; None if it is not, or not any more."""
        download = self._shelf.get(file)
        return download.read() if download is not None and download.is_whole else None

    # --- ours ---

    def offer(self, name: str, content: Content) -> FileOffer:
        """Return what announces a file of ours, which is the next one to be sent.

        Raises `FileBusyError` while there is another one.
        """
        if self._upload is not None:
            raise FileBusyError(f"{self._upload.name} is still being sent", hint="wait until it is")
        upload = self._upload = Upload(clean_file_name(name), content)
        self._announced = False
        offer = FileOffer(content.id, upload.name, content.size, content.first_hash, content.key)
        self._learn(self._membership.roster.me, offer)
        return offer

    def announced(self, offer: FileOffer, now: float) -> None:
        """Begin to send a file: whoever is to read it knows of it now."""
        if self._upload is not None and self._upload.content.id == offer.id:
            self._announced = True
            self._out.events.append(events.FileOffered(**self._known[offer.id].fields))
            self._flow(now)

    def taken(self, now: float) -> None:
        """Take the server's word that it has our oldest piece. Raises `WireError` for no piece.

        One of a file that is over may come late.
        """
        upload = self._upload
        if upload is None:
            return
        if not upload.taken(self._clock.read(now)):
            raise WireError("the server acknowledged what was never sent")
        if upload.is_over:
            self._upload = None
            self._out.events.append(events.FileDone(**self._known[upload.content.id].fields))
        else:
            self._progress(upload.content.id, upload.done)
            self._flow(now)

    def _flow(self, now: float) -> None:
        """Send the pieces whose turn it is."""
        upload, now = self._upload, self._clock.read(now)
        while upload is not None and self._may_send(upload):
            if not self._pace.take(now):
                self._look_again = now + PACE_AGAIN
                break
            self._out.outbox.append(upload.send(self._membership.group, now))

    def _may_send(self, upload: Upload) -> bool:
        return self._announced and not self.paused and upload.has_turn

    # --- others' ---

    def offered(self, leaf: int, offer: FileOffer, now: float) -> None:
        """Take in that a member sends a file; what is known already changes nothing."""
        if offer.id in self._known:
            return
        self._learn(leaf, offer)
        self._out.events.append(events.FileOffered(**self._known[offer.id].fields))
        sender = self._membership.roster[leaf].credential.public_blob
        download = Download(offer, self._membership.group, self._clock.read(now))
        if not self._shelf.put(offer.id, sender, download):
            self._fail(offer.id, "no_room")

    def received(self, chunk: wire.ChunkDelivered, now: float) -> None:
        """Take in a piece; one that is not the next of a file we know is left out."""
        download = self._shelf.coming().get(chunk.file)
        if download is None:
            return
        with contextlib.suppress(KeysError):
            download.take(chunk, self._clock.read(now))
            if download.is_whole:
                self._out.events.append(events.FileDone(**self._known[chunk.file].fields))
            else:
                self._progress(chunk.file, download.done)

    def next_epoch(self) -> None:
        """Note that the group is in a new epoch."""
        for download in self._shelf.coming().values():
            download.next_epoch(self._membership.group)

    # --- what time brings ---

    @property
    def next_tick(self) -> float | None:
        """When `tick` has something to do, Unix seconds; None: not before something happens."""
        dues = [download.due for download in self._shelf.coming().values()]
        upload = self._upload
        if upload is not None and self._may_send(upload):
            dues.append(self._look_again)
        return self._clock.wall(min(dues)) if dues else None

    def tick(self, now: float) -> None:
        """Do what is due."""
        self._flow(now)
        now = self._clock.read(now)
        for file, download in self._shelf.coming().items():
            if download.due <= now:
                self._give_up(file, "incomplete")

    # --- what is told ---

    def _learn(self, leaf: int, offer: FileOffer) -> None:
        roster, self._number = self._membership.roster, self._number + 1
        fields = FileFields(
            file=offer.id.hex(),
            number=self._number,
            leaf=leaf,
            name=roster.name(leaf),
            file_name=clean_file_name(offer.name),
            size=offer.size,
            mine=leaf == roster.me,
        )
        if len(self._known) >= REMEMBERED:
            del self._known[next(file for file in self._known if not self._is_live(file))]
        self._known[offer.id] = _Known(fields)

    def _is_live(self, file: bytes) -> bool:
        """Whether there is more to tell of a file: those are few."""
        own = self._upload is not None and self._upload.content.id == file
        return own or self._shelf.get(file) is not None

    def _progress(self, file: bytes, done: int) -> None:
        known, now = self._known[file], self._clock.time
        if now - known.told >= TOLD_APART:
            known.told = now
            self._out.events.append(events.FileProgress(**known.fields, done=done))

    def _give_up(self, file: bytes, reason: FileFailure) -> None:
        self._shelf.drop(file)
        self._fail(file, reason)

    def _fail(self, file: bytes, reason: FileFailure) -> None:
        self._out.events.append(events.FileFailed(**self._known[file].fields, reason=reason))
