"""Verification during a call: asks for the code, and keeps who was met and who was verified.

The slow parts, stretching the code and writing the file, run beside the event loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from e2ee.errors import SottovoceError
from e2ee.verification import VerificationCode, verification_code
from rooms import events
from rooms.membership import Membership
from rooms.people_file import PeopleFile
from rooms.protocol import RoomProtocol
from rooms.text import clean_name


@dataclass(frozen=True, slots=True)
class _Moment:
    """One epoch: its authenticator, and the name and identity blob of everybody, by leaf."""

    epoch: int
    people: dict[int, tuple[str, bytes]]
    authenticator: bytes = field(repr=False)

    @classmethod
    def of(cls, membership: Membership) -> _Moment:
        group, credentials = membership.group, membership.roster.credentials
        people = {
            leaf: (clean_name(who.name), who.public_blob) for leaf, who in credentials.items()
        }
        return cls(group.epoch, people, group.epoch_authenticator)

    def code(self) -> VerificationCode:
        identities = {leaf: blob for leaf, (_, blob) in self.people.items()}
        return verification_code(self.authenticator, identities)


class Verifying:
    """What a face asks and answers about codes. `people`: where to keep whom we meet, if anywhere.

    Raises `SettingsError` if that cannot be read.
    """

    def __init__(
        self,
        protocol: RoomProtocol,
        people: PeopleFile | None,
        tell: Callable[[events.AnyEvent], None],
    ) -> None:
        self._protocol = protocol
        self._file = people
        self._tell = tell
        self._told: _Moment | None = None
        self._verified: _Moment | None = None
        self._computed: tuple[_Moment, VerificationCode] | None = None
        self._computing = asyncio.Lock()
        self._asking: asyncio.Task[None] | None = None
        self._keeping: set[asyncio.Task[None]] = set()
        if people is not None:
            protocol.known = people.load()

    @property
    def epoch(self) -> int | None:
        """The epoch at which everybody was verified; None if nobody compared a code."""
        return self._verified.epoch if self._verified is not None else None

    @property
    def since(self) -> int:
        """How many of those who are here now came after the code was compared."""
        now = self._now()
        if now is None or self._verified is None:
            return 0
        return len(set(now.people.values()) - set(self._verified.people.values()))

    def ask(self) -> None:
        """Have the present code told as `VerificationCode`, in a moment."""
        if self._now() is None:
            self._tell(events.Note(text="there is no code yet: you are not in the room"))
        elif self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._tell_code(), name="verification code")

    async def code(self) -> events.VerificationCode | None:
        """Return the present code, which counts as told; None if we are not in the room.

        However often it is asked for, each code is computed once. The epoch is still the present
        one when it is returned.
        """
        async with self._computing:
            while (moment := self._now()) is not None:
                if self._computed is None or self._computed[0] != moment:
                    self._computed = moment, await asyncio.to_thread(moment.code)
                if self._now() == moment:
                    self._told, code = moment, self._computed[1]
                    return events.VerificationCode(
                        epoch=moment.epoch, digits=list(code.digits), words=list(code.words)
                    )
        return None

    def answer(self, same: bool, epoch: int | None = None) -> bool:
        """Take a person's word that the code told last is, or is not, what the others read.

        `epoch`: that of the code the person saw, if known; another one may have been told since.
        False if there is no such code.
        """
        moment, membership = self._told, self._protocol.membership
        if moment is None or membership is None or epoch not in (None, moment.epoch):
            self._tell(events.Note(text="there is no code to compare: ask for it first"))
            return False
        self._told = None
        others = [who for leaf, who in moment.people.items() if leaf != membership.roster.me]
        self._verified = moment if same and others else None
        if same:
            for name, public_blob in others:
                self._protocol.known.verify(name, public_blob, _today())
            self.remember()
        self._tell(events.CodeCompared(epoch=moment.epoch, same=same, people=len(others)))
        return True

    def remember(self) -> None:
        """Keep whoever was met or verified since the last time."""
        known = self._protocol.known
        news, known.news = known.news, []
        if news and self._file is not None:
            keeping = asyncio.to_thread(self._file.keep, news, _today())
            task = asyncio.create_task(self._guard(keeping), name="known people")
            self._keeping.add(task)
            task.add_done_callback(self._keeping.discard)

    async def close(self) -> None:
        """Finish what is being kept; compute no code any more."""
        if self._asking is not None:
            self._asking.cancel()
        await asyncio.gather(*self._keeping)

    def _now(self) -> _Moment | None:
        membership = self._protocol.membership
        return _Moment.of(membership) if membership is not None else None

    async def _tell_code(self) -> None:
        code = await self.code()
        if code is not None:
            self._tell(code)

    async def _guard(self, keeping: Coroutine[Any, Any, None]) -> None:
        try:
            await keeping
        except SottovoceError as error:
            self._tell(events.ErrorEvent.of(error))


def _today() -> str:
    return events.utc_now().date().isoformat()
