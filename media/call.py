"""The media of one call: devices, codecs, keys and the engine, tied together.

Commands come in, events go out (`media.control`); everything runs in one event loop, and a frame
costs no task. The microphone and the camera run only while what they give can really be sent.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Coroutine

from e2ee.errors import KeysError, SottovoceError
from e2ee.media_keys import MediaKeyring, OpenedFrame, Stream
from media.audio.devices import AudioSink, open_sink
from media.audio.pcm import Pcm
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
    MediaStats,
    Offered,
    Publishing,
    Renew,
    ResumeSending,
    SetCamera,
    SetMuted,
    SetView,
    SetVolume,
    Shutdown,
    Speaking,
    StopSending,
)
from media.engine.ports import AUDIO_SLOTS, EncryptedFrame, EngineSession, MediaAnswer
from media.inputs import Inputs
from media.publishing import AudioPublication, VideoPublication
from media.receiving import AudioReception, VideoReception, Views
from media.video import Rgb
from media.video.vp8 import clear_bytes

TICK = 0.1
"""Seconds between two looks at what changes by itself: keys due, packets sent."""
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
        self._leaf: int | None = None
        self._first_epochs: dict[int, int] = {}
        self._muted = self._camera = False
        self._connected = self._could_send = False
        self._published = Publishing(audio=False, video=False)
        self._frames: Counter[int] = Counter()
        self._failures = 0
        self._inputs = Inputs(
            emit, on_frame=self._sound_captured, on_picture=self._picture_captured
        )
        self._sink: AudioSink | None = None
        self._audio_up: AudioPublication | None = None
        self._video_up = VideoPublication(engine, self._keyring)
        self._audio_down = AudioReception(emit)
        self._views = Views(emit)
        self._video_down = VideoReception(emit, self._views, engine.request_key_frame)
        self._ticker: asyncio.TimerHandle | None = None
        self._ticks = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._connecting: asyncio.Task[None] | None = None
        engine.on_frame = self._frame_received
        engine.on_key_frame_request = self._video_up.want_key_frame
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
            case InstallKey():
                self._install_key(command)
                self._settle()
            case SetMuted(muted):
                self._muted = muted
                self._settle()
            case SetCamera(on):
                self._camera = on
                self._settle()
            case SetVolume(leaf, gain):
                self._audio_down.set_gain(leaf, gain)
            case SetView():
                self._views.set(command)
            case StopSending():
                self._keyring.stop()
                self._settle()
            case ResumeSending():
                self._keyring.resume()
                self._settle()
            case Shutdown():
                await self._close()

    # --- setting up and down ---

    async def _configure(self, configure: Configure) -> None:
        self._muted, self._camera = configure.muted, configure.camera
        self._audio_up = AudioPublication(
            self._engine,
            self._keyring,
            share_level=configure.share_level,
            on_speaking=self._we_speak,
        )
        self._emit(Offered(await self._engine.offer()))
        heard_through = await self._inputs.open(configure)
        sink, plays, plays_through = await asyncio.to_thread(
            open_sink, configure.audio_out, pull=self._pull, on_note=self._note
        )
        self._sink = sink
        await sink.start()
        self._emit(Devices(self._inputs.has_microphone, self._inputs.has_camera, plays))
        self._note(", ".join(dict.fromkeys(filter(None, (heard_through, plays_through)))))
        self._tick()

    async def _connect(self, answer: MediaAnswer) -> None:
        try:
            await self._engine.connect(answer)
        except SottovoceError as error:
            if self._connecting is asyncio.current_task():  # else another transport is offered
                await self._fail(error)
            return
        if self._connecting is not asyncio.current_task():
            return
        self._connected = True
        self._emit(Connected())
        self._settle()

    async def _renew(self) -> None:
        """Give the transport up and offer another one; devices and keys stay."""
        self._connected = False
        self._settle()
        await self._stop_connecting()
        self._emit(Offered(await self._engine.offer()))

    async def _stop_connecting(self) -> None:
        """End a handshake that is under way, unless it is what calls this."""
        connecting, self._connecting = self._connecting, None
        if connecting is None or connecting.done() or connecting is asyncio.current_task():
            return
        connecting.cancel()
        # `wait_for`, by which a handshake waits, may lose a cancellation that meets a packet
        # (python/cpython#86296); a handshake whose transport has ended ends all the same.
        await self._engine.close()
        await asyncio.wait([connecting])

    async def _fail(self, error: SottovoceError) -> None:
        if not self._closing:
            self._emit(Failed(error.code, error.message, error.hint))
            await self._close()

    async def _close(self) -> None:
        """Leave nothing behind: no device, no socket, no key, no task."""
        self._closing = True
        self._connected = False
        self._keyring.wipe()
        if self._ticker is not None:
            self._ticker.cancel()
        here = asyncio.current_task()
        await self._stop_connecting()
        await asyncio.gather(*(self._tasks - {here}), return_exceptions=True)
        sink = [self._sink.stop] if self._sink is not None else []
        for close in (self._inputs.close, *sink, self._engine.close):
            try:
                await close()
            except SottovoceError as error:
                self._note(error.message)
        self._audio_down.close()
        if self._audio_up is not None:
            self._audio_up.close()
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
        self._leaf = command.leaf
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

    # --- sending ---

    def _can_send(self, now: float) -> bool:
        return self._connected and self._keyring.can_seal(now)

    def _settle(self) -> None:
        """Start or stop microphone and camera, without waiting: they never run for nobody.

        What they give until they have stopped is dropped, so a mute is at once.
        """
        if self._audio_up is not None and (self._muted or not self._can_send(time.monotonic())):
            self._audio_up.silence()
        self._spawn(
            self._inputs.settle(
                lambda: not self._muted and self._can_send(time.monotonic()),
                lambda: self._camera and self._can_send(time.monotonic()),
            )
        )

    def _sound_captured(self, frame: Pcm) -> None:
        if self._connected and not self._muted and self._audio_up is not None:
            # However few the server says: it would be told for saying so.
            crowded = len(self._first_epochs) > AUDIO_SLOTS
            self._audio_up.push(frame, time.monotonic(), crowded=crowded)

    def _picture_captured(self, rgb: Rgb) -> None:
        if self._leaf is not None:
            self._views.show(self._leaf, rgb)
        if self._connected and self._camera:
            self._video_up.push(rgb, time.monotonic())

    def _we_speak(self, on: bool) -> None:
        if self._leaf is not None:
            self._emit(Speaking(self._leaf, on))

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

    def _pull(self) -> Pcm:
        return self._audio_down.pull(time.monotonic())

    # --- what changes by itself ---

    def _tick(self) -> None:
        now = time.monotonic()
        self._ticker = asyncio.get_running_loop().call_later(TICK, self._tick)
        self._ticks += 1
        if self._could_send != self._can_send(now):
            self._could_send = not self._could_send
            self._settle()
        audio = self._audio_up is not None and self._audio_up.is_publishing(now)
        published = Publishing(audio=audio, video=self._video_up.is_publishing(now))
        if published != self._published:
            self._published = published
            self._emit(published)
        if self._ticks % STATS_TICKS == 0:
            self._emit(self._stats())

    def _stats(self) -> MediaStats:
        return MediaStats(
            transport=self._engine.stats(),
            decrypted_frames=dict(self._frames),
            decrypt_failures=self._failures,
            concealed_ratio=self._audio_down.concealed_ratio(),
        )

    def _transport_lost(self, reason: str) -> None:
        self._connected = False
        self._emit(Disconnected(reason))
        self._settle()

    def _note(self, text: str) -> None:
        if text:
            self._emit(DeviceNote(text))
