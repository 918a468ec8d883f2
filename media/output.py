"""The loudspeaker, or what stands in for it: there always is one that pulls."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping

from media.audio.devices import AudioSink, open_sink
from media.audio.levels import Meter
from media.audio.pacing import Pull
from media.audio.pcm import Pcm
from media.audio.voices import Voice
from media.control import NameVoice, is_recording


class Output:
    """Plays what it pulls on a sink that may be another one later.

    `apart` gives each leaf's part of what was pulled last. `ended` is told why a recording did when
    nobody asked for that.
    """

    def __init__(
        self,
        pull: Pull,
        apart: Callable[[], Mapping[int, Pcm]],
        note: Callable[[str], None],
        ended: Callable[[str], None],
    ) -> None:
        self._pull = pull
        self._apart = apart
        self._note = note
        self._ended = ended
        self._voices: dict[int, Voice] = {}
        self._sink: AudioSink | None = None
        self.meter = Meter()
        self.plays = False
        """Whether anybody can hear it: pulling alone keeps the jitter buffers running."""
        self.records = False
        """Whether it is written to where it may be kept."""

    async def choose(self, spec: str) -> str:
        """Play on another sink than before from now on; return a note.

        Raises `DeviceError` for one that cannot be, and keeps the old one then.
        """
        sink, plays, note = await asyncio.to_thread(
            open_sink,
            spec,
            pull=self._metered,
            apart=self._of_whom,
            on_note=self._over if is_recording(spec) else self._note,
        )
        await self.close()
        self._sink, self.plays, self.records = sink, plays, is_recording(spec)
        await sink.start()
        return note

    async def close(self) -> None:
        """Stop; a file that was written to is complete."""
        sink, self._sink = self._sink, None
        if sink is not None:
            await sink.stop()

    def name(self, command: NameVoice) -> None:
        """Note whose voice a leaf's is from now on."""
        self._voices[command.leaf] = Voice(command.person, command.name)

    def _over(self, reason: str) -> None:
        self.records = False
        self._ended(reason)

    def _of_whom(self) -> Iterator[tuple[Voice, Pcm]]:
        for leaf, frame in self._apart().items():
            if (voice := self._voices.get(leaf)) is not None:
                yield voice, frame

    def _metered(self, now: float) -> Pcm:
        frame = self._pull(now)
        self.meter.take(frame)
        return frame
