"""A simulated network with a virtual clock between an encoder and the jitter buffer."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media.audio.jitter import CAP_SECONDS, JitterBuffer
from media.audio.levels import level
from media.audio.opus import Encoder
from media.audio.pcm import FRAME_SAMPLES, SAMPLE_RATE, SILENCE, Pcm
from media.audio.redundancy import pack
from media.audio.synthetic import LOOP_FRAMES, speak

BASE = 0.05
"""Seconds every packet takes at least on average; taken off every latency below."""
FIRST = (1 << 32) - 3000 * FRAME_SAMPLES
"""First timestamp: a minute before it wraps."""
SECOND = 50
"""Frames a second."""


@cache
def encoded_loop() -> list[bytes]:
    """8 s of a voice, encoded once; played in a loop."""
    encoder = Encoder()
    return [encoder.encode(frame) for frame in speak(2).reshape(-1, FRAME_SAMPLES)]


def payload(index: int, *, redundant: bool = True) -> bytes:
    loop = encoded_loop()
    previous = loop[(index - 1) % LOOP_FRAMES] if redundant and index else None
    return pack(previous, loop[index % LOOP_FRAMES])


@dataclass
class Network:
    """Delivers frames 20 ms after their first sample, later by jitter, or never."""

    loss: float = 0.0
    jitter: float = 0.0
    skew: float = 0.0
    seed: int = 1
    buffer: JitterBuffer = field(default_factory=JitterBuffer)

    def arrivals(self, seconds: float) -> Iterator[tuple[float, int]]:
        rng = random.Random(self.seed)
        sent = []
        for index in range(int(seconds * SECOND)):
            at = (index + 1) * 0.02 * (1 + self.skew) + BASE
            late = rng.uniform(-self.jitter, self.jitter)
            if rng.random() >= self.loss:
                sent.append((at + late, index))
        yield from sorted(sent)

    def run(self, seconds: float, phase: float = 0.007) -> Pcm:
        """Return everything pulled from 0 to `seconds`."""
        arrivals = list(self.arrivals(seconds))[::-1]
        pulled = []
        for tick in range(int(seconds * SECOND)):
            now = phase + tick * 0.02
            while arrivals and arrivals[-1][0] <= now:
                at, index = arrivals.pop()
                timestamp = (FIRST + index * FRAME_SAMPLES) % (1 << 32)
                self.buffer.push(timestamp, payload(index), at)
            pulled.append(self.buffer.pull(now))
        return np.concatenate(pulled)


def latency(pulled: Pcm, at: float, phase: float = 0.007, skew: float = 0.0) -> float:
    """Seconds from mouth to pull (less `BASE`) of what is heard around second `at`."""
    start = int(at * SAMPLE_RATE)
    window = pulled[start : start + SAMPLE_RATE].astype(float)
    earliest = int((at + phase) / (1 + skew) * SAMPLE_RATE) - SAMPLE_RATE // 2
    said = np.take(speak(2), np.arange(earliest, earliest + 3 * SAMPLE_RATE // 2), mode="wrap")
    size = 1 << 18
    spectra = np.fft.rfft(said.astype(float), size) * np.conj(np.fft.rfft(window, size))
    offset = int(np.argmax(np.fft.irfft(spectra)[: SAMPLE_RATE // 2]))
    return at + phase - (earliest + offset) / SAMPLE_RATE * (1 + skew) - BASE


@pytest.mark.parametrize("phase", [0.001, 0.007, 0.013, 0.019])
def test_clean_network_conceals_nothing_and_stays_below_60_ms(phase: float) -> None:
    network = Network()
    pulled = network.run(12, phase)
    assert network.buffer.stats.concealed == 0
    assert network.buffer.stats.played >= 12 * SECOND - 6
    assert all(latency(pulled, at, phase) <= 0.060 for at in (2, 6, 10))


def test_what_is_heard_is_what_was_said() -> None:
    pulled = Network().run(12)
    start = SAMPLE_RATE * 2
    late = round((latency(pulled, 2) + BASE - 0.007) * SAMPLE_RATE)
    said = speak(2)[start - late : start - late + 4 * SAMPLE_RATE]
    assert np.corrcoef(said, pulled[start : start + 4 * SAMPLE_RATE])[0, 1] > 0.85


@pytest.mark.parametrize("seed", range(3))
def test_5_percent_loss_and_30_ms_jitter(seed: int) -> None:
    network = Network(loss=0.05, jitter=0.03, seed=seed)
    pulled = network.run(40)
    assert network.buffer.concealed_ratio <= 0.02
    assert network.buffer.stats.from_copy > 50
    assert all(latency(pulled, at) <= 0.200 for at in (10, 18, 26, 34))


def test_20_percent_loss_is_still_speech() -> None:
    network = Network(loss=0.2, jitter=0.03)
    pulled = network.run(40)
    assert network.buffer.concealed_ratio <= 0.06
    assert latency(pulled, 34) <= 0.200


@pytest.mark.parametrize("skew", [100e-6, -100e-6])
def test_ten_minutes_of_clock_skew_do_not_drift(skew: float) -> None:
    network = Network(jitter=0.003, skew=skew)
    pulled = network.run(600)
    stats = network.buffer.stats
    assert stats.concealed == 0
    assert stats.dropped == 0
    assert (stats.expanded if skew > 0 else stats.accelerated) >= 2
    assert all(latency(pulled, at, skew=skew) <= 0.090 for at in range(50, 600, 50))


# --- gaps ---


def play(
    buffer: JitterBuffer, frames: range, timestamp: int, start: float, *, lost: frozenset[int]
) -> list[Pcm]:
    """Push and pull in step, one frame every 20 ms from `start`; frames in `lost` never come."""
    pulled = []
    for step, index in enumerate(frames):
        now = start + step * 0.02
        if index not in lost:
            at = (timestamp + step * FRAME_SAMPLES) % (1 << 32)
            buffer.push(at, payload(index), now)
        pulled.append(buffer.pull(now + 0.012))
    return pulled


def test_a_lost_packet_is_played_from_its_copy() -> None:
    buffer = JitterBuffer()
    play(buffer, range(100), 0, 0.0, lost=frozenset({50}))
    play(buffer, range(100, 200), 100 * FRAME_SAMPLES, 2.0, lost=frozenset({150}))
    assert buffer.stats.played == 199
    assert buffer.stats.from_copy == 2
    assert buffer.stats.concealed == 1  # while the first copy was waited for


@pytest.mark.parametrize("burst", [1, 2, 3, 5])
def test_a_burst_of_loss_does_not_stay_as_latency(burst: int) -> None:
    buffer = JitterBuffer()
    play(buffer, range(60), 0, 0.0, lost=frozenset())
    held = buffer._held_samples()
    lost = frozenset(range(60, 60 + burst))
    play(buffer, range(60, 120), 60 * FRAME_SAMPLES, 1.2, lost=lost)
    assert buffer._held_samples() <= held + FRAME_SAMPLES  # what the copy was waited for
    assert buffer.stats.concealed == burst
    assert (buffer.stats.starts, buffer.stats.accelerated) == (1, 0)


def test_in_band_fec_is_used_when_there_is_no_copy() -> None:
    encoder = Encoder(expected_loss=20)
    frames = speak(2).reshape(-1, FRAME_SAMPLES)
    packets = [pack(None, encoder.encode(frame)) for frame in frames]
    rng = random.Random(4)
    buffer = JitterBuffer()
    for index, packet in enumerate(packets):
        now = index * 0.02
        if rng.random() > 0.1:
            buffer.push(index * FRAME_SAMPLES, packet, now)
        buffer.pull(now + 0.012)
    assert buffer.stats.from_fec > 10


def test_concealment_fades_after_100_ms_into_silence() -> None:
    buffer = JitterBuffer()
    loud = next(i for i in range(60, 400) if level(speak(2)[i * 960 : i * 960 + 1920]) > -20)
    play(buffer, range(loud), 0, 0.0, lost=frozenset())
    after = [buffer.pull(loud * 0.02 + 0.02 * tick) for tick in range(1, 20)]
    levels = [level(frame) for frame in after]
    assert min(levels[:4]) > -50
    assert after[5][0] != 0
    assert not after[5][-5:].any()
    assert all(frame is SILENCE for frame in after[6:])


def test_a_long_gap_inside_the_stream_falls_silent_too() -> None:
    buffer = JitterBuffer()
    loud = next(i for i in range(60, 400) if level(speak(2)[i * 960 : i * 960 + 1920]) > -20)
    play(buffer, range(loud), 0, 0.0, lost=frozenset())
    buffer.push((loud + 10) * FRAME_SAMPLES, payload(loud + 10, redundant=False), loud * 0.02)
    gap = [buffer.pull((loud + tick) * 0.02 + 0.012) for tick in range(10)]
    assert level(gap[0]) > -50
    assert [frame is SILENCE for frame in gap] == [False] * 6 + [True] * 4
    assert buffer.stats.concealed == 10


def test_the_rest_of_a_stretched_frame_is_not_lost_at_the_end() -> None:
    buffer = JitterBuffer()
    buffer._remainder = np.full(300, 9, np.int16)
    last = buffer.pull(0.0)
    assert last[:300].tolist() == [9] * 300
    assert not last[300:].any()
    assert buffer.pull(0.02) is SILENCE


def test_an_overtaken_packet_is_played_in_its_place() -> None:
    buffer = JitterBuffer()
    for index in (1, 0, 2, 4, 3, 5):  # the first two, and two later on
        buffer.push(index * FRAME_SAMPLES, payload(index), 0.001)
    for tick in range(6):
        buffer.pull(0.02 + tick * 0.02)
    stats = buffer.stats
    assert (stats.played, stats.received, stats.from_copy) == (6, 6, 0)
    assert (stats.late, stats.duplicate, stats.concealed) == (0, 0, 0)


def test_catching_up_is_never_faster_than_every_third_frame() -> None:
    buffer = JitterBuffer()
    play(buffer, range(100), 0, 0.0, lost=frozenset())
    for index in range(100, 109):  # 180 ms that come too early
        buffer.push(index * FRAME_SAMPLES, payload(index), 2.0)
    play(buffer, range(109, 139), 109 * FRAME_SAMPLES, 2.0, lost=frozenset())
    assert 4 <= buffer.stats.accelerated <= 10


@pytest.mark.parametrize("running", [True, False], ids=["running", "stopped"])
@pytest.mark.parametrize("pause", [0.06, 0.3, 0.9, 5.0, 600.0])
def test_a_mute_of_any_length_is_survived(pause: float, running: bool) -> None:
    buffer = JitterBuffer()
    start, first = 0.0, FIRST
    for _ in range(4):
        play(buffer, range(60), first, start, lost=frozenset())
        for tick in range(60, 60 + min(100, int(pause * SECOND))):
            buffer.pull(start + tick * 0.02 + 0.012)
        start += 60 * 0.02 + pause
        first += 60 * FRAME_SAMPLES + (round(pause * SECOND) * FRAME_SAMPLES if running else 0)
    heard = play(buffer, range(200), first, start, lost=frozenset())
    assert buffer.stats.played >= 4 * 55 + 190
    assert buffer.stats.concealed <= (4 * 8 if pause < 0.1 else 0)
    assert buffer.stats.accelerated == 0
    if pause >= 0.1:
        assert buffer.target == pytest.approx(0.010)
    assert level(np.concatenate(heard[-100:])) == pytest.approx(
        level(speak(2)[100 * FRAME_SAMPLES : 200 * FRAME_SAMPLES]), abs=2
    )


def test_an_outage_does_not_stay_as_latency() -> None:
    """Half a second of packets held up somewhere and then delivered at once."""
    buffer = JitterBuffer()
    play(buffer, range(100), 0, 0.0, lost=frozenset())
    for tick in range(100, 125):
        buffer.pull(tick * 0.02 + 0.012)
    for index in range(100, 125):
        buffer.push(index * FRAME_SAMPLES, payload(index), 2.5)
    play(buffer, range(125, 400), 125 * FRAME_SAMPLES, 2.5, lost=frozenset())
    assert buffer.stats.dropped > 10
    assert buffer._held_samples() <= 4 * FRAME_SAMPLES


def test_a_sink_that_stops_pulling_costs_bounded_memory() -> None:
    buffer = JitterBuffer()
    for index in range(3000):
        buffer.push(index * FRAME_SAMPLES, payload(index), index * 0.02)
    assert len(buffer._frames) <= CAP_SECONDS * SECOND + 1
    assert len(buffer._copies) <= CAP_SECONDS * SECOND + 1
    play(buffer, range(3000, 3100), 3000 * FRAME_SAMPLES, 60.0, lost=frozenset())
    assert buffer.stats.played >= 95


# --- hostile input ---


@pytest.mark.parametrize(
    "jump", [1, 480, 47 * 960, 51 * 960, -40 * 960, -51 * 960, 10**6 * 960, 1 << 31, -(1 << 31)]
)
def test_jumping_timestamps_do_not_stop_the_stream(jump: int) -> None:
    buffer = JitterBuffer()
    play(buffer, range(100), 1 << 31, 0.0, lost=frozenset())
    first = (1 << 31) + 100 * FRAME_SAMPLES + jump
    heard = play(buffer, range(100, 300), first, 2.0, lost=frozenset())
    assert buffer.stats.played >= 285 - 12
    assert buffer.stats.starts <= 4
    assert level(np.concatenate(heard[50:])) > -30


def test_single_forged_timestamps_change_nothing_that_is_heard() -> None:
    buffer, spared = JitterBuffer(), JitterBuffer()
    rng = random.Random(9)
    for index in range(300):
        now = index * 0.02
        for each in (buffer, spared):
            each.push(index * FRAME_SAMPLES, payload(index), now)
        if index % 3 == 1:
            forged = 10**8 + 96_000 * rng.randrange(1000) + rng.randrange(1, 900)
            buffer.push(forged, payload(0), now)
        assert np.array_equal(buffer.pull(now + 0.012), spared.pull(now + 0.012))
    assert buffer.stats.refused == 100


def test_replayed_packets_are_counted_and_not_played_again() -> None:
    buffer = JitterBuffer()
    for index in range(100):
        for _ in range(3):
            buffer.push(index * FRAME_SAMPLES, payload(index), index * 0.02)
        buffer.push(max(0, index - 20) * FRAME_SAMPLES, payload(index), index * 0.02)
        buffer.pull(index * 0.02 + 0.012)
    stats = buffer.stats
    assert stats.received == 100
    assert stats.played <= 100
    assert stats.duplicate + stats.late == 300


@pytest.mark.parametrize(
    "bad", [b"", b"\x00", b"\xff", b"\x05abc", b"\x00\xff\xff\xff", b"\x00\x00"]
)
def test_malformed_payloads_are_refused_or_concealed(bad: bytes) -> None:
    buffer = JitterBuffer()
    for index in range(200):
        broken = index % 10 == 5
        buffer.push(index * FRAME_SAMPLES, bad if broken else payload(index), index * 0.02)
        assert buffer.pull(index * 0.02 + 0.012).shape == (FRAME_SAMPLES,)
    assert buffer.stats.played >= 170


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["push", "pull", "near"]),
            st.integers(0, (1 << 32) - 1),
            st.binary(max_size=80),
            st.floats(-10, 10),
        ),
        max_size=80,
    )
)
def test_anything_in_any_order_yields_frames(
    steps: list[tuple[str, int, bytes, float]],
) -> None:
    buffer = JitterBuffer()
    now, near = 0.0, 0
    for what, number, data, wait in steps:
        now += wait
        match what:
            case "push":
                buffer.push(number, data, now)
            case "near":
                near = (near + number % 5 * FRAME_SAMPLES) % (1 << 32)
                buffer.push(near, payload(number % 50), now)
            case _:
                assert buffer.pull(now).shape == (FRAME_SAMPLES,)
        assert len(buffer._frames) <= CAP_SECONDS * SECOND + 1
    assert 0.0 <= buffer.concealed_ratio <= 1.0


# --- what is told ---


def test_level_is_that_of_the_last_pull() -> None:
    buffer = JitterBuffer()
    assert buffer.level == level(SILENCE)
    pulled = play(buffer, range(100), 0, 0.0, lost=frozenset())
    assert buffer.level == level(pulled[-1])
    assert buffer.level > -60


def test_a_buffer_without_packets_is_silent() -> None:
    buffer = JitterBuffer()
    assert buffer.pull(0.0) is SILENCE
    assert buffer.concealed_ratio == 0.0
    buffer.close()
