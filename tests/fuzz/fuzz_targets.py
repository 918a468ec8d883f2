"""What is fuzzed: each target takes any bytes, and raises only if the product has a fault.

One target a reader of hostile bytes. Hypothesis runs them in the suite (`test_targets.py`), atheris
guides them by coverage (`coverage_guided.py`). Nothing in here knows either of the two.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, fields, is_dataclass

import fuzz_seeds as seeds
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from fuzz_seeds import BASE_KEY, KEY, NOW, PSKS, ROOM, STATE

from e2ee import heartbeat as heartbeats
from e2ee import lobby, sframe, sshsig
from e2ee.errors import KeysError, LinkError, MalformedError, SottovoceError
from e2ee.identity import NAMESPACE, proof_message, read_credential
from e2ee.link import Link
from e2ee.media_keys import MediaKeyring, Stream, key_id
from e2ee.mls.codec import decode
from e2ee.mls.constants import ContentType, WireFormat
from e2ee.mls.framing import (
    AuthenticatedContent,
    FramedContent,
    Sender,
    read_content,
)
from e2ee.mls.group import Group
from e2ee.mls.key_package import read_key_package
from e2ee.mls.message import decode_message, encode_message
from e2ee.mls.private_message import PrivateMessage
from e2ee.mls.ratchet_tree import RatchetTree
from e2ee.mls.tree_validation import validate_tree
from media.rtp import demux, feedback, packet
from media.transport import binding
from media.video import assemble
from rooms import wire
from rooms.errors import WireError
from rooms.hall import Hall
from rooms.limits import Limits
from rooms.member_wire import decode_member
from rooms.passcode_desk import PasscodeDesk

MAX_INPUT = 4096
"""Longest input, bytes: every reader's own bounds are tested where they are."""


@dataclass(frozen=True)
class Target:
    """`run` raises only for a fault; `seeds` makes real inputs to start from."""

    run: Callable[[bytes], None]
    seeds: Callable[[], list[bytes]]


def fingerprint(value: object) -> object:
    """Return everything a value holds, secrets included, to be compared."""
    if isinstance(value, RatchetTree):
        return value.encode()
    if is_dataclass(value) and not isinstance(value, type):
        return [(field.name, fingerprint(getattr(value, field.name))) for field in fields(value)]
    if isinstance(value, dict):
        return [(key, fingerprint(item)) for key, item in value.items()]
    if isinstance(value, tuple | list):
        return [fingerprint(item) for item in value]
    return value if isinstance(value, bytes | int | str | None) else repr(value)


@contextmanager
def unchanged(holder: object, kind: type[SottovoceError] = KeysError) -> Iterator[None]:
    """Let an error of ours pass, if it left `holder` exactly as it was."""
    before = copy.deepcopy(fingerprint(vars(holder)))
    try:
        yield
    except kind:
        assert fingerprint(vars(holder)) == before, "a refusal changed the state"


def _fork(group: Group) -> Group:
    assert group._epoch is not None
    return Group(group._epoch)


# --- keys ---


def mls_message(data: bytes) -> None:
    """Whatever decodes encodes to the same bytes."""
    try:
        body = decode_message(data)
    except KeysError:
        return
    assert encode_message(body) == data


def mls_group(data: bytes) -> None:
    """A stranger sends anything to a member."""
    group = _fork(seeds.trio().ann)
    with unchanged(group):
        group.process(data, psks=PSKS, now=NOW)


def mls_member(data: bytes) -> None:
    """A member sends any content, encrypted and signed as it must be: the first byte is its type.

    A Commit's confirmation tag is left false, so that none is ever followed.
    """
    if not data:
        return
    try:
        kind = ContentType(data[0])
        content = decode(lambda reader: read_content(reader, kind), data[1:])
    except (ValueError, MalformedError):
        return
    state, group = seeds.trio().host._epoch, _fork(seeds.trio().ann)
    assert state is not None
    framed = FramedContent(ROOM, state.context.epoch, Sender.member(state.leaf), content)
    signed = AuthenticatedContent.sign(
        framed, state.context, state.signing_key, WireFormat.PRIVATE_MESSAGE
    )
    if kind is ContentType.COMMIT:
        signed = signed.with_confirmation(bytes(32))
    message, _ = PrivateMessage.protect(signed, state.secrets.sender_data_secret, state.keys)
    with unchanged(group):
        group.process(encode_message(message), psks=PSKS, now=NOW)


def mls_welcome(data: bytes) -> None:
    """Anything comes in place of a Welcome; what only repeats the real one may join."""
    try:
        group = Group.join(data, seeds.trio().bundle, psks=PSKS, required_psk=b"link")
    except KeysError:
        return
    assert group.epoch_authenticator == seeds.trio().bob.epoch_authenticator


def mls_tree(data: bytes) -> None:
    """The ratchet tree that comes inside a Welcome."""
    try:
        tree = RatchetTree.decode(data)
        assert RatchetTree.decode(tree.encode()).encode() == tree.encode()
        validate_tree(tree, ROOM, {STATE: b"state"})
    except KeysError:
        return


def key_package(data: bytes) -> None:
    """A KeyPackage and the credential in it, as a host reads them."""
    try:
        found = read_key_package(data, now=NOW)
        read_credential(found.identity, signature_key=found.signature_key, room_id=ROOM)
    except KeysError:
        return


def credential(data: bytes) -> None:
    """A credential by itself, and its parts as an SSH signature and a key."""
    message = proof_message(signature_key=bytes(32), room_id=ROOM, name="ann")
    for attempt in (
        lambda: read_credential(data, signature_key=bytes(32), room_id=ROOM),
        lambda: sshsig.verify(data, message, NAMESPACE, seeds.identity().public_blob),
        lambda: sshsig.verify(seeds.signature(), message, NAMESPACE, data),
    ):
        try:
            attempt()
        except KeysError:
            continue


def knock(data: bytes) -> None:
    """A knock as it comes, and one whose sender has the link."""
    padded = data + bytes(max(0, lobby.PADDED_SIZES[0] - len(data)))
    sealed = AESGCM(KEY).encrypt(bytes(12), padded, b"sottovoce knock" + ROOM)
    for attempt in (data, bytes(12) + sealed):
        try:
            lobby.open_knock(KEY, ROOM, attempt)
        except KeysError:
            continue


def heartbeat(data: bytes) -> None:
    """A heartbeat as it comes, and one whose sender has the link: nothing but its own passes."""
    group = seeds.trio().ann
    length = heartbeats.SEALED_LENGTH - heartbeats.NONCE_LENGTH - heartbeats.TAG_LENGTH
    plaintext = data[:length].ljust(length, b"\0")
    sealed = AESGCM(KEY).encrypt(bytes(12), plaintext, b"sottovoce heartbeat" + ROOM)
    for attempt in (data, bytes(12) + sealed):
        with unchanged(group):
            opened = heartbeats.open_heartbeat(KEY, ROOM, attempt)
            said = opened.verify(ROOM, group.members[0])
            assert said.leaf == 0
            assert said.epoch_hash == heartbeats.epoch_hash(group.epoch_authenticator)


def passcode(data: bytes) -> None:
    """A server answers who tries a passcode, and delivers; somebody tries one at a host."""
    exchange = seeds.passcode_exchange()
    for asking in (exchange.asking, exchange.answered):
        fresh = copy.copy(asking)
        fresh._exchange = copy.copy(asking._exchange)
        with suppress(SottovoceError):
            fresh.delivered(data, bytes(16), "h")
        with suppress(SottovoceError):
            fresh.answered(data)
    desk = PasscodeDesk(exchange.link, exchange.code)
    desk.prepared(exchange.code, exchange.stretched)
    with suppress(SottovoceError):
        desk.answer(1, data, 0.0)
    with suppress(SottovoceError):
        desk.confirm(1, data)
    assert len(desk._askers) <= 1


def link(data: bytes) -> None:
    """A link as somebody pasted it; what is read reads the same again."""
    try:
        found = Link.parse(data.decode(errors="replace"))
    except LinkError:
        return
    assert Link.parse(found.to_text()) == found


def media_frame(data: bytes) -> None:
    """An SFrame as it comes, and one sealed by a member under any header."""
    ring = MediaKeyring()
    ring.install(1, BASE_KEY, 0, frozenset({0, 1}), now=0.0, send_after=0.0)
    ring.open(
        sframe.encrypt(sframe.derive_key(BASE_KEY, key_id(Stream.AUDIO, 1, 1)), 5, b"x"), now=0.0
    )
    for attempt in (data, *_resealed(data)):
        for clear in (0, 10):
            books = {k: (r.newest, r.seen) for k, r in ring._epochs[1].receivers.items()}
            try:
                ring.open(attempt, clear=clear, now=0.0)
            except KeysError:
                after = {k: (r.newest, r.seen) for k, r in ring._epochs[1].receivers.items()}
                assert all(after[kid] == book for kid, book in books.items())
            assert len(ring._epochs[1].receivers) <= len(Stream)


def _resealed(data: bytes) -> list[bytes]:
    try:
        header = sframe.parse_header(data)
    except KeysError:
        return []
    key = sframe.derive_key(BASE_KEY, header.kid)
    return [sframe.encrypt(key, header.ctr, data[header.length :])]


# --- messages ---


def wire_messages(data: bytes) -> None:
    """A message to the server, to a client, and between members."""
    for read in (wire.decode_client, wire.decode_server):
        try:
            message = read(data)
        except WireError:
            continue
        assert read(wire.encode(message)) == message
    for plaintext in (data, len(data).to_bytes(2, "big") + data + bytes(-(len(data) + 2) % 4096)):
        try:
            decode_member(plaintext)
        except WireError:
            continue


def hall(data: bytes) -> None:
    """Anything as the first message of a connection, while a room with its host is open."""
    place = Hall(Limits())
    place.connected(1, 0.0)
    place.received(1, wire.encode(wire.OpenRoom(ROOM)), 0.0)
    place.received(1, wire.encode(wire.NameRoom("banana")), 0.0)
    place.connected(2, 0.0)
    place.received(2, data, 0.0)
    assert len(place.connections) <= 2
    assert len(place.rooms) <= 2
    for _, message in place.outbox:
        wire.decode_server(wire.encode(message))


# --- media ---


def datagrams(data: bytes) -> None:
    """A datagram: STUN, RTP, RTCP."""
    kind = demux.classify(data)
    demux.sender_ssrc(data.ljust(12, b"\0"), kind)
    request = binding.parse_request(data)
    if request is not None:
        request.authenticate("password")
    found = packet.parse(data)
    if found is not None:
        assert packet.parse(packet.serialise(found)) is not None
    assert len(feedback.parse(data)) <= feedback.MAX_PARTS * 31


def frames(data: bytes) -> None:
    """Packets of a picture: pieces of 8 bytes, which say how far to step and what to hold."""
    assembler = assemble.FrameAssembler()
    sequence = 0
    for start in range(0, len(data), 8):
        piece = data[start : start + 8]
        sequence += int.from_bytes(piece[:2], "big", signed=True)
        marker = bool(piece[-1] & 1)
        assembler.push(sequence & 0xFFFF, piece[0] >> 7, marker, piece[2:])
        assert len(assembler._packets) <= assemble.WINDOW


TARGETS: dict[str, Target] = {
    "mls_message": Target(mls_message, seeds.messages),
    "mls_group": Target(mls_group, seeds.messages),
    "mls_member": Target(mls_member, lambda: list(seeds.trio().contents)),
    "mls_welcome": Target(mls_welcome, lambda: [seeds.trio().welcome]),
    "mls_tree": Target(mls_tree, seeds.trees),
    "key_package": Target(key_package, seeds.key_packages),
    "credential": Target(credential, lambda: [seeds.credential(), seeds.signature()]),
    "knock": Target(knock, seeds.knocks),
    "heartbeat": Target(heartbeat, seeds.heartbeats),
    "passcode": Target(passcode, lambda: list(seeds.passcode_exchange().messages)),
    "link": Target(link, seeds.links),
    "media_frame": Target(media_frame, seeds.media_frames),
    "wire_messages": Target(wire_messages, seeds.wire_messages),
    "hall": Target(hall, seeds.wire_messages),
    "datagrams": Target(datagrams, seeds.datagrams),
    "frames": Target(frames, seeds.frames),
}


def planted(data: bytes) -> None:
    """A fault behind a decoder's branches: a fuzzer that never gets here looks at nothing."""
    try:
        found = sframe.parse_header(data)
    except KeysError:
        return
    if found.kid > 0x1000 and found.ctr > 0x1000:
        raise AssertionError("the planted fault")


PLANTED = Target(planted, lambda: [b"\0"])
