"""Media keys: who may be heard, in which epoch, how often, and for how long."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from e2ee import sframe
from e2ee.errors import (
    AuthenticationError,
    KeysError,
    MalformedError,
    ReplayError,
    UnknownKeyError,
)
from e2ee.media_keys import (
    GRACE,
    MAX_LEAF,
    REPLAY_WINDOW,
    MediaKeyring,
    Stream,
    key_id,
)

MEMBERS = frozenset({0, 1, 2})


def base_key(epoch: int) -> bytes:
    return epoch.to_bytes(16, "big")


def install(ring: MediaKeyring, epoch: int, leaf: int, now: float, send_after: float = 0.0) -> None:
    ring.install(epoch, base_key(epoch), leaf, MEMBERS, now=now, send_after=send_after)


def ring_of(leaf: int, *epochs: int) -> MediaKeyring:
    ring = MediaKeyring()
    for epoch in epochs or (7,):
        install(ring, epoch, leaf, now=0.0)
    return ring


def seal(
    ring: MediaKeyring, frame: bytes = b"voice", stream: Stream = Stream.AUDIO, *, clear: int = 0
) -> bytes:
    sealed = ring.seal(stream, frame, clear=clear, now=0.0)
    assert sealed is not None
    return sealed


def test_the_sender_is_proven_by_the_key() -> None:
    ada, bob = ring_of(0), ring_of(1)
    opened = bob.open(seal(ada), now=0.0)
    assert opened == (0, Stream.AUDIO, 7, 0, b"voice")


def test_the_key_id_is_stream_leaf_and_epoch() -> None:
    assert key_id(Stream.VIDEO, 3, 0x1FF) == 1 << 20 | 3 << 8 | 0xFF
    header = sframe.parse_header(seal(ring_of(2), stream=Stream.VIDEO))
    assert header.kid == 1 << 20 | 2 << 8 | 7


def test_the_clear_prefix_travels_readable_and_authenticated() -> None:
    picture = bytes(range(50))
    sealed = seal(ring_of(0), picture, Stream.VIDEO, clear=10)
    assert sealed[:10] == picture[:10]
    assert picture[10:] not in sealed
    assert ring_of(1).open(sealed, clear=10, now=0.0).plaintext == picture


def test_flipped_bits_in_the_clear_prefix_are_refused() -> None:
    sealed = seal(ring_of(0), bytes(range(50)), Stream.VIDEO, clear=10)
    bob = ring_of(1)
    for position in range(80):
        changed = bytearray(sealed)
        changed[position // 8] ^= 1 << position % 8
        with pytest.raises(AuthenticationError):
            bob.open(bytes(changed), clear=10, now=0.0)
    assert bob.open(sealed, clear=10, now=0.0).leaf == 0


def test_moved_border_of_the_clear_prefix_is_refused() -> None:
    sealed = seal(ring_of(0), bytes(range(50)), Stream.VIDEO, clear=10)
    for clear in (0, 3, 9, 11):
        with pytest.raises(KeysError):
            ring_of(1).open(sealed, clear=clear, now=0.0)


def test_replayed_frame_is_refused() -> None:
    ada, bob = ring_of(0), ring_of(1)
    first, second = seal(ada), seal(ada)
    bob.open(second, now=0.0)
    bob.open(first, now=0.0)
    for frame in (first, second):
        with pytest.raises(ReplayError):
            bob.open(frame, now=0.0)


def test_frame_older_than_the_replay_window_is_refused() -> None:
    ada, bob = ring_of(0), ring_of(1)
    frames = [seal(ada) for _ in range(REPLAY_WINDOW + 1)]
    bob.open(frames[-1], now=0.0)
    with pytest.raises(ReplayError):
        bob.open(frames[0], now=0.0)
    assert bob.open(frames[1], now=0.0).counter == 1


def test_forged_counter_does_not_move_the_replay_window() -> None:
    ada, bob = ring_of(0), ring_of(1)
    genuine = seal(ada)
    forged = sframe.encode_header(key_id(Stream.AUDIO, 0, 7), 1 << 40) + bytes(40)
    with pytest.raises(AuthenticationError):
        bob.open(forged, now=0.0)
    assert bob.open(genuine, now=0.0).counter == 0


def test_frame_under_a_leaf_that_is_not_in_the_epoch_is_refused() -> None:
    outsider = MediaKeyring()
    outsider.install(7, base_key(7), 9, MEMBERS | {9}, now=0.0, send_after=0.0)
    with pytest.raises(UnknownKeyError, match="not in the room"):
        ring_of(1).open(seal(outsider), now=0.0)


def test_own_frame_reflected_by_the_server_is_refused() -> None:
    ada = ring_of(0)
    with pytest.raises(UnknownKeyError):
        ada.open(seal(ada), now=0.0)


def test_frame_of_an_unknown_stream_is_refused() -> None:
    kid = 2 << 20 | 0 << 8 | 7
    frame = sframe.encrypt(sframe.derive_key(base_key(7), kid), 0, b"voice")
    with pytest.raises(UnknownKeyError):
        ring_of(1).open(frame, now=0.0)


def test_audio_frame_relabelled_as_video_is_refused() -> None:
    sealed = seal(ring_of(0))
    header = sframe.parse_header(sealed)
    relabelled = sframe.encode_header(key_id(Stream.VIDEO, 0, 7), 0) + sealed[header.length :]
    with pytest.raises(AuthenticationError):
        ring_of(1).open(relabelled, now=0.0)


def test_frame_of_an_epoch_we_do_not_hold_is_refused() -> None:
    with pytest.raises(UnknownKeyError, match="epoch"):
        ring_of(1, 7).open(seal(ring_of(0, 8)), now=0.0)


def test_a_new_epoch_opens_at_once_and_seals_after_its_delay() -> None:
    ada, bob = ring_of(0, 7), ring_of(1, 7)
    install(ada, 8, 0, now=100.0, send_after=1.0)
    install(bob, 8, 1, now=100.0, send_after=0.0)
    assert ada.open(seal_at(bob, 100.0), now=100.0).epoch == 8
    assert bob.open(seal_at(ada, 100.9), now=100.9).epoch == 7
    assert bob.open(seal_at(ada, 101.0), now=101.0).epoch == 8


def seal_at(ring: MediaKeyring, now: float) -> bytes:
    sealed = ring.seal(Stream.AUDIO, b"voice", now=now)
    assert sealed is not None
    return sealed


def test_removal_overtakes_a_slower_epoch_and_is_never_undone() -> None:
    ada = ring_of(0, 7)
    install(ada, 8, 0, now=0.0, send_after=1.0)
    install(ada, 9, 0, now=0.1, send_after=0.3)
    bob = ring_of(1, 7, 8, 9)
    assert [bob.open(seal_at(ada, now), now=now).epoch for now in (0.2, 0.4, 1.0, 5.0)] == [
        7,
        9,
        9,
        9,
    ]


def test_frame_of_an_old_epoch_after_the_grace_is_refused() -> None:
    ada, bob = ring_of(0, 7), ring_of(1, 7)
    early, late = seal(ada), seal(ada)
    install(bob, 8, 1, now=100.0, send_after=1.0)
    assert bob.open(early, now=101.0 + GRACE - 0.1).epoch == 7
    with pytest.raises(UnknownKeyError):
        bob.open(late, now=101.0 + GRACE)
    assert bob.epochs == (8,)


def test_keys_go_in_silence_too() -> None:
    bob = ring_of(1, 7)
    install(bob, 8, 1, now=100.0, send_after=1.0)
    bob.advance(101.0 + GRACE)
    assert bob.epochs == (8,)


def test_wiped_keys_open_and_seal_nothing() -> None:
    ada, bob = ring_of(0), ring_of(1)
    frame = seal(ada)
    held = bob._epochs[7]
    bob.wipe()
    with pytest.raises(UnknownKeyError):
        bob.open(frame, now=0.0)
    assert bob.seal(Stream.AUDIO, b"voice", now=0.0) is None
    assert held.base_key == bytes(16)
    assert not held.receivers


def test_after_a_wipe_any_epoch_may_come_and_counters_go_on() -> None:
    ada, bob = ring_of(0, 7), ring_of(1, 3)
    seal(ada)
    ada.wipe()
    install(ada, 3, 0, now=0.0)
    frame = seal(ada)
    assert bob.open(frame, now=0.0).counter == 1


def test_two_epochs_with_the_same_low_byte_are_never_confused() -> None:
    ada, bob = ring_of(0, 7), ring_of(1, 7)
    frame = seal(ada)
    install(bob, 7 + 256, 1, now=0.0)
    with pytest.raises(AuthenticationError):
        bob.open(frame, now=0.0)
    assert bob.open(seal(ring_of(0, 7 + 256)), now=0.0).epoch == 263


def test_stopping_seals_nothing_whatever_key_comes_until_resumed() -> None:
    ada = ring_of(0, 7)
    install(ada, 8, 0, now=0.0, send_after=1.0)
    ada.stop()
    for epoch, now in ((8, 2.0), (9, 4.0)):
        install(ada, epoch, 0, now=now)
        assert ada.seal(Stream.AUDIO, b"voice", now=now + 1) is None
        assert not ada.can_seal(now + 1)
    ada.resume()
    sealed = ada.seal(Stream.AUDIO, b"voice", now=6.0)
    assert sealed is not None
    assert sframe.parse_header(sealed).kid & 0xFF == 9


def test_stopping_still_opens_frames_and_wipes_old_keys() -> None:
    ada, bob = ring_of(0, 7), ring_of(1, 7)
    bob.stop()
    assert bob.open(seal(ada), now=0.0).leaf == 0
    install(bob, 8, 1, now=1.0)
    bob.advance(1.0 + GRACE)
    assert bob.epochs == (8,)


def test_no_counter_is_used_twice_across_epochs_and_reinstalls() -> None:
    ada = ring_of(0, 7)
    counters = [sframe.parse_header(seal(ada)).ctr for _ in range(3)]
    install(ada, 7, 0, now=0.0)
    counters.append(sframe.parse_header(seal(ada)).ctr)
    install(ada, 8, 0, now=0.0)
    counters.append(sframe.parse_header(seal(ada)).ctr)
    assert counters == [0, 1, 2, 3, 4]


def test_reinstalling_an_epoch_does_not_reopen_the_replay_window() -> None:
    bob = ring_of(1, 7)
    frame = seal(ring_of(0, 7))
    bob.open(frame, now=0.0)
    install(bob, 7, 1, now=0.0)
    with pytest.raises(ReplayError):
        bob.open(frame, now=0.0)


def test_old_epoch_and_second_key_of_one_epoch_are_refused() -> None:
    ring = ring_of(0, 7)
    with pytest.raises(KeysError):
        install(ring, 6, 0, now=0.0)
    with pytest.raises(KeysError):
        ring.install(7, bytes(16), 0, MEMBERS, now=0.0, send_after=0.0)
    assert ring.epochs == (7,)


@pytest.mark.parametrize(("leaf", "key"), [(MAX_LEAF + 1, bytes(16)), (-1, bytes(16)), (0, b"x")])
def test_key_that_does_not_fit_is_refused(leaf: int, key: bytes) -> None:
    ring = MediaKeyring()
    with pytest.raises(MalformedError):
        ring.install(1, key, leaf, MEMBERS, now=0.0, send_after=0.0)
    assert ring.epochs == ()


def test_secrets_are_hidden_in_repr() -> None:
    ada, bob = ring_of(0), ring_of(1)
    opened = bob.open(seal(ada, b"secret voice"), now=0.0)
    assert "secret" not in repr(opened)
    assert "bytearray" not in repr(bob._epochs[7])
    assert "Receiver" not in repr(bob._epochs[7])


@given(st.binary(max_size=80), st.integers(0, 12))
def test_random_bytes_raise_only_keys_errors(data: bytes, clear: int) -> None:
    bob = ring_of(1)
    with pytest.raises(KeysError):
        bob.open(data, clear=clear, now=0.0)


@given(st.permutations(range(12)), st.lists(st.integers(0, 11), max_size=12))
def test_every_frame_opens_once_in_any_order(order: list[int], again: list[int]) -> None:
    ada, bob = ring_of(0), ring_of(1)
    frames = [seal(ada) for _ in range(12)]
    assert [bob.open(frames[i], now=0.0).counter for i in order] == order
    for i in again:
        with pytest.raises(ReplayError):
            bob.open(frames[i], now=0.0)
