"""The machine under test has no sound hardware: `sounddevice` is played by a fake module here."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
import types
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numpy as np
import pytest

from media.audio import soundcard
from media.audio.pcm import FRAME_BYTES, FRAME_SAMPLES, SILENCE, Pcm, to_bytes
from media.audio.soundcard import Card, Loudspeaker, Microphone, find, names, quiet_stderr
from media.errors import DeviceError


class PortAudioError(Exception):
    pass


def device(name: str, index: int, *directions: str) -> dict[str, object]:
    """Describe a device as PortAudio does."""
    channels = {f"max_{way}_channels": 2 * (way in directions) for way in ("input", "output")}
    return {"name": name, "index": index, **channels}


class FakeStream:
    """A stream whose hardware is the test: it calls back from a thread of its own."""

    def __init__(self, card: FakeCard, **options: Any) -> None:
        self.options = options
        self.state = "made"
        self._card = card
        card.streams.append(self)

    def start(self) -> None:
        os.write(2, b"ALSA lib pcm.c: unable to open slave\n")
        if self._card.opening is not None:
            self._card.opening.wait(5)
        if self._card.busy:
            raise PortAudioError("Device unavailable")
        self.state = "running"

    def abort(self, ignore_errors: bool) -> None:
        self.state = "aborted"
        self.from_thread(self.options["finished_callback"])

    def close(self, ignore_errors: bool = True) -> None:
        self.state = "closed"

    def from_thread(self, call: Callable[..., object], *arguments: object) -> None:
        thread = threading.Thread(target=call, args=arguments)
        thread.start()
        thread.join(5)

    def record(self, frame: Pcm) -> None:
        self.from_thread(self.options["callback"], memoryview(to_bytes(frame)), 960, None, None)

    def play(self) -> bytes:
        out = bytearray(FRAME_BYTES)
        self.from_thread(self.options["callback"], memoryview(out), 960, None, None)
        return bytes(out)

    def unplug(self) -> None:
        self.state = "unplugged"
        self.from_thread(self.options["finished_callback"])


class FakeCard(types.ModuleType):
    """What we use of the module `sounddevice`."""

    PortAudioError = PortAudioError

    def __init__(self) -> None:
        super().__init__("sounddevice")
        self.streams: list[FakeStream] = []
        self.busy = False
        self.devices = True
        self.opening: threading.Event | None = None

    def query_devices(self, kind: str = "") -> Any:
        os.write(2, b"jack server is not running\n")
        if not self.devices:
            raise PortAudioError("Error querying device -1")
        if kind:
            return device(f"Fake {kind}", 2 if kind == "input" else 3, kind)
        both = device("USB headset", 1, "input", "output")
        return [both, *(self.query_devices(kind) for kind in ("input", "output")), {**both}]

    def RawInputStream(self, **options: Any) -> FakeStream:
        return FakeStream(self, **options)

    def RawOutputStream(self, **options: Any) -> FakeStream:
        return FakeStream(self, **options)


@pytest.fixture
def card(monkeypatch: pytest.MonkeyPatch) -> FakeCard:
    fake = FakeCard()
    monkeypatch.setitem(sys.modules, "sounddevice", fake)
    return fake


def numbered(value: int) -> Pcm:
    return np.full(FRAME_SAMPLES, value, np.int16)


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


# --- finding ---


def test_the_default_device_is_found(card: FakeCard) -> None:
    assert find("input") == (card, 2, "Fake input")
    assert find("output") == (card, 3, "Fake output")


def test_a_device_is_found_by_its_whole_name(card: FakeCard) -> None:
    assert find("input", "USB headset") == (card, 1, "USB headset")
    for name in ("USB", "Fake output", "input,0"):
        with pytest.raises(DeviceError, match="no microphone found") as raised:
            find("input", name)
        assert raised.value.hint == f"there is no microphone called {name}"


def test_all_devices_are_listed_once_and_the_default_is_known(
    card: FakeCard, capfd: pytest.CaptureFixture[str]
) -> None:
    assert names("input") == [("USB headset", False), ("Fake input", True)]
    assert names("output") == [("USB headset", False), ("Fake output", True)]
    card.devices = False
    assert names("input") == []
    assert capfd.readouterr() == ("", "")


def test_without_a_device_it_is_one_clear_error(card: FakeCard) -> None:
    card.devices = False
    with pytest.raises(DeviceError, match="no microphone found"):
        find("input")


def test_without_portaudio_it_is_one_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    class Missing:
        def find_spec(self, name: str, *_rest: object) -> None:
            if name == "sounddevice":
                raise OSError("PortAudio library not found")

    monkeypatch.delitem(sys.modules, "sounddevice", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Missing(), *sys.meta_path])
    with pytest.raises(DeviceError, match="no loudspeaker found") as caught:
        find("output")
    assert "libportaudio2" in caught.value.hint


def test_the_real_library_finds_a_device_or_says_there_is_none(
    capfd: pytest.CaptureFixture[str],
) -> None:
    for direction in ("input", "output"):
        with suppress(DeviceError):
            assert find(direction).name
    assert capfd.readouterr().err == ""


def test_nothing_is_loaded_before_it_is_asked_for() -> None:
    code = "import sys, media.audio.devices; sys.exit('sounddevice' in sys.modules)"
    assert os.spawnl(os.P_WAIT, sys.executable, sys.executable, "-c", code) == 0


# --- standard error ---


async def test_alsa_and_jack_noise_never_reaches_the_screen(
    card: FakeCard, capfd: pytest.CaptureFixture[str]
) -> None:
    microphone = Microphone(find("input"), on_frame=lambda _frame: None, on_end=lambda _: None)
    await microphone.start()
    await microphone.close()
    os.write(2, b"a line of our own\n")
    assert capfd.readouterr().err == "a line of our own\n"


def test_standard_error_survives_two_devices_opening_at_once(
    capfd: pytest.CaptureFixture[str],
) -> None:
    inside = threading.Event()

    def other() -> None:
        with quiet_stderr():
            inside.set()

    with quiet_stderr():
        thread = threading.Thread(target=other)
        thread.start()
        assert not inside.wait(0.02)
    thread.join(5)
    os.write(2, b"still here\n")
    assert capfd.readouterr().err == "still here\n"


# --- microphone ---


async def test_frames_cross_into_the_event_loop(card: FakeCard) -> None:
    got: list[tuple[Pcm, int]] = []

    def on_frame(frame: Pcm) -> None:
        got.append((frame, threading.get_ident()))

    microphone = Microphone(Card(card, 2, "Fake input"), on_frame=on_frame, on_end=lambda _: None)
    await microphone.start()
    await microphone.start()
    (stream,) = card.streams
    assert stream.options["samplerate"] == 48000
    assert stream.options["blocksize"] == FRAME_SAMPLES
    stream.record(numbered(5))
    await settle()
    ((frame, thread),) = got
    assert np.array_equal(frame, numbered(5))
    assert thread == threading.get_ident()
    await microphone.close()


async def test_mute_gives_the_microphone_back(card: FakeCard) -> None:
    got: list[Pcm] = []
    microphone = Microphone(
        Card(card, 2, "Fake input"), on_frame=got.append, on_end=lambda _: got.append(SILENCE)
    )
    await microphone.start()
    card.streams[0].record(numbered(1))
    await microphone.stop()
    await microphone.stop()
    assert card.streams[0].state == "closed"
    await settle()
    assert got == []  # recorded before the mute, but sent after it: thrown away
    await microphone.start()
    card.streams[0].record(numbered(2))  # a callback that was under way
    card.streams[1].record(numbered(3))
    await settle()
    assert [int(frame[0]) for frame in got] == [3]
    await microphone.close()


async def test_mute_while_the_microphone_is_just_opening_closes_it(card: FakeCard) -> None:
    card.opening = threading.Event()
    got: list[Pcm] = []
    microphone = Microphone(Card(card, 2, "Fake input"), on_frame=got.append, on_end=lambda _: None)
    starting = asyncio.create_task(microphone.start())
    while not card.streams:
        await asyncio.sleep(0.001)
    stopping = asyncio.create_task(microphone.stop())
    await settle()
    card.streams[0].record(numbered(1))
    card.opening.set()
    await asyncio.gather(starting, stopping)
    await settle()
    assert card.streams[0].state == "closed"
    assert got == []


async def test_a_start_overtaken_by_a_mute_opens_nothing(card: FakeCard) -> None:
    card.opening = threading.Event()
    microphone = Microphone(
        Card(card, 2, "Fake input"), on_frame=lambda _frame: None, on_end=lambda _: None
    )
    calls = [microphone.start(), microphone.stop(), microphone.start(), microphone.stop()]
    tasks = [asyncio.create_task(call) for call in calls]
    await settle()
    card.opening.set()
    await asyncio.gather(*tasks)
    assert {stream.state for stream in card.streams} <= {"closed"}


async def test_a_start_that_is_given_up_leaves_no_open_microphone(card: FakeCard) -> None:
    card.opening = threading.Event()
    microphone = Microphone(
        Card(card, 2, "Fake input"), on_frame=lambda _frame: None, on_end=lambda _: None
    )
    starting = asyncio.create_task(microphone.start())
    while not card.streams:
        await asyncio.sleep(0.001)
    starting.cancel()
    await asyncio.wait([starting])
    card.opening.set()
    async with asyncio.timeout(5):
        while card.streams[0].state != "closed":
            await asyncio.sleep(0.001)


async def test_a_busy_microphone_is_one_clear_error(card: FakeCard) -> None:
    card.busy = True
    microphone = Microphone(
        Card(card, 2, "Fake input"), on_frame=lambda _frame: None, on_end=lambda _: None
    )
    with pytest.raises(DeviceError, match="microphone cannot be used"):
        await microphone.start()
    assert card.streams[0].state == "closed"
    card.busy = False
    await microphone.start()
    assert card.streams[1].state == "running"
    await microphone.close()


async def test_an_unplugged_microphone_ends_once(card: FakeCard) -> None:
    ends: list[bool] = []
    microphone = Microphone(
        Card(card, 2, "Fake input"),
        on_frame=lambda _frame: None,
        on_end=lambda _: ends.append(True),
    )
    await microphone.start()
    card.streams[0].unplug()
    await settle()
    await microphone.close()
    await settle()
    assert ends == [True]


# --- loudspeaker ---


class Counter:
    """Pulls numbered frames and remembers in which thread."""

    def __init__(self) -> None:
        self.count = 0
        self.threads: set[int] = set()

    def __call__(self, now: float) -> Pcm:
        self.count += 1
        self.threads.add(threading.get_ident())
        return numbered(self.count)


async def test_the_card_sets_the_pace_and_the_loop_pulls(card: FakeCard) -> None:
    pull = Counter()
    speaker = Loudspeaker(Card(card, 3, "Fake output"), pull=pull, on_note=lambda _note: None)
    await speaker.start()
    await speaker.start()
    heard = []
    for _ in range(5):
        heard.append(int.from_bytes(card.streams[0].play()[:2], sys.byteorder))
        await settle()
    assert heard == [1, 2, 3, 4, 5]
    assert pull.count == 6
    assert pull.threads == {threading.get_ident()}
    card.streams[0].play()  # its wish for more comes to the loop after the stop
    await speaker.stop()
    await settle()
    assert pull.count == 6
    assert card.streams[0].state == "closed"


async def test_a_late_loop_is_heard_once_and_then_queued_for(card: FakeCard) -> None:
    speaker = Loudspeaker(Card(card, 3, "Fake output"), pull=Counter(), on_note=lambda _note: None)
    await speaker.start()
    stream = card.streams[0]
    assert stream.play() == to_bytes(numbered(1))
    assert stream.play() == bytes(FRAME_BYTES)
    await settle()
    assert speaker.missed == 1
    assert [stream.play(), stream.play()] == [to_bytes(numbered(2)), to_bytes(numbered(3))]
    for _ in range(100):
        stream.play()
    await settle()
    assert len(speaker._queue) <= soundcard.MAX_QUEUED_FRAMES
    await speaker.stop()


@pytest.mark.parametrize("busy", [True, False])
async def test_without_its_device_it_pulls_on_and_says_so(card: FakeCard, busy: bool) -> None:
    card.busy = busy
    pull, notes = Counter(), list[str]()
    speaker = Loudspeaker(Card(card, 3, "Fake output"), pull=pull, on_note=notes.append)
    await speaker.start()
    if not busy:
        card.streams[0].unplug()
    async with asyncio.timeout(5):
        while pull.count < 5:
            await asyncio.sleep(0.001)
    assert notes == ["the loudspeaker cannot be used" if busy else "the loudspeaker is gone"]
    await speaker.stop()
    count = pull.count
    await asyncio.sleep(0.05)
    assert pull.count == count
    assert card.streams[0].state == "closed"


async def test_a_callback_after_the_loop_has_closed_is_harmless(card: FakeCard) -> None:
    speaker = Loudspeaker(Card(card, 3, "Fake output"), pull=Counter(), on_note=lambda _note: None)
    await speaker.start()
    closed = asyncio.new_event_loop()
    closed.close()
    speaker._loop = closed
    assert card.streams[0].play() == to_bytes(numbered(1))
    await speaker.stop()
