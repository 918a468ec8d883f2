"""`docs/protocol.md` is enough: a client written from it alone and ours understand each other."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import msgspec
import pytest
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from e2ee import (
    appointment,
    file_chunks,
    heartbeat,
    identity,
    lobby,
    passcode,
    sframe,
    verification,
)
from e2ee.errors import LinkError
from e2ee.link import Link, host_hash, room_keys
from e2ee.media_keys import MediaKeyring, Stream, key_id
from e2ee.mls.cipher_suite import CLASSIC
from e2ee.mls.group import Group, SigningKey
from e2ee.mls.key_package import new_key_package
from e2ee.spoken_words import SPOKEN_WORDS
from media.audio import redundancy
from rooms import member_wire, passcode_desk, policy, replacing, wire
from rooms.offers import read_offers
from tests.docs import second_client as theirs

SECRET = bytes(range(16))
KEYS = room_keys(SECRET)
ROOM = KEYS.room_id
OWN = Ed25519PrivateKey.from_private_bytes(bytes(range(0x20, 0x40)))
OURS = identity.DeviceIdentity(OWN)
MLS_KEY = bytes([7] * 32)
NOW = 1_800_000_000
PIN = bytes(range(0xA0, 0xB0))


def test_nothing_of_ours_is_in_the_second_client() -> None:
    tree = ast.parse(Path(theirs.__file__).read_text())
    names = {
        (node.module or "") if isinstance(node, ast.ImportFrom) else node.names[0].name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    outside = {name.partition(".")[0] for name in names} - sys.stdlib_module_names
    assert outside == {"cryptography", "msgspec"}


def test_the_words_of_the_document_are_ours() -> None:
    assert tuple(theirs.WORDS) == SPOKEN_WORDS


# --- the link and what comes of it ---


@pytest.mark.parametrize("server", ["calls.example", "calls.example:8443", "[2001:db8::1]:9"])
@pytest.mark.parametrize("pin", [None, PIN])
def test_a_link_is_read_alike(server: str, pin: bytes | None) -> None:
    text = Link(server, SECRET, host_hash(OURS.public_blob), pin).to_text()
    read = theirs.read_link(text)
    host, port = read.host, read.port
    assert f"{f'[{host}]' if ':' in host else host}:{port}" == (
        server if server.endswith(("8443", "9")) else f"{server}:443"
    )
    assert (read.secret, read.pin) == (SECRET, pin)
    assert read.host_hash == theirs.host_hash(theirs.identity_blob(OWN))
    loud = text.replace("/r/#", "/r#").replace(text[-26:], text[-26:].upper())
    assert theirs.read_link(loud) == read
    assert Link.parse(loud) == Link.parse(text)


@pytest.mark.parametrize("damage", ["", ".", "b", "aa", "!" * 26, "a" * 25 + "b"])
def test_what_is_no_link_is_none_to_both(damage: str) -> None:
    text = Link("x", SECRET, bytes(16), None).to_text()
    for broken in (text[:-26] + damage, text + "." + damage, text[:-1] + damage):
        with pytest.raises(LinkError):
            Link.parse(broken)
        with pytest.raises(ValueError):
            theirs.read_link(broken)


def test_the_keys_of_a_room_are_the_same() -> None:
    lengths = {"room id": 16, "link psk id": 16, "link psk": 32}
    derived = [theirs.derived(SECRET, name, size) for name, size in lengths.items()]
    assert derived == [KEYS.room_id, KEYS.psk_id, KEYS.psk]
    both = [theirs.derived(SECRET, f"{name} key", 16) for name in ("lobby", "heartbeat")]
    assert both == [KEYS.lobby_key, KEYS.heartbeat_key]


def test_a_passcode_gets_the_link_from_our_host_and_a_wrong_one_does_not() -> None:
    link = Link("x:1", SECRET, bytes(16), PIN)
    host = passcode_desk.PasscodeDesk(link, passcode.parse_passcode("banana acorn bicycle august"))
    joiner = theirs.Joiner("banana-acorn-bicycle-august")
    confirmation = joiner.confirm(host.answer(1, joiner.share, now=0.0))
    assert joiner.link(host.confirm(1, confirmation)) == link.to_text()
    wrong = theirs.Joiner("banana-acorn-bicycle-autumn")
    with pytest.raises(ValueError, match="another passcode"):
        wrong.confirm(host.answer(2, wrong.share, now=1.0))


# --- messages ---

MESSAGES = [
    (wire.OpenRoom(ROOM), {"t": "open", "room": ROOM, "version": 1, "leaf": 0, "ticket": b""}),
    (
        wire.Knock(ROOM, b"sealed", ticket=bytes(16)),
        {"t": "knock", "room": ROOM, "sealed": b"sealed", "version": 1, "ticket": bytes(16)},
    ),
    (
        wire.SubmitCommit(7, b"c", wire.WelcomeFor(b"w", [wire.Joiner(2, 1)]), [3]),
        {
            "t": "commit",
            "epoch": 7,
            "commit": b"c",
            "welcome": {
                "t": "welcome_for",
                "welcome": b"w",
                "joiners": [{"t": "joiner", "participant": 2, "leaf": 1}],
            },
            "removes": [3],
        },
    ),
    (wire.SendApplication(b"m"), {"t": "send_application", "message": b"m"}),
    (wire.SendHeartbeat(b"h"), {"t": "send_heartbeat", "sealed": b"h"}),
    (wire.Leave(), {"t": "leave"}),
]


@pytest.mark.parametrize(("ours", "fields"), MESSAGES, ids=[row[1]["t"] for row in MESSAGES])
def test_messages_are_the_maps_that_are_written_down(
    ours: wire.ClientMessage, fields: dict[str, object]
) -> None:
    told = msgspec.msgpack.decode(wire.encode(ours))
    assert {**fields, **told} == fields
    backwards = dict(reversed(fields.items()))  # the order of the keys means nothing
    for sent in (fields, backwards):
        assert wire.decode_client(msgspec.msgpack.encode(sent)) == ours


@pytest.mark.parametrize("text", ["hello", "ü" * 300, "x" * 3500])
def test_what_members_say_is_padded_alike(text: str) -> None:
    ours = member_wire.Chat(id=bytes(8), text=text, sent=1_800_000_000_000)
    fields = {"id": bytes(8), "text": text, "sent": 1_800_000_000_000, "reply_to": None}
    assert member_wire.decode_member(theirs.application_data("chat", **fields)) == ours
    assert theirs.read_application_data(member_wire.encode_member(ours)) == {"t": "chat", **fields}
    assert len(member_wire.encode_member(ours)) == len(theirs.application_data("chat", **fields))


@pytest.mark.parametrize(
    ("ours", "fields"),
    [
        (
            member_wire.Chat(bytes(8), "yes", 1, reply_to=b"answered"),
            {"t": "chat", "id": bytes(8), "text": "yes", "sent": 1, "reply_to": b"answered"},
        ),
        (
            member_wire.Reaction(b"answered", "👍", on=True),
            {"t": "reaction", "chat": b"answered", "emoji": "👍", "on": True},
        ),
        (
            member_wire.Presence(2, muted=True, camera=False, recording=True),
            {"t": "presence", "participant": 2, "muted": True, "camera": False, "recording": True},
        ),
        (
            member_wire.Presence(2, muted=True, camera=False),
            {"t": "presence", "participant": 2, "muted": True, "camera": False},
        ),
    ],
)
def test_members_say_the_maps_that_are_written_down(
    ours: member_wire.MemberMessage, fields: dict[str, object]
) -> None:
    assert member_wire.decode_member(theirs.application_data(fields.pop("t"), **fields)) == ours
    told = theirs.read_application_data(member_wire.encode_member(ours))
    assert {**told, **fields} == told


# --- identities ---


def test_credentials_are_the_same_bytes() -> None:
    proof = theirs.credential(OWN, MLS_KEY, ROOM, "Ada")
    assert theirs.identity_blob(OWN) == OURS.public_blob
    assert proof == OURS.prove(MLS_KEY, ROOM, "Ada")
    read = identity.read_credential(proof, signature_key=MLS_KEY, room_id=ROOM)
    assert (read.name, read.public_blob) == ("Ada", OURS.public_blob)


def test_everybody_reads_the_same_code() -> None:
    blobs = {3: b"three", 0: b"zero"}
    ours = verification.verification_code(b"authenticator", blobs)
    digits, words = theirs.verification_code(b"authenticator", blobs)
    assert (tuple(digits), tuple(words)) == (ours.digits, ours.words)


# --- MLS, as far as it is ours ---


@pytest.fixture(scope="module")
def group() -> Group:
    """A group of one, whose MLS key the other client has as well."""
    return Group.create(
        group_id=ROOM,
        signing_key=SigningKey.generate(),
        identity=b"Ada",
        extensions={},
        now=NOW,
    )


def raw(key: SigningKey) -> Ed25519PrivateKey:
    found = next(
        value for name in dir(key) if isinstance(value := getattr(key, name), Ed25519PrivateKey)
    )
    return Ed25519PrivateKey.from_private_bytes(found.private_bytes_raw())


def test_a_knock_opens_on_either_side_and_for_no_other_room() -> None:
    message = new_key_package(
        SigningKey.generate(), b"Ada", now=NOW, extensions_supported=(0xF0A0, 0xF0A1)
    ).message
    for packages in ([message], [message] * 8):
        sealed = theirs.knock(KEYS.lobby_key, ROOM, packages)
        assert lobby.open_knock(KEYS.lobby_key, ROOM, sealed) == tuple(packages)
        ours = lobby.seal_knock(KEYS.lobby_key, ROOM, packages)
        assert theirs.open_knock(KEYS.lobby_key, ROOM, ours) == packages
        assert len(ours) == len(sealed)
    with pytest.raises(InvalidTag):
        theirs.open_knock(KEYS.lobby_key, bytes(16), ours)


@pytest.mark.parametrize("place", [None, 5])
def test_a_knock_made_from_nothing_is_one_to_our_hosts(place: int | None) -> None:
    key, old = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    mls_key = key.public_key().public_bytes_raw()
    proof = theirs.credential(OWN, mls_key, ROOM, "Ada")
    back = {} if place is None else {0xF0A1: theirs.replaces(old, ROOM, place, mls_key)}
    public = [X25519PrivateKey.generate().public_key() for _ in range(2)]
    package = theirs.key_package(key, proof, *public, now=NOW, extensions=back)
    offers = read_offers(KEYS, theirs.knock(KEYS.lobby_key, ROOM, [package]), now=NOW)
    assert (offers.credential.name, offers.credential.public_blob) == ("Ada", OURS.public_blob)
    assert offers.signature_key == mls_key
    assert offers.key_packages == {CLASSIC.id: package}
    assert [place.leaf for place in offers.places] == ([] if place is None else [place])


def test_key_packages_are_the_same_bytes() -> None:
    key = SigningKey.generate()
    ours = new_key_package(
        key, b"Ada", now=NOW, extensions={0xF0A1: b"back"}, extensions_supported=(0xF0A0, 0xF0A1)
    )
    private = [
        X25519PrivateKey.from_private_bytes(one) for one in (ours.init_key, ours.encryption_key)
    ]
    public = [one.public_key() for one in private]
    extensions = {0xF0A1: b"back"}
    written = theirs.key_package(raw(key), b"Ada", *public, now=NOW, extensions=extensions)
    assert written == ours.message


def test_a_new_room_has_the_same_state() -> None:
    blob = OURS.public_blob
    assert theirs.first_room_state(blob) == policy.RoomState(hosts=(blob,)).encode()


def test_an_appointment_is_the_same_bytes(group: Group) -> None:
    ours = appointment.appoint(b"proof", group.signing_key, room_id=ROOM, cohost=b"blob")
    assert ours == theirs.appointment(raw(group.signing_key), b"proof", ROOM, b"blob")


def test_a_place_is_asked_for_in_the_same_bytes(group: Group) -> None:
    own = replacing.encode_places(replacing.places_of(group, MLS_KEY))
    assert own == {0xF0A1: theirs.replaces(raw(group.signing_key), ROOM, group.leaf, MLS_KEY)}


def test_heartbeats_are_believed_on_either_side(group: Group) -> None:
    key, authenticator = raw(group.signing_key), group.epoch_authenticator
    sealed = theirs.heartbeat(
        key, KEYS.heartbeat_key, ROOM, leaf=0, epoch=0, authenticator=authenticator, sent=77
    )
    opened = heartbeat.open_heartbeat(KEYS.heartbeat_key, ROOM, sealed)
    said = opened.verify(ROOM, group.members[0])
    ours = heartbeat.seal_heartbeat(KEYS.heartbeat_key, group, sent=77)
    mls_key = group.members[0].signature_key
    read = theirs.read_heartbeat(mls_key, KEYS.heartbeat_key, ROOM, ours)
    assert read == (said.leaf, said.epoch, said.epoch_hash, said.sent)
    assert len(ours) == len(sealed) == 144
    with pytest.raises(InvalidSignature):
        theirs.read_heartbeat(OWN.public_key().public_bytes_raw(), KEYS.heartbeat_key, ROOM, ours)


# --- files ---


def test_files_are_the_same_bytes_and_read_on_either_side(group: Group) -> None:
    content = bytes(range(256)) * 300
    ours = file_chunks.Content(content)
    exported = group.export("sottovoce file", ours.id, 32)
    key = theirs.chunk_key(exported, ours.key)
    assert key == file_chunks.chunk_key(ours.key, ours.id, group)
    first, pieces = theirs.file_pieces(ours.id, content)
    assert first == ours.first_hash
    sealed = [theirs.seal_piece(key, ours.id, i, piece) for i, piece in enumerate(pieces)]
    assert sealed == [ours.seal(i, group) for i in range(ours.count)]
    assert theirs.read_pieces(key, ours.id, len(content), first, sealed) == content


def test_a_file_is_announced_in_words_both_know() -> None:
    fields = {"id": bytes(16), "name": "a.pdf", "size": 7, "first": bytes(32), "key": bytes(32)}
    said = member_wire.decode_member(theirs.application_data("file", **fields))
    assert said == member_wire.FileOffer(*fields.values())
    assert theirs.read_application_data(member_wire.encode_member(said)) == {"t": "file", **fields}


# --- frames ---


@pytest.mark.parametrize("ctr", [0, 7, 8, 255, 256, 1 << 40])
@pytest.mark.parametrize(("stream", "leaf", "epoch"), [(0, 0, 5), (0, 3, 258), (1, 4095, 1 << 40)])
def test_frames_are_the_same_bytes(stream: int, leaf: int, epoch: int, ctr: int) -> None:
    base, clear = bytes(range(0x40, 0x50)), b"abc" * stream
    kid = theirs.frame_kid(stream, leaf, epoch)
    assert kid == key_id(Stream(stream), leaf, epoch)
    ours = clear + sframe.encrypt(sframe.derive_key(base, kid), ctr, b"words", clear)
    assert theirs.frame(base, kid, ctr, b"words", clear) == ours


def test_a_receiver_of_ours_hears_the_second_client() -> None:
    keyring = MediaKeyring()
    keyring.install(258, bytes(16), 0, frozenset({0, 3}), now=0.0, send_after=0.0)
    plain = theirs.audio_plaintext(b"before", b"now")
    sent = theirs.frame(bytes(16), theirs.frame_kid(0, 3, 258), 0, plain)
    heard = keyring.open(sent, clear=0, now=1.0)
    assert (heard.leaf, heard.counter) == (3, 0)
    assert redundancy.pack(b"before", b"now") == heard.plaintext
