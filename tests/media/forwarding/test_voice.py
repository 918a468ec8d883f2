"""The measure of speaking."""

from __future__ import annotations

from media.forwarding.voice import HIDDEN_LEVEL, Voice


def speak(voice: Voice, level: int | None, start: float, seconds: float) -> float:
    """Send packets of one level every 20 ms; return the time after the last."""
    now = start
    while now < start + seconds:
        voice.heard(level, now)
        now += 0.02
    return now


def test_speech_counts_within_a_tenth_of_a_second() -> None:
    voice = Voice()
    now = speak(voice, 3, 10.0, 0.1)
    assert voice.score(now) > 1.5


def test_a_single_loud_packet_does_not_make_a_speaker() -> None:
    voice = Voice()
    now = speak(voice, 0, 10.0, 1.0)
    voice.heard(3, now)
    assert voice.score(now) < 1.0


def test_a_pause_fades_slowly_and_silence_fades_out() -> None:
    voice = Voice()
    now = speak(voice, 3, 10.0, 1.0)
    assert voice.score(speak(voice, 0, now, 0.3)) > 1.5
    assert voice.score(speak(voice, 0, now, 5.0)) < 0.1


def test_sending_nothing_fades_as_silence_does() -> None:
    voice = Voice()
    now = speak(voice, 3, 10.0, 1.0)
    assert voice.score(now) > 2.5
    assert voice.score(now + 5.0) < 0.1


def test_a_hidden_level_counts_less_than_speech_and_more_than_silence() -> None:
    hidden, silent, loud = Voice(), Voice(), Voice()
    for voice, level in ((hidden, None), (silent, 0), (loud, 3)):
        now = speak(voice, level, 10.0, 2.0)
    assert silent.score(now) < hidden.score(now) < loud.score(now)
    assert abs(hidden.score(now) - HIDDEN_LEVEL) < 0.01


def test_nobody_heard_yet() -> None:
    assert Voice().score(1e9) == 0.0
