"""What arrives: whom it is heard from, what is shown, and what asks for a key frame."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from media.audio.opus import Encoder
from media.audio.pcm import FRAME_SAMPLES, SILENCE
from media.audio.redundancy import pack
from media.audio.synthetic import Speech
from media.control import Event, Heard, Picture, Seen, SetView, Speaking
from media.receiving import KEY_FRAME_REQUEST_INTERVAL, AudioReception, VideoReception, Views
from media.video.synthetic import SyntheticFace
from media.video.vp8 import Encoder as Vp8Encoder


class Listener:
    """An audio reception driven by a clock of our own."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.reception = AudioReception(self.events.append)

    def play(self, frames: int, *leaves: int, start: float = 0.0) -> list[np.ndarray]:
        """Let each leaf speak for so many frames; return what is heard."""
        encoders = {leaf: (Encoder(), iter(Speech(leaf))) for leaf in leaves}
        heard = []
        for number in range(frames):
            now = start + number * 0.02
            for leaf, (encoder, voice) in encoders.items():
                payload = pack(None, encoder.encode(next(voice)))
                self.reception.push(leaf, number, payload, round(now * 48_000), now)
            heard.append(self.reception.pull(now + 0.01))
        return heard

    def of(self, kind: type) -> list[Event]:
        return [event for event in self.events if isinstance(event, kind)]


def test_everybody_is_heard_once_and_marked_while_speaking() -> None:
    listener = Listener()
    listener.play(100, 3, 5)
    assert sorted(event.leaf for event in listener.of(Heard)) == [3, 5]
    assert {event.leaf for event in listener.of(Speaking) if event.on} == {3, 5}


def test_nobody_is_heard_before_a_sound_was_decoded() -> None:
    listener = Listener()
    listener.reception.push(1, 0, b"", 0, 0.0)
    listener.reception.push(1, 1, b"\x00\xff\xff\xff", 960, 0.0)
    for number in range(20):
        listener.reception.pull(number * 0.02)
    assert listener.events == []


def test_a_voice_that_ends_is_no_longer_marked() -> None:
    listener = Listener()
    listener.play(100, 3)
    for number in range(50):
        listener.reception.pull(2.0 + number * 0.02)
    assert listener.of(Speaking)[-1] == Speaking(3, on=False)


def test_gain_holds_before_and_after_the_first_frame() -> None:
    listener = Listener()
    listener.reception.set_gain(3, 0.0)
    assert all(not frame.any() for frame in listener.play(50, 3))
    assert listener.reception.apart[3].any()  # a gain is for the mix alone
    listener.reception.set_gain(3, 1.0)
    assert any(frame.any() for frame in listener.play(50, 3, start=2.0))


def test_silence_is_pulled_when_nobody_is_here() -> None:
    listener = Listener()
    assert listener.reception.pull(0.0) is SILENCE
    assert listener.reception.concealed_ratio() == {}


def test_who_is_forgotten_is_silent_unmarked_and_may_be_heard_anew() -> None:
    listener = Listener()
    listener.play(100, 3)
    listener.reception.forget(3)
    assert listener.of(Speaking)[-1] == Speaking(3, on=False)
    assert listener.reception.pull(2.0) is SILENCE
    listener.play(20, 3, start=3.0)
    assert len(listener.of(Heard)) == 2
    listener.reception.close()


def taken(*frames: tuple[int, int]) -> list[bool]:
    """Which frames (counter, timestamp in frames), arriving 20 ms apart, are played at all."""
    listener = Listener()
    payload = pack(None, Encoder().encode(next(iter(Speech(1)))))
    seen = []
    for number, (counter, place) in enumerate(frames):
        listener.reception.push(1, counter, payload, place * FRAME_SAMPLES % (1 << 32), number / 50)
        stats = listener.reception._voices[1].buffer.stats
        seen.append(stats.received + stats.duplicate + stats.late)
    return [after > before for before, after in zip([0, *seen], seen, strict=False)]


def test_attack_the_server_has_words_played_in_another_order() -> None:
    assert taken((0, 0), (1, 5), (2, 1), (3, 2)) == [True, True, False, False]
    assert taken((4, 4), (0, 5), (1, 6)) == [True, False, False]
    assert taken((0, 0), (1, 0), (2, 1)) == [True, False, False]  # one on top of another


def test_honest_frames_that_overtake_each_other_wrap_or_pause_are_all_taken() -> None:
    assert taken((1, 1), (0, 0), (2, 2), (5, 5), (3, 3), (4, 4)) == [True] * 6
    near = (1 << 32) // FRAME_SAMPLES
    assert taken((0, near), (1, near + 1), (2, near + 2)) == [True] * 3
    assert taken((0, 0), (1, 40), (2, 41)) == [True] * 3


class Watcher:
    """A video reception, the key frames it asked for and the pictures it gave."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.requests: list[int] = []
        self.views = Views(self.events.append)
        self.reception = VideoReception(self.events.append, self.views, self.requests.append)

    def of(self, kind: type) -> list[Event]:
        return [event for event in self.events if isinstance(event, kind)]


def encoded(count: int, *keys: int) -> list[bytes]:
    face, encoder = SyntheticFace(1, 160, 120), Vp8Encoder()
    return [encoder.encode(face.draw(n / 10), key=n in keys).data for n in range(count)]


FRAMES = encoded(8, 0, 5)


def test_pictures_come_in_the_size_of_the_view_only_while_wanted() -> None:
    watcher = Watcher()
    watcher.reception.push(2, 0, 0, FRAMES[0], 0.0)
    watcher.views.set(SetView(2, 40, 24))
    watcher.reception.push(2, 0, 1, FRAMES[1], 0.1)
    watcher.views.set(SetView(2, 0, 0))
    watcher.reception.push(2, 0, 2, FRAMES[2], 0.2)
    assert watcher.of(Seen) == [Seen(2)]
    (picture,) = watcher.of(Picture)
    assert (picture.width, picture.height, len(picture.rgb)) == (40, 24, 40 * 24 * 3)
    assert watcher.requests == []


def test_inter_frame_first_asks_for_a_key_frame_at_a_bounded_rate() -> None:
    watcher = Watcher()
    for number in range(1, 5):
        watcher.reception.push(2, 3, number, FRAMES[number], number * 0.1)
    assert watcher.requests == [3]
    watcher.reception.push(2, 3, 4, FRAMES[4], 0.1 + KEY_FRAME_REQUEST_INTERVAL)
    assert watcher.requests == [3]  # the same frame again changes nothing
    watcher.reception.push(2, 3, 5, FRAMES[6], 0.1 + KEY_FRAME_REQUEST_INTERVAL)
    assert watcher.requests == [3, 3]
    assert watcher.events == []


def test_a_gap_freezes_the_picture_until_a_key_frame() -> None:
    watcher = Watcher()
    watcher.views.set(SetView(2, 16, 12))
    for number in (0, 1, 3, 4, 5, 6):
        watcher.reception.push(2, 0, number, FRAMES[number], number * 0.1)
    assert len(watcher.of(Picture)) == 4  # 0, 1, 5, 6
    assert watcher.requests == [0]


def test_an_overtaken_frame_is_dropped_quietly() -> None:
    watcher = Watcher()
    watcher.views.set(SetView(2, 16, 12))
    for number in (5, 4, 6):
        watcher.reception.push(2, 0, number, FRAMES[number], 0.0)
    assert len(watcher.of(Picture)) == 2
    assert watcher.requests == []


def test_a_leaf_that_moves_to_another_slot_goes_on_without_a_key_frame() -> None:
    watcher = Watcher()
    for number, slot in enumerate((0, 0, 4, 4)):
        watcher.reception.push(2, slot, number, FRAMES[number], 0.0)
    assert watcher.requests == []


def test_who_is_forgotten_is_seen_anew() -> None:
    watcher = Watcher()
    watcher.views.set(SetView(2, 16, 12))
    watcher.reception.push(2, 0, 7, FRAMES[0], 0.0)
    watcher.reception.forget(2)
    watcher.views.forget(2)
    watcher.reception.push(2, 0, 0, FRAMES[0], 0.0)
    assert len(watcher.of(Seen)) == 2
    assert len(watcher.of(Picture)) == 1


def test_a_view_is_never_larger_than_bearable() -> None:
    watcher = Watcher()
    watcher.views.set(SetView(2, 1_000_000, 1))
    watcher.views.show(2, np.zeros((12, 16, 3), np.uint8))
    assert watcher.of(Picture)[0].width == 4096
    watcher.views.set(SetView(2, -1, 5))
    assert not watcher.views.wants(2)


def test_attack_a_member_floods_with_pictures_that_are_large_to_decode() -> None:
    encoder = Vp8Encoder(1280, 720)
    flat = encoder.encode(np.full((720, 1280, 3), 128, np.uint8), key=True).data
    assert len(flat) < 2000  # hundreds a second fit into what the server forwards
    watcher = Watcher()
    watcher.views.set(SetView(2, 16, 12))
    watcher.views.set(SetView(3, 16, 12))
    for number in range(100):
        watcher.reception.push(2, 0, number, flat, number / 250)
    watcher.reception.push(3, 1, 0, FRAMES[0], 0.4)  # nobody else suffers
    assert len([event for event in watcher.of(Picture) if event.leaf == 2]) <= 6
    assert watcher.of(Picture)[-1].leaf == 3


@given(st.lists(st.tuples(st.integers(0, 1 << 40), st.binary(max_size=60)), max_size=20))
def test_hostile_frames_of_a_member_never_raise(frames: list[tuple[int, bytes]]) -> None:
    watcher, listener = Watcher(), Listener()
    watcher.reception.push(2, 0, 0, FRAMES[0], 0.0)
    for number, (counter, data) in enumerate(frames):
        watcher.reception.push(2, 0, counter, FRAMES[0][:10] + data, 0.0)
        watcher.reception.push(2, 0, counter, data, 0.0)
        listener.reception.push(2, number, data, counter & 0xFFFF_FFFF, number * 0.02)
        assert listener.reception.pull(number * 0.02).shape == (FRAME_SAMPLES,)
