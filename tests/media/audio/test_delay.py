import random

import numpy as np
import pytest

from media.audio.delay import BIN_SECONDS, BINS, WINDOW_PACKETS, DelayHistogram, LossMeter


def feed(histogram: DelayHistogram, delays: list[float], start: float = 0.0) -> None:
    for index, delay in enumerate(delays):
        histogram.add(delay, start + index * 0.02)


def test_a_clean_network_needs_10_ms() -> None:
    histogram = DelayHistogram()
    assert histogram.target == pytest.approx(0.010)
    feed(histogram, [7.123] * 100)
    assert histogram.target == pytest.approx(0.010)


def test_the_target_covers_95_percent() -> None:
    rng = random.Random(1)
    histogram = DelayHistogram()
    feed(histogram, [rng.uniform(0, 0.1) for _ in range(2000)])
    assert 0.095 <= histogram.target <= 0.110


def test_one_late_packet_in_fifty_is_not_waited_for() -> None:
    histogram = DelayHistogram()
    feed(histogram, [0.2 if index % 50 == 49 else 0.0 for index in range(1000)])
    assert histogram.target == pytest.approx(0.010)


def test_what_is_long_ago_is_forgotten() -> None:
    rng = random.Random(2)
    histogram = DelayHistogram()
    feed(histogram, [rng.uniform(0, 0.2) for _ in range(1000)])
    assert histogram.target > 0.15
    feed(histogram, [0.0] * 2500, start=20)
    assert histogram.target == pytest.approx(0.010)


def test_it_agrees_with_the_histogram_written_out() -> None:
    rng = random.Random(3)
    histogram = DelayHistogram()
    masses = [0.0] * BINS
    for index in range(20_000):
        spread = 0.02 + 0.1 * ((index // 3000) % 3)
        delay = rng.uniform(0, spread) if index % 50 else 0.0
        histogram.add(delay, index * 0.02)
        masses = masses if index % 100 else [m * 0.9983**100 for m in masses]
        masses[int((delay - histogram.shortest) / BIN_SECONDS)] += 0.9983 ** (-(index % 100))
    shares = np.cumsum(masses) / sum(masses)
    expected = int(np.searchsorted(shares, 0.95))
    assert histogram.target == pytest.approx((expected + 1) * BIN_SECONDS + 0.005, abs=0.0051)


def test_a_slower_clock_is_not_mistaken_for_delay() -> None:
    histogram = DelayHistogram()
    for index in range(30_000):
        histogram.add(index * 0.02 * 200e-6, index * 0.02)
    assert histogram.target == pytest.approx(0.010)


def test_only_the_last_two_seconds_are_compared() -> None:
    histogram = DelayHistogram()
    histogram.add(0.0, 10.0)
    histogram.add(0.3, 11.9)
    assert histogram.shortest == 0.0
    histogram.add(0.4, 12.1)
    assert histogram.shortest == 0.3


def test_weights_stay_finite_however_long_a_call_lasts() -> None:
    histogram = DelayHistogram()
    feed(histogram, [0.0] * 30_000)
    assert histogram._weight <= 1.01e9
    assert histogram._total < 1e12


def test_after_a_jump_of_timestamps_the_past_is_no_measure() -> None:
    histogram = DelayHistogram()
    feed(histogram, [0.0] * 50)
    histogram.rebase()
    feed(histogram, [77.0] * 50, start=1.0)
    assert histogram.shortest == 77.0
    assert histogram.target == pytest.approx(0.010)


def test_a_flood_stays_bounded_and_numbers_may_be_anything() -> None:
    histogram = DelayHistogram()
    for index in range(5000):
        histogram.add(float(index) * 1e6, 1.0)
    histogram.add(-1e12, 0.0)
    histogram.add(1e12, -50.0)
    assert len(histogram._shortest) <= WINDOW_PACKETS
    assert histogram.target <= BINS * BIN_SECONDS + 0.005


def test_losses_are_measured_and_forgotten() -> None:
    meter = LossMeter()
    for index in range(400):
        meter.add(1 if index % 19 == 0 else 0)
    assert meter.ratio == pytest.approx(0.05, abs=0.02)
    for _ in range(400):
        meter.add(0)
    assert meter.ratio < 0.01


def test_an_outage_is_not_a_lossy_network() -> None:
    meter = LossMeter()
    meter.add(1_000_000_000)
    assert meter.ratio < 0.05
