"""Coalesced key frame requests."""

from __future__ import annotations

from media.forwarding.keyframes import MIN_INTERVAL, KeyFrameGate


def test_the_first_request_is_due_at_once_and_once() -> None:
    gate = KeyFrameGate()
    assert not gate.due(0.0)
    gate.request()
    assert gate.due(0.0)
    assert not gate.due(0.0)


def test_requests_too_early_are_kept_and_joined() -> None:
    gate = KeyFrameGate()
    gate.request()
    assert gate.due(10.0)
    for _ in range(5):
        gate.request()
    assert not gate.due(10.0 + MIN_INTERVAL / 2)
    assert gate.due(10.0 + MIN_INTERVAL)
    assert not gate.due(20.0)
