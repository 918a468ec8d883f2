"""Real inputs to start fuzzing from, and the group they are of."""

from __future__ import annotations

import copy
import functools
from dataclasses import dataclass

import msgspec

from e2ee import sframe, sshsig
from e2ee.heartbeat import LABEL, Heartbeat, epoch_hash, seal_heartbeat
from e2ee.identity import DeviceIdentity
from e2ee.link import Link
from e2ee.media_keys import Stream, key_id
from e2ee.mls.framing import encode_content
from e2ee.mls.group import Group, SigningKey
from e2ee.mls.key_package import KeyPackageBundle, new_key_package
from e2ee.mls.message import decode_message
from e2ee.mls.private_message import PrivateMessage
from e2ee.passcode import Passcode
from e2ee.sshsig import join_strings
from media.engine.ports import IceCandidate, MediaOffer, TransportParameters
from media.rtp import feedback
from media.rtp.streams import OutgoingStream
from media.video import packets
from rooms import wire
from rooms.member_wire import Chat, FileOffer, Presence, Reaction, encode_member
from rooms.passcode_desk import PasscodeDesk
from rooms.passcode_join import PasscodeAsking

NOW = 1_800_000_000
ROOM = bytes(range(16))
PSKS = {b"link": bytes(32)}
BASE_KEY = bytes(range(16))
KEY = bytes(16)
"""Of knocks and heartbeats."""
STATE, REPLACES = 0xF0A0, 0xF0A1


@dataclass(frozen=True)
class Trio:
    """A group of three, and what was sent on the way there and from there on."""

    host: Group
    ann: Group
    bob: Group
    bundle: KeyPackageBundle
    welcome: bytes
    messages: tuple[bytes, ...]
    contents: tuple[bytes, ...]
    """Kind and encoded content of each message."""


@functools.cache
def trio() -> Trio:
    """Make the group, once."""
    host = Group.create(
        group_id=ROOM,
        signing_key=SigningKey.generate(),
        identity=b"host",
        extensions={STATE: b"state"},
        now=NOW,
    )
    ann, bob = (
        new_key_package(SigningKey.generate(), name, now=NOW, extensions_supported=(STATE,))
        for name in (b"ann", b"bob")
    )
    pending = host.commit(adds=[ann.message, bob.message], psks=PSKS, path=True, now=NOW)
    host.merge(pending)
    assert pending.welcome is not None
    groups = [Group.join(pending.welcome, b, psks=PSKS, required_psk=b"link") for b in (ann, bob)]
    # Built without being merged: what follows all starts from one epoch.
    carol = new_key_package(SigningKey.generate(), b"carol", now=NOW, extensions_supported=(STATE,))
    messages = (
        host.protect(b"hello"),
        host.commit(adds=[carol.message], psks=PSKS, path=True, now=NOW).message,
        host.commit(removes=[2], now=NOW).message,
        groups[1].propose_remove(2),
        groups[1].propose_update(),
    )
    contents = tuple(_content_of(groups[0], message) for message in messages)
    return Trio(host, *groups, bob, pending.welcome, messages, contents)


def _content_of(group: Group, message: bytes) -> bytes:
    body, state = decode_message(message), group._epoch
    assert isinstance(body, PrivateMessage)
    assert state is not None
    content = state.open(body)[0].authenticated.content
    return bytes([content.content_type]) + encode_content(content.content)


@functools.cache
def identity() -> DeviceIdentity:
    """Return a device."""
    return DeviceIdentity.generate()


@functools.cache
def credential() -> bytes:
    return identity().prove(bytes(32), ROOM, "ann")


def signature() -> bytes:
    """Return the signature in its credential."""
    return credential()[credential().index(sshsig.MAGIC) :]  # its last part


def key_packages() -> list[bytes]:
    key = SigningKey.generate()
    proof = identity().prove(key.public, ROOM, "ann")
    usual = new_key_package(key, proof, now=NOW, extensions_supported=(STATE,))
    place = {REPLACES: bytes(68)}
    back = new_key_package(key, proof, now=NOW, extensions_supported=(STATE,), extensions=place)
    return [usual.message, back.message]


def trees() -> list[bytes]:
    state = trio().host._epoch
    assert state is not None
    return [state.tree.encode()]


def messages() -> list[bytes]:
    return [*trio().messages, trio().welcome, *key_packages()]


def knocks() -> list[bytes]:
    made = []
    for package in key_packages():
        length = len(package).to_bytes(2, "big")
        made += [(head + length + package).ljust(1024, b"\0") for head in (b"", b"\1")]
    return made


def heartbeats() -> list[bytes]:
    group = trio().host
    said = Heartbeat(group.leaf, group.epoch, epoch_hash(group.epoch_authenticator), NOW * 1000)
    content = join_strings(ROOM, said.encode())
    return [seal_heartbeat(KEY, group, sent=1), said.encode() + group.sign(LABEL, content)]


@dataclass(frozen=True)
class PasscodeExchange:
    """A passcode that was proved: the joiner before and after the host's answer, all messages."""

    code: Passcode
    link: Link
    stretched: int
    asking: PasscodeAsking
    answered: PasscodeAsking
    messages: tuple[bytes, ...]


@functools.cache
def passcode_exchange() -> PasscodeExchange:
    """Prove one, once: stretching takes a while."""
    code, room = (
        Passcode("banana", ("acorn", "bicycle", "august")),
        Link("h", ROOM, ROOM, bytes(16)),
    )
    asking, desk = PasscodeAsking(code), PasscodeDesk(room, code)
    answered = copy.copy(asking)
    answered._exchange = copy.copy(asking._exchange)
    answer = desk.answer(1, asking.share, 0.0)
    confirmation = answered.answered(answer)
    messages = (asking.share, answer, confirmation, desk.confirm(1, confirmation))
    return PasscodeExchange(code, room, code.stretch(), asking, answered, messages)


def links() -> list[bytes]:
    return [
        Link("[::1]:8443", bytes(16), bytes(16), pin).to_text().encode() for pin in (None, ROOM)
    ]


def media_frames() -> list[bytes]:
    keys = [sframe.derive_key(BASE_KEY, key_id(stream, 1, 1)) for stream in Stream]
    return [sframe.encrypt(key, counter, b"frame") for key in keys for counter in (0, 6, 1 << 40)]


def wire_messages() -> list[bytes]:
    candidate = IceCandidate("1", 1, 1, "127.0.0.1", 9, "host")
    offer = MediaOffer(TransportParameters("ufrag", "password", [candidate], bytes(32)), 1, 2)
    welcome = wire.WelcomeFor(b"welcome", [wire.Joiner(2, 1), wire.Joiner(3, 2)])
    sent = [
        wire.OpenRoom(ROOM),
        wire.Knock(ROOM, b"sealed"),
        wire.SubmitCommit(0, b"commit", welcome, [3]),
        wire.SendApplication(b"message"),
        wire.SendHeartbeat(b"sealed"),
        wire.StartMedia(offer),
        wire.NameRoom("banana"),
        wire.TryPasscode("banana", bytes(65)),
        wire.ConfirmPasscode(bytes(32)),
        wire.ReplyPasscode(1, b"reply"),
        wire.CountRoom(ROOM),
        wire.Leave(),
        wire.KnockReceived(2, b"sealed"),
        wire.KnockWaiting(2, attended=False),
        wire.PasscodeTried(1, bytes(65)),
        wire.PasscodeReplied(b"reply"),
        wire.RoomCount(2),
        wire.CommitDelivered(1, b"commit"),
        wire.ServerError("wire.malformed", "what happened"),
    ]
    said = [
        Chat(bytes(8), "hello", 1),
        Chat(bytes(8), "hello", 1, reply_to=bytes(8)),
        Reaction(bytes(8), "👍", on=True),
        FileOffer(bytes(16), "report.pdf", 7, bytes(32), bytes(32)),
        Presence(1, muted=True, camera=False, recording=True),
    ]
    members = [form(one) for one in said for form in (msgspec.msgpack.encode, encode_member)]
    return [*map(wire.encode, sent), *members]


def datagrams() -> list[bytes]:
    stream = OutgoingStream(5, 111)
    (media,) = stream.pack([b"payload"], 960)
    return [media, feedback.sender_report(stream, 1.0), feedback.key_frame_request(1, 2)]


def frames() -> list[bytes]:
    payloads = [piece[:6] for number in range(4) for piece in packets.packetize(b"ab", number)]
    return [b"".join(b"\0\1" + payload for payload in payloads)]
