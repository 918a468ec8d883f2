"""Rate limits."""

from __future__ import annotations

from media.limits import KeyedLimiter, TokenBucket


def test_a_burst_passes_then_the_rate_holds() -> None:
    bucket = TokenBucket(rate=10, burst=3)
    assert [bucket.take(100.0) for _ in range(4)] == [True, True, True, False]
    assert bucket.take(100.125)
    assert not bucket.take(100.125)


def test_a_long_pause_gives_one_burst_and_no_more() -> None:
    bucket = TokenBucket(rate=10, burst=2)
    bucket.take(0.0)
    assert [bucket.take(1000.0) for _ in range(3)] == [True, True, False]


def test_a_clock_that_steps_back_gives_nothing() -> None:
    bucket = TokenBucket(rate=10, burst=1)
    assert bucket.take(50.0)
    assert not bucket.take(0.0)


def test_amounts() -> None:
    bucket = TokenBucket(rate=100, burst=100)
    assert bucket.take(0.0, 60)
    assert not bucket.take(0.0, 60)
    assert bucket.take(0.2, 60)


def test_keys_do_not_share_a_bucket() -> None:
    limiter = KeyedLimiter(rate=1, burst=1)
    assert limiter.take("a", 0.0)
    assert not limiter.take("a", 0.0)
    assert limiter.take("b", 0.0)


def test_a_flood_from_forged_sources_does_not_grow_memory() -> None:
    limiter = KeyedLimiter(rate=1, burst=1, capacity=8)
    for source in range(10_000):
        limiter.take(source, 0.0)
    assert len(limiter) == 8
    assert not limiter.take(9_999, 0.0)  # the newest are still limited
