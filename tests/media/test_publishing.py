"""What leaves: only with a key, with a true clock, and no more key frames than bearable."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from e2ee.media_keys import MediaKeyring, Stream
from media.audio.opus import Decoder
from media.audio.pcm import FRAME_SAMPLES, SILENCE
from media.audio.redundancy import unpack
from media.audio.synthetic import Speech
from media.engine.embedded_session import MAX_AUDIO_PAYLOAD
from media.publishing import KEY_FRAME_INTERVAL, AudioPublication, VideoPublication
from media.video.frame_tag import clear_bytes, is_key_frame
from media.video.synthetic import SyntheticFace
from media.video.vp8 import HEIGHT, WIDTH

MEMBERS = frozenset({0, 1})


class Recorder:
    """Where an engine would be: keeps what it is handed."""

    def __init__(self) -> None:
        self.audio: list[tuple[bytes, int, int | None]] = []
        self.video: list[tuple[bytes, int, bool]] = []

    def send_audio(self, payload: bytes, timestamp: int, level: int | None) -> None:
        self.audio.append((payload, timestamp, level))

    def send_video(self, payload: bytes, timestamp: int, *, key_frame: bool) -> None:
        self.video.append((payload, timestamp, key_frame))


def ring(leaf: int) -> MediaKeyring:
    keyring = MediaKeyring()
    keyring.install(1, bytes(16), leaf, MEMBERS, now=0.0, send_after=0.0)
    return keyring


class Sender:
    """An audio and a video publication into a recorder, and who can open what they sent."""

    def __init__(
        self,
        keyring: MediaKeyring | None = None,
        *,
        share_level: bool = True,
        constant: bool = True,
    ) -> None:
        self.engine = Recorder()
        self.keyring = keyring or ring(0)
        self.receiver = ring(1)
        self.speaking: list[bool] = []
        self.audio = AudioPublication(
            self.engine,
            self.keyring,
            share_level=share_level,
            constant_bitrate=constant,
            on_speaking=self.speaking.append,
        )
        self.video = VideoPublication(self.engine, self.keyring)

    def opened(self, number: int) -> bytes:
        return self.receiver.open(self.engine.audio[number][0], now=0.0).plaintext


PICTURE = SyntheticFace(1, WIDTH, HEIGHT).draw(0.0)


def test_a_frame_leaves_encrypted_with_the_one_before_it() -> None:
    sender = Sender()
    for number, frame in zip(range(3), Speech(1)):
        sender.audio.push(frame, number * 0.02, crowded=True)
    first, second = unpack(sender.opened(0)), unpack(sender.opened(1))
    assert first[0] is None
    assert second[0] == first[1]
    assert Decoder().decode(second[1]).shape == (FRAME_SAMPLES,)
    assert second[1] not in sender.engine.audio[1][0]


FRAMES = [*[SILENCE] * 5, *(frame for _, frame in zip(range(60), Speech(2)))]


def sizes(sender: Sender, start: int) -> set[int]:
    """Say all frames from a moment on; return the sizes of the packets, but for the first ones."""
    before = len(sender.engine.audio)
    for number, frame in enumerate(FRAMES, start):
        sender.audio.push(frame, number * 0.02, crowded=True)
    return {len(payload) for payload, _, _ in sender.engine.audio[before + 10 :]}


def test_every_packet_has_one_size_whatever_is_said() -> None:
    assert len(sizes(Sender(), 0)) == 1


def test_attack_sizes_tell_what_is_said_only_while_they_may() -> None:
    sender = Sender(constant=False)
    assert len(sizes(sender, 0)) > 10
    sender.audio.set_privacy(share_level=True, constant_bitrate=True)
    assert len(sizes(sender, 100)) == 1
    sender.audio.set_privacy(share_level=True, constant_bitrate=False)
    assert len(sizes(sender, 200)) > 10


def test_no_noise_makes_a_packet_that_cannot_be_sent() -> None:
    sender = Sender(constant=False)
    noise = np.random.default_rng(1)
    for number in range(100):
        loud = noise.integers(-32768, 32768, FRAME_SAMPLES).astype(np.int16)
        sender.audio.push(loud * (number % 7 > 2), number * 0.02, crowded=True)
    assert max(len(payload) for payload, _, _ in sender.engine.audio) <= MAX_AUDIO_PAYLOAD


def test_the_level_can_be_hidden_in_the_middle_of_a_call() -> None:
    sender = Sender()
    sender.audio.push(SILENCE, 0.0, crowded=True)
    sender.audio.set_privacy(share_level=False, constant_bitrate=True)
    sender.audio.push(SILENCE, 0.02, crowded=True)
    assert [level for _, _, level in sender.engine.audio] == [0, None]


def test_timestamps_follow_the_clock_through_a_pause() -> None:
    sender = Sender()
    for now in (0.0, 0.02, 0.04, 5.04, 5.06):
        sender.audio.push(SILENCE, now, crowded=True)
    stamps = [timestamp for _, timestamp, _ in sender.engine.audio]
    steps = [(b - a) % (1 << 32) for a, b in itertools.pairwise(stamps)]
    assert steps == [960, 960, 250 * 960, 960]
    assert unpack(sender.opened(3))[0] is None


def test_the_level_is_coarse_or_not_told() -> None:
    loud = np.full(FRAME_SAMPLES, 20_000, np.int16)
    open_sender, discreet = Sender(), Sender(share_level=False)
    for sender in (open_sender, discreet):
        sender.audio.push(SILENCE, 0.0, crowded=True)
        sender.audio.push(loud, 0.02, crowded=True)
    assert [level for _, _, level in open_sender.engine.audio] == [0, 3]
    assert [level for _, _, level in discreet.engine.audio] == [None, None]


def test_the_level_is_not_told_where_nobody_has_to_choose() -> None:
    sender = Sender()
    for crowded in (False, True, False):
        sender.audio.push(SILENCE, 0.0, crowded=crowded)
    assert [level for _, _, level in sender.engine.audio] == [None, 0, None]


def test_nothing_is_encoded_or_told_without_a_key() -> None:
    sender = Sender(MediaKeyring())
    for number, frame in zip(range(50), Speech(1)):
        sender.audio.push(frame, number * 0.02, crowded=True)
        sender.video.push(PICTURE, number * 0.02)
    assert sender.engine.audio == []
    assert sender.engine.video == []
    assert sender.speaking == []
    assert not sender.audio.is_publishing(1.0)
    assert not sender.video.is_publishing(1.0)


def test_publishing_is_what_left_in_the_last_200_ms() -> None:
    sender = Sender()
    assert not sender.audio.is_publishing(0.0)
    sender.audio.push(SILENCE, 1.0, crowded=True)
    sender.video.push(PICTURE, 1.0)
    for publication in (sender.audio, sender.video):
        assert publication.is_publishing(1.19)
        assert not publication.is_publishing(1.21)


def test_silence_after_a_stop_ends_the_speaking_mark_once() -> None:
    sender = Sender()
    loud = np.full(FRAME_SAMPLES, 20_000, np.int16)
    for number in range(5):
        sender.audio.push(loud, number * 0.02, crowded=True)
    sender.audio.silence()
    sender.audio.silence()
    assert sender.speaking == [True, False]


def test_video_leaves_with_the_codec_prefix_readable_and_the_rest_not() -> None:
    sender = Sender()
    sender.video.push(PICTURE, 0.0)
    sender.video.push(PICTURE, 0.1)
    for number, (payload, _, is_key) in enumerate(sender.engine.video):
        clear = clear_bytes(payload)
        assert clear == (10 if is_key else 3)
        opened = sender.receiver.open(payload, clear=clear, now=0.0)
        assert (opened.stream, opened.counter) == (Stream.VIDEO, number)
        assert is_key_frame(opened.plaintext) == is_key
    stamps = [timestamp for _, timestamp, _ in sender.engine.video]
    assert (stamps[1] - stamps[0]) % (1 << 32) == pytest.approx(9000, abs=1)


def test_flood_of_key_frame_requests_makes_two_a_second_at_most() -> None:
    sender = Sender()
    for number in range(30):
        sender.video.want_key_frame()
        sender.video.push(PICTURE, number * 0.1)
    keys = [number for number, (_, _, is_key) in enumerate(sender.engine.video) if is_key]
    assert keys == list(range(0, 30, round(KEY_FRAME_INTERVAL / 0.1)))


def test_a_key_frame_is_made_only_when_asked_for() -> None:
    sender = Sender()
    for number in range(20):
        sender.video.push(PICTURE, number * 0.1)
    assert [is_key for _, _, is_key in sender.engine.video].count(True) == 1
