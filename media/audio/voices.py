"""Each voice in a file of its own: Ogg/Opus, one file a person, all of one length up to now."""

from __future__ import annotations

import asyncio
import unicodedata
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final, NamedTuple

from media.audio.mixer import mix
from media.audio.ogg import OggOpus
from media.audio.pcm import SILENCE, Pcm
from media.audio.private import PrivateFile, check_place
from media.audio.recording import CodedWriter
from media.errors import DeviceError

SUFFIX: Final = ".ogg"
MAX_FILES: Final = 256
"""People with a file: whoever comes with ever new keys shall not fill a disk with them."""
MAX_NAME_BYTES: Final = 100
NAMELESS: Final = "unnamed"


class Voice(NamedTuple):
    """Whose voice it is: `person` stands for somebody wherever they are, `name` is for people."""

    person: str
    name: str


class VoiceFiles:
    """Writes frames of many people: a person's file begins, in silence, where all of them do.

    `apart` gives what is heard of whom in the frame that is written. Raises `DeviceError` at once
    when no files can be made in the folder, which is made if need be.
    """

    def __init__(
        self,
        folder: Path,
        apart: Callable[[], Iterable[tuple[Voice, Pcm]]],
    ) -> None:
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise DeviceError(f"{folder} cannot be made: {error.strerror}") from error
        check_place(folder / NAMELESS)
        self._folder = folder
        self._apart = apart
        self._files: dict[str, CodedWriter] = {}
        self._frames = 0

    async def write(self, mixed: Pcm) -> None:
        """Append one frame to each file. Raises `DeviceError` when the disk is full or gone."""
        spoken: dict[str, list[Pcm]] = {}
        for voice, frame in () if mixed is SILENCE else self._apart():
            if voice.person not in self._files:
                await self._begin(voice)
            spoken.setdefault(voice.person, []).append(frame)
        for person, file in self._files.items():
            frames = spoken.get(person, [])
            await file.write(mix(frames, [1.0] * len(frames)))
        self._frames += 1

    async def close(self) -> None:
        """Finish all files."""
        files, self._files = self._files, {}
        for file in files.values():
            await file.close()

    async def _begin(self, voice: Voice) -> None:
        """Begin a person's file with as much silence as the others hold by now.

        That takes a tenth of a second for an hour, so a thread makes it. There is no file before it
        is made: one that is closed meanwhile would use the same encoder.
        """
        if len(self._files) >= MAX_FILES:
            return
        coding = OggOpus()
        silence = await asyncio.to_thread(lambda: b"".join(coding.silence(self._frames)))
        sink = PrivateFile(unused(self._folder, voice.name))
        file = self._files[voice.person] = CodedWriter(coding, sink)
        await file.put(silence)  # takes the name, too


def unused(folder: Path, name: str) -> Path:
    """Return a path in a folder, and nowhere else, at which there is nothing, close to a name."""
    safe, number = file_name(name), 1
    path = folder / f"{safe}{SUFFIX}"
    while path.exists() or path.is_symlink():
        number += 1
        path = folder / f"{safe}-{number}{SUFFIX}"
    return path


def file_name(name: str) -> str:
    """Return what a name leaves of itself as part of a file's name: letters, digits, `-` and `_`.

    Never empty, never hidden, never an option, no path and no device's name.
    """
    kept = "".join(char if _plain(char) else "_" for char in unicodedata.normalize("NFC", name))
    cut = kept.encode()[:MAX_NAME_BYTES].decode(errors="ignore").strip("-_")
    return cut or NAMELESS


def _plain(char: str) -> bool:
    return char == "-" or unicodedata.category(char)[0] in "LMN"
