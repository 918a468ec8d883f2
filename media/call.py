"""The media of one call: devices, codecs, keys and the engine, tied together.

Commands come in, events go out (`media.control`); everything runs in one event loop, and a frame
costs no task.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Coroutine

from e2ee.errors import KeysError, SottovoceError
from e2ee.media_keys import MediaKeyring, OpenedFrame, Stream
from media.control import (
    Closed,
    Command,
    Configure,
    Connect,
    Connected,
    DeviceNote,
    Devices,
    Disconnected,
    Event,
    Failed,
    InstallKey,
    Levels,
    MediaStats,
    NameVoice,
    Offered,
    RecordingEnded,
    Rehearse,
    Renew,
    ResumeSending,
    SetCamera,
    SetDevices,
    SetMeters,
    SetMuted,
    SetPrivacy,
    SetView,
    SetVolume,
    Shutdown,
    StopSending,
)
from media.engine.ports import EncryptedFrame, EngineSession, MediaAnswer
from media.errors import DeviceError
from media.output import Output
from media.receiving import AudioReception, VideoReception, Views
from media.rtp.recent import RecentShare
from media.sending import Sending
from media.video.frame_tag import clear_bytes

TICK = 0.1
"""Seconds between two looks at what changes by itself: keys due, packets sent, levels."""
STATS_TICKS = 10
"""Ticks between two `MediaStats`."""


class MediaCall:
    """The media of one call, from `Configure` to `Shutdown`."""

    def __init__(self, engine: EngineSession, emit: Callable[[Event], None]) -> None:
        self._closing = False
        self._finished = asyncio.Event()
        self._engine = engine
        self._emit = emit
        self._keyring = MediaKeyring()
        self._first_epochs: dict[int, int] = {}
        self._frames: Counter[int] = Counter()
        self._failures = 0
        self._views = Views(emit)
        self._sending = Sending(engine, self._keyring, self._views, emit, self._spawn)
        self._choosing = asyncio.Lock()
        self._meters = False
        self._audio_down = AudioReception(emit)
        self._output = Output(
            self._audio_down.pull,
            lambda: self._audio_down.apart,
            self._note,
            lambda reason: emit(RecordingEnded(reason)),
        )
        self._concealed = RecentShare()
        self._video_down = VideoReception(emit, self._views, engine.request_key_frame)
        self._ticker: asyncio.TimerHandle | None = None
        self._ticks = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._connecting: asyncio.Task[None] | None = None
        engine.on_frame = self._frame_received
        engine.on_closed = self._transport_lost

    @property
    def closed(self) -> bool:
        """Return whether `Closed` was emitted and nothing is left."""
        return self._finished.is_set()

    async def handle(self, command: Command) -> None:
        """Do what a command says; an expected error ends the call with `Failed` and `Closed`.

        Once the call is ending, this waits for the end.
        """
        if self._closing:
            await self._finished.wait()
            return
        try:
            await self._handle(command)
        except SottovoceError as error:
            await self._fail(error)

    async def _handle(self, command: Command) -> None:
        match command:
            case Configure():
                await self._configure(command)
            case Connect(answer):
                self._connecting = self._spawn(self._connect(answer))
            case Renew():
                await self._renew()
            case SetVolume(leaf, gain):
                self._audio_down.set_gain(leaf, gain)
            case NameVoice():
                self._output.name(command)
            case SetView():
                self._views.set(command)
            case SetMeters(on):
                self._meters = self._sending.meter.on = self._output.meter.on = on
            case SetDevices():
                self._spawn(self._choose(command))
            case SetPrivacy():
                self._sending.set_privacy(command)
            case Shutdown():
                await self._close()
            case _:
                self._change_sending(command)
                self._sending.settle()

    def _change_sending(
        self, command: InstallKey | SetMuted | SetCamera | Rehearse | StopSending | ResumeSending
    ) -> None:
        """Note what decides whether microphone and camera may run."""
        match command:
            case InstallKey():
                self._install_key(command)
            case SetMuted(muted):
                self._sending.muted = muted
            case SetCamera(on):
                self._sending.camera = on
            case Rehearse(on):
                self._sending.rehearsing = on
            case StopSending():
                self._keyring.stop()
            case ResumeSending():
                self._keyring.resume()

    # --- setting up and down ---

    async def _configure(self, configure: Configure) -> None:
        self._emit(Offered(await self._engine.offer()))
        notes = await self._sending.open(configure)
        notes.append(await self._output.choose(configure.audio_out))
        self._tell_devices(notes)
        self._tick()

    async def _choose(self, command: SetDevices) -> None:
        """Take other devices, one choice after the other; a mute never waits for it."""
        choices = (
            (self._sending.inputs.choose_video, command.video_in),
            (self._sending.choose_audio, command.audio_in),
            (self._output.choose, command.audio_out),
        )
        notes = []
        async with self._choosing:
            for choose, spec in choices:
                if spec is None:
                    continue
                try:
                    notes.append(await choose(spec))
                except DeviceError as error:
                    notes.append(error.message)
        self._tell_devices(notes)
        self._sending.settle()

    def _tell_devices(self, notes: list[str]) -> None:
        inputs, output = self._sending.inputs, self._output
        there = inputs.has_microphone, inputs.has_camera, output.plays, output.records
        self._emit(Devices(*there))
        self._note(", ".join(dict.fromkeys(filter(None, notes))))

    async def _connect(self, answer: MediaAnswer) -> None:
        try:
            await self._engine.connect(answer)
        except SottovoceError as error:
            if self._connecting is asyncio.current_task():  # else another transport is offered
                await self._fail(error)
            return
        if self._connecting is not asyncio.current_task():
            return
        self._sending.connected = True
        self._emit(Connected())
        self._sending.settle()

    async def _renew(self) -> None:
        """Give the transport up and offer another one; devices and keys stay."""
        self._sending.connected = False
        self._sending.settle()
        await self._stop_connecting()
        self._emit(Offered(await self._engine.offer()))

    async def _stop_connecting(self) -> None:
        """End a handshake that is under way, unless it is what calls this."""
        connecting, self._connecting = self._connecting, None
        if connecting is None or connecting.done() or connecting is asyncio.current_task():
            return
        connecting.cancel()
        # `asyncio.wait_for` may lose a cancellation that meets a packet (python/cpython#86296),
        # wherever it is used below; a handshake whose transport has ended ends all the same.
        await self._engine.close()
        await asyncio.wait([connecting])

    async def _fail(self, error: SottovoceError) -> None:
        if not self._closing:
            self._emit(Failed(error.code, error.message, error.hint))
            await self._close()

    async def _close(self) -> None:
        """Leave nothing behind: no device, no socket, no key, no task."""
        self._closing = True
        self._keyring.wipe()
        if self._ticker is not None:
            self._ticker.cancel()
        here = asyncio.current_task()
        await self._stop_connecting()
        await asyncio.gather(*(self._tasks - {here}), return_exceptions=True)
        for close in (self._sending.close, self._output.close, self._engine.close):
            try:
                await close()
            except SottovoceError as error:
                self._note(error.message)
        self._audio_down.close()
        self._emit(self._stats())  # the last bytes count, too
        self._finished.set()
        self._emit(Closed())

    def _spawn(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    # --- keys ---

    def _install_key(self, command: InstallKey) -> None:
        others = command.members - {command.leaf}
        if command.anew:
            self._keyring.wipe()
            for leaf in list(self._first_epochs):
                self._forget(leaf)
        self._keyring.install(
            command.epoch,
            command.base_key,
            command.leaf,
            command.members,
            now=time.monotonic(),
            send_after=command.send_after,
        )
        self._sending.leaf, self._sending.others = command.leaf, len(others)
        for leaf in self._first_epochs.keys() - (others - command.joined):
            self._forget(leaf)
        for leaf in others - self._first_epochs.keys():
            self._first_epochs[leaf] = command.epoch

    def _forget(self, leaf: int) -> None:
        del self._first_epochs[leaf]
        self._frames.pop(leaf, None)
        self._audio_down.forget(leaf)
        self._video_down.forget(leaf)
        self._views.forget(leaf)

    # --- receiving ---

    def _frame_received(self, frame: EncryptedFrame) -> None:
        opened = self._open(frame)
        if opened is None:
            self._failures += 1
            return
        self._frames[opened.leaf] += 1
        if opened.stream is Stream.AUDIO:
            self._audio_down.push(
                opened.leaf, opened.counter, opened.plaintext, frame.timestamp, frame.arrival
            )
        else:
            self._video_down.push(
                opened.leaf, frame.slot, opened.counter, opened.plaintext, frame.arrival
            )

    def _open(self, frame: EncryptedFrame) -> OpenedFrame | None:
        """Decrypt a frame; None unless it is authentic, of its kind, and of a current member."""
        video = frame.kind == "video"
        clear = clear_bytes(frame.payload) if video else 0
        try:
            opened = self._keyring.open(frame.payload, clear=clear, now=frame.arrival)
        except KeysError:
            return None
        # A leaf that is new since an epoch does not answer for who had its number before.
        first = self._first_epochs.get(opened.leaf)
        if first is None or opened.epoch < first:
            return None
        return opened if (opened.stream is Stream.VIDEO) == video else None

    # --- what changes by itself ---

    def _tick(self) -> None:
        now = time.monotonic()
        self._ticker = asyncio.get_running_loop().call_later(TICK, self._tick)
        self._ticks += 1
        self._sending.tick(now)
        if self._meters:
            self._emit(Levels(self._sending.meter.read(), self._output.meter.read()))
        if self._ticks % STATS_TICKS == 0:
            self._emit(self._stats())

    def _stats(self) -> MediaStats:
        self._concealed.add(time.monotonic(), *self._audio_down.concealed_of_all())
        return MediaStats(
            transport=self._engine.stats(),
            decrypted_frames=dict(self._frames),
            decrypt_failures=self._failures,
            concealed_ratio=self._audio_down.concealed_ratio(),
            concealed=self._concealed.share() or 0.0,
        )

    def _transport_lost(self, reason: str) -> None:
        self._sending.connected = False
        self._emit(Disconnected(reason))
        self._sending.settle()

    def _note(self, text: str) -> None:
        if text:
            self._emit(DeviceNote(text))
