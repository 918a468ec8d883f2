"""Messages survive the wire, everything else is refused in one way."""

from __future__ import annotations

import typing
from collections.abc import Callable
from typing import Any

import hypothesis.strategies as st
import msgspec
import pytest
from hypothesis import given, settings

from e2ee.file_chunks import ID_LENGTH, SEALED_LENGTH
from media.engine.ports import IceCandidate, MediaAnswer, MediaOffer, TransportParameters
from rooms import wire
from rooms.errors import WireError

fixed = settings(max_examples=80, deadline=None, derandomize=True, database=None)

lines = st.text(max_size=80)
numbers = st.integers(1, 0xFFFF_FFFF)
epochs = st.integers(0, 0xFFFF_FFFF_FFFF)
blobs = st.binary(min_size=1, max_size=100)
versions = st.integers(-(1 << 63), (1 << 64) - 1)
rooms = st.binary(min_size=16, max_size=16)
candidates = st.builds(
    IceCandidate,
    lines,
    st.integers(1, 2),
    st.integers(0, 0xFFFF_FFFF),
    lines,
    st.integers(1, 65535),
    st.sampled_from(["host", "srflx", "prflx", "relay"]),
)
transports = st.builds(
    TransportParameters,
    lines,
    lines,
    st.lists(candidates, max_size=3),
    st.binary(min_size=32, max_size=32),
    st.booleans(),
)
names = st.from_regex(r"[a-z]{3,8}", fullmatch=True)
shares = st.binary(min_size=65, max_size=65)
confirmations = st.binary(min_size=32, max_size=32)
slots = st.lists(numbers, max_size=9)
chunks = (
    st.binary(min_size=ID_LENGTH, max_size=ID_LENGTH),
    epochs,
    st.integers(0, 319),
    st.integers(0, 255).map(lambda byte: bytes([byte]) * SEALED_LENGTH),
)
joiners = st.lists(st.builds(wire.Joiner, numbers, st.integers(0, 0xFFF)), min_size=1, max_size=3)

CLIENT: dict[type, st.SearchStrategy[Any]] = {
    wire.OpenRoom: st.builds(wire.OpenRoom, rooms, versions),
    wire.Knock: st.builds(wire.Knock, rooms, blobs, versions),
    wire.SubmitCommit: st.builds(
        wire.SubmitCommit,
        epochs,
        blobs,
        st.none() | st.builds(wire.WelcomeFor, blobs, joiners),
        st.lists(numbers, max_size=3),
    ),
    wire.Refuse: st.builds(wire.Refuse, numbers),
    wire.NameDoorkeepers: st.builds(
        wire.NameDoorkeepers, st.lists(numbers, max_size=16), st.lists(numbers, max_size=16)
    ),
    wire.Propose: st.builds(wire.Propose, blobs),
    wire.SendApplication: st.builds(wire.SendApplication, blobs),
    wire.SendChunk: st.builds(wire.SendChunk, *chunks),
    wire.ChunkTaken: st.just(wire.ChunkTaken()),
    wire.SendHeartbeat: st.builds(wire.SendHeartbeat, blobs),
    wire.StartMedia: st.builds(
        wire.StartMedia, st.builds(MediaOffer, transports, numbers, numbers)
    ),
    wire.NameRoom: st.builds(wire.NameRoom, names),
    wire.TryPasscode: st.builds(wire.TryPasscode, names, shares, versions),
    wire.ConfirmPasscode: st.builds(wire.ConfirmPasscode, confirmations),
    wire.ReplyPasscode: st.builds(wire.ReplyPasscode, numbers, blobs),
    wire.RefusePasscode: st.builds(wire.RefusePasscode, numbers),
    wire.CountRoom: st.builds(wire.CountRoom, rooms, versions),
    wire.Leave: st.just(wire.Leave()),
}
SERVER: dict[type, st.SearchStrategy[Any]] = {
    wire.RoomOpened: st.builds(wire.RoomOpened, numbers),
    wire.KnockReceived: st.builds(wire.KnockReceived, numbers, blobs),
    wire.KnockWithdrawn: st.builds(wire.KnockWithdrawn, numbers),
    wire.KnockWaiting: st.builds(wire.KnockWaiting, numbers),
    wire.Welcomed: st.builds(wire.Welcomed, blobs),
    wire.CommitAccepted: st.builds(wire.CommitAccepted, epochs),
    wire.CommitRejected: st.builds(wire.CommitRejected, epochs),
    wire.CommitDelivered: st.builds(wire.CommitDelivered, epochs, blobs),
    wire.ProposalDelivered: st.builds(wire.ProposalDelivered, blobs),
    wire.ApplicationDelivered: st.builds(wire.ApplicationDelivered, blobs),
    wire.ApplicationAccepted: st.just(wire.ApplicationAccepted()),
    wire.ChunkDelivered: st.builds(wire.ChunkDelivered, *chunks),
    wire.ChunkAccepted: st.just(wire.ChunkAccepted()),
    wire.HeartbeatDelivered: st.builds(wire.HeartbeatDelivered, blobs),
    wire.ParticipantGone: st.builds(wire.ParticipantGone, numbers),
    wire.MediaStarted: st.builds(
        wire.MediaStarted, st.builds(MediaAnswer, transports, slots, slots)
    ),
    wire.RoomNamed: st.builds(wire.RoomNamed, names),
    wire.NameTaken: st.builds(wire.NameTaken, names),
    wire.PasscodeTried: st.builds(wire.PasscodeTried, numbers, shares),
    wire.PasscodeConfirmed: st.builds(wire.PasscodeConfirmed, numbers, confirmations),
    wire.PasscodeGone: st.builds(wire.PasscodeGone, numbers),
    wire.PasscodeReplied: st.builds(wire.PasscodeReplied, blobs),
    wire.PasscodeRefused: st.just(wire.PasscodeRefused()),
    wire.RoomCount: st.builds(wire.RoomCount, st.integers(0, 4096)),
    wire.Refused: st.just(wire.Refused()),
    wire.Removed: st.just(wire.Removed()),
    wire.ServerError: st.builds(wire.ServerError, lines, lines, st.booleans()),
}
DECODERS: list[Callable[[bytes], object]] = [
    wire.decode_client,
    wire.decode_server,
]


def raw(**fields: object) -> bytes:
    """The bytes of a map as somebody else might write it."""
    return msgspec.msgpack.encode(fields)


# --- round trips ---


def test_every_message_is_tried() -> None:
    assert set(CLIENT) == set(typing.get_args(wire.ClientMessage))
    assert set(SERVER) == set(typing.get_args(wire.ServerMessage))


def test_tags_are_distinct() -> None:
    for kinds in (CLIENT, SERVER):
        assert len({kind.__struct_config__.tag for kind in kinds}) == len(kinds)


@fixed
@given(st.one_of(*CLIENT.values()))
def test_client_messages_round_trip(message: wire.ClientMessage) -> None:
    assert wire.decode_client(wire.encode(message)) == message


@fixed
@given(st.one_of(*SERVER.values()))
def test_server_messages_round_trip(message: wire.ServerMessage) -> None:
    assert wire.decode_server(wire.encode(message)) == message


def test_what_travels_is_written_down() -> None:
    # Spelled out once: a renamed field would pass every round trip and break every other client.
    assert msgspec.msgpack.decode(wire.encode(wire.Knock(bytes(16), b"sealed"))) == {
        "t": "knock",
        "room": bytes(16),
        "sealed": b"sealed",
        "version": 1,
        "ticket": b"",
    }


def test_lists_of_a_commit_may_be_left_out() -> None:
    data = raw(t="commit", epoch=3, commit=b"c")
    assert wire.decode_client(data) == wire.SubmitCommit(3, b"c", None, [])


# --- refusals ---


@fixed
@given(st.binary(max_size=300), st.sampled_from(DECODERS))
def test_attack_random_bytes(data: bytes, decode: Callable[[bytes], object]) -> None:
    with pytest.raises(WireError):
        decode(data)


@fixed
@given(st.one_of(*CLIENT.values()), st.data())
def test_attack_a_message_with_bytes_changed(message: wire.ClientMessage, data: st.DataObject):
    good = bytearray(wire.encode(message))
    for _ in range(data.draw(st.integers(1, 3))):
        good[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))
    try:
        changed = wire.decode_client(bytes(good))
    except WireError:
        return
    assert type(changed) in CLIENT  # another value, and still a whole and valid one
    assert wire.decode_client(wire.encode(changed)) == changed


@fixed
@given(st.one_of(*SERVER.values()), st.data())
def test_attack_a_message_cut_short_or_prolonged(message: wire.ServerMessage, data) -> None:
    good = wire.encode(message)
    with pytest.raises(WireError):
        wire.decode_server(good[: data.draw(st.integers(0, len(good) - 1))])
    with pytest.raises(WireError):
        wire.decode_server(good + b"\xc0")


CHUNK = {"t": "send_chunk", "file": bytes(16), "epoch": 0, "index": 0, "sealed": bytes(32816)}
JOINER = {"t": "joiner", "participant": 1, "leaf": 1}


def welcome(joiners: list[dict[str, object]]) -> dict[str, object]:
    return {"t": "welcome_for", "welcome": b"w", "joiners": joiners}


@pytest.mark.parametrize(
    "fields",
    [
        {"t": "open"},
        {"t": "open", "room": bytes(15)},
        {"t": "open", "room": bytes(17)},
        {"t": "open", "room": "r" * 16},
        {"t": "open", "room": bytes(16), "version": 1.5},
        {"t": "open", "room": bytes(16), "extra": 1},
        {"t": "open", "room": bytes(16), "ticket": bytes(17)},
        {"room": bytes(16)},
        {"t": "OPEN", "room": bytes(16)},
        {"t": "opened", "participant": 1},
        {"t": "welcome_for", "welcome": b"w", "joiners": [JOINER]},
        {"t": "knock", "room": bytes(16), "sealed": b""},
        {"t": "knock", "room": bytes(16), "sealed": bytes(16 * 1024 + 1)},
        {"t": "refuse", "participant": 0},
        {"t": "refuse", "participant": -1},
        {"t": "refuse", "participant": 1 << 32},
        {"t": "refuse", "participant": True},
        {"t": "commit", "epoch": -1, "commit": b"c"},
        {"t": "commit", "epoch": 1 << 48, "commit": b"c"},
        {"t": "commit", "epoch": 0, "commit": b""},
        {"t": "commit", "epoch": 0, "commit": bytes(wire.MAX_HANDSHAKE + 1)},
        {"t": "commit", "epoch": 0, "commit": b"c", "removes": [1] * 65},
        {"t": "commit", "epoch": 0, "commit": b"c", "removes": [0]},
        {"t": "commit", "epoch": 0, "commit": b"c", "welcome": b"w"},
        {"t": "commit", "epoch": 0, "commit": b"c", "welcome": welcome(joiners=[])},
        {"t": "commit", "epoch": 0, "commit": b"c", "welcome": welcome(joiners=[{"t": "joiner"}])},
        {"t": "commit", "epoch": 0, "commit": b"c", "welcome": welcome(joiners=[JOINER] * 65)},
        {"t": "send_application", "message": None},
        CHUNK | {"file": bytes(15)},
        CHUNK | {"index": -1},
        CHUNK | {"index": 320},
        CHUNK | {"sealed": bytes(32815)},
        CHUNK | {"sealed": bytes(32817)},
        {"t": "start_media", "offer": {"transport": {}, "audio_ssrc": 1, "video_ssrc": 2}},
    ],
    ids=lambda fields: str(fields)[:100],
)
def test_attack_fields_out_of_bounds(fields: dict[str, object]) -> None:
    with pytest.raises(WireError):
        wire.decode_client(raw(**fields))


def test_a_chunk_within_bounds_is_taken() -> None:
    assert isinstance(wire.decode_client(raw(**CHUNK)), wire.SendChunk)


def test_each_direction_knows_its_own_messages_only() -> None:
    with pytest.raises(WireError):
        wire.decode_client(wire.encode(wire.Removed()))
    with pytest.raises(WireError):
        wire.decode_server(wire.encode(wire.Leave()))


def test_attack_a_message_larger_than_allowed() -> None:
    with pytest.raises(WireError, match="larger"):
        wire.decode_client(bytes(wire.MAX_MESSAGE + 1))


def test_attack_deep_nesting() -> None:
    with pytest.raises(WireError):
        wire.decode_client(b"\x91" * 100_000 + b"\x01")


def test_attack_a_length_that_promises_gigabytes() -> None:
    with pytest.raises(WireError):
        wire.decode_client(b"\x82\xa1t\xa4open\xa4room\xc6\xff\xff\xff\xff")


def test_attack_text_that_is_no_unicode() -> None:
    with pytest.raises(WireError):
        wire.decode_server(b"\x83\xa1t\xa5error\xa4code\xa1\xff\xa7message\xa1x")


def test_refusals_repeat_nothing() -> None:
    with pytest.raises(WireError) as error:
        wire.decode_client(raw(t="open", room="hunter2"))
    assert "hunter2" not in str(error.value)
