"""From the words of `Configure` to something that gives, or takes, frames."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple, Protocol

from media.audio import pipes, soundcard
from media.audio.files import open_file
from media.audio.ogg import OggOpus
from media.audio.pacing import FrameReader, FrameWriter, PacedSink, PacedSource, Pull
from media.audio.pcm import SAMPLE_RATE, Pcm
from media.audio.private import PrivateFile
from media.audio.recording import CodedWriter, Coding, Recording, Samples
from media.audio.synthetic import Speech
from media.audio.voices import Voice, VoiceFiles
from media.audio.wav import WavWriter, wav_header
from media.control import DEVICE, SPLIT, STREAM
from media.errors import DeviceError


class AudioSource(Protocol):
    """Gives frames, in the event loop, at 50 a second while it is started."""

    async def start(self) -> None:
        """Begin or go on; idempotent. Raises `DeviceError` when a microphone cannot be opened."""

    async def stop(self) -> None:
        """Release the microphone or pause the file; no frame is given after this was called."""

    async def close(self) -> None:
        """Stop for good and release everything."""


class AudioSink(Protocol):
    """Pulls frames, in the event loop, 50 a second on average while it is started."""

    async def start(self) -> None:
        """Begin to pull; idempotent."""

    async def stop(self) -> None:
        """Stop for good; a file is complete, and has its name, when this returns."""


class OpenedSource(NamedTuple):
    """A source, or None without one.

    `note` says which device is used, or what would help if none was found; often empty.
    """

    source: AudioSource | None
    note: str


class OpenedSink(NamedTuple):
    """A sink, whether it plays anything, and a note as in `OpenedSource`.

    There always is one: where nothing can be played, frames are pulled and let go, because pulling
    is what decodes them and shows who speaks.
    """

    sink: AudioSink
    plays: bool
    note: str


class SpeechReader:
    """The frames of a synthetic voice, without end."""

    def __init__(self, seed: int) -> None:
        self._speech = Speech(seed)

    async def read(self) -> Pcm | None:
        """Return the next frame."""
        return next(self._speech)

    async def close(self) -> None:
        """Nothing is held."""


def open_source(
    spec: str, *, on_frame: Callable[[Pcm], None], on_end: Callable[[str], None]
) -> OpenedSource:
    """Open what a spec (`media.control.Configure.audio_in`) names; nothing is read before `start`.

    `on_end` is called once after the last frame of a file or pipe, with the reason if there turned
    out to be no sound, or when a microphone is unplugged. May block for some 100 ms (PortAudio, a
    slow disk): call it in a thread if that matters. Raises `DeviceError` for a spec that cannot be
    meant; a missing microphone is None.
    """
    if spec == "none":
        return OpenedSource(None, "")
    if spec == "default" or spec.startswith(DEVICE):
        return _open_microphone(_name(spec), on_frame, on_end)
    if spec == "-":
        reader = pipes.open_reader()
        live = pipes.is_live(reader)
        return OpenedSource(PacedSource(reader, on_frame=on_frame, on_end=on_end, live=live), "")
    if spec == STREAM or spec.startswith(f"{STREAM}:"):
        stream = _open_stream(spec)
        return OpenedSource(PacedSource(stream, on_frame=on_frame, on_end=on_end), "")
    if spec == "speech" or spec.startswith("speech:"):
        voice = SpeechReader(_seed(spec))
        return OpenedSource(PacedSource(voice, on_frame=on_frame, on_end=on_end), "")
    file = open_file(Path(spec))
    return OpenedSource(PacedSource(file, on_frame=on_frame, on_end=on_end), "")


def open_sink(
    spec: str,
    *,
    pull: Pull,
    apart: Callable[[], Iterable[tuple[Voice, Pcm]]] = tuple,
    on_note: Callable[[str], None] = lambda _note: None,
) -> OpenedSink:
    """Open what a spec (`media.control.Configure.audio_out`) names; nothing is pulled before
    `start`.

    `apart` gives the voices of the frame that was pulled last, for whoever keeps them apart.
    `on_note` is told later when the loudspeaker is unplugged, the pipe's reader goes or the disk
    is full; pulling goes on. May block like `open_source`. Raises `DeviceError` for a file or pipe
    that cannot be written to; a missing loudspeaker plays nothing.
    """
    if spec == "default" or spec.startswith(DEVICE):
        return _open_loudspeaker(_name(spec), pull, on_note)
    writer: FrameWriter | None = None
    if spec.startswith(SPLIT):
        folder = Path(spec.removeprefix(SPLIT))
        writer = Recording(VoiceFiles(folder, apart))
    elif spec != "none":
        writer = _open_writer(spec)
    return OpenedSink(PacedSink(writer, pull=pull, on_note=on_note), writer is not None, "")


def _open_microphone(
    name: str | None, on_frame: Callable[[Pcm], None], on_end: Callable[[str], None]
) -> OpenedSource:
    try:
        card = soundcard.find("input", name)
    except DeviceError as error:
        return OpenedSource(None, error.hint)
    microphone = soundcard.Microphone(card, on_frame=on_frame, on_end=on_end)
    return OpenedSource(microphone, f"microphone: {card.name}")


def _open_loudspeaker(name: str | None, pull: Pull, on_note: Callable[[str], None]) -> OpenedSink:
    try:
        card = soundcard.find("output", name)
    except DeviceError as error:
        return OpenedSink(PacedSink(None, pull=pull, on_note=on_note), False, error.hint)
    speaker = soundcard.Loudspeaker(card, pull=pull, on_note=on_note)
    return OpenedSink(speaker, True, f"loudspeaker: {card.name}")


def _open_writer(spec: str) -> FrameWriter:
    """Return what writes to a file or to standard output in the form that is asked for."""
    form, colon, place = spec.partition(":")
    if not colon or form not in ("ogg", "wav", "pcm"):
        form, place = "ogg" if spec.lower().endswith((".ogg", ".opus")) else "", spec
    if place == "-":
        if form in ("", "pcm"):
            return pipes.open_writer()
        return Recording(CodedWriter(_coding(form), pipes.open_writer()))
    if form in ("", "wav"):
        return Recording(WavWriter(Path(place)))
    return Recording(CodedWriter(_coding(form), PrivateFile(Path(place))))


def _coding(form: str) -> Coding:
    """Return how frames become bytes; a WAV whose end nobody knows says that it has none."""
    if form == "ogg":
        return OggOpus()
    return Samples(wav_header(0xFFFF_FFFF) if form == "wav" else b"")


def _name(spec: str) -> str | None:
    """Return the device that a spec names, None for the default one."""
    return spec.removeprefix(DEVICE) if spec.startswith(DEVICE) else None


def _open_stream(spec: str) -> FrameReader:
    """Open what `stream[:RATE:CHANNELS]` means. Raises `DeviceError`."""
    from media.audio.stream import MAX_CHANNELS, MAX_RATE, MIN_RATE, StreamReader

    pipes.check_input(pipes.STDIN)
    numbers = spec.split(":")[1:] or [str(SAMPLE_RATE), "1"]
    if len(numbers) != 2 or not all(one.isascii() and one.isdigit() for one in numbers):
        raise DeviceError(f"{spec!r}: samples have a rate and channels", hint="stream:48000:1")
    rate, channels = map(int, numbers)
    if not (MIN_RATE <= rate <= MAX_RATE and 1 <= channels <= MAX_CHANNELS):
        raise DeviceError(f"{spec!r}: no samples are like that", hint="stream:48000:1")
    return StreamReader(pipes.STDIN, rate, channels)


def _seed(spec: str) -> int:
    """Return the number after `speech:`, 0 without one. Raises `DeviceError` for anything else."""
    _, _, seed = spec.partition(":")
    if not seed:
        return 0
    if not (seed.isascii() and seed.isdigit() and len(seed) <= 9):
        raise DeviceError(f"{spec!r}: the seed of a voice is a number", hint="speech:7")
    return int(seed)
