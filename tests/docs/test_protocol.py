"""The documents are true: names, numbers and examples of the protocol, tests and links named."""

from __future__ import annotations

import hashlib
import hmac
import inspect
import re
import typing
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from e2ee import file_chunks, heartbeat, lobby, media_keys, passcode, sframe, spake2, ssh_keys
from e2ee.errors import SottovoceError
from e2ee.identity import MAX_NAME, DeviceIdentity, proof_message
from e2ee.link import MAX_LINK, Link, RoomKeys, host_hash, room_keys
from e2ee.media_keys import MediaKeyring, Stream, key_id
from e2ee.mls import limits as mls_limits
from e2ee.mls.cipher_suite import CLASSIC, HYBRID
from e2ee.mls.constants import CIPHER_SUITE, HYBRID_CIPHER_SUITE
from e2ee.mls.group import Member
from e2ee.ssh_wire import MAX_STRING
from media import publishing, receiving
from media.audio import opus, redundancy
from media.audio.levels import COARSE_STEPS
from media.engine import embedded_admin, ports
from media.forwarding import forwarder, keyframes
from media.rtp import packet
from media.transport import addresses, binding, ice_lite
from media.video import assemble, frame_tag, packets, vp8
from rooms import (
    client,
    conversation,
    desk,
    download,
    files,
    hall,
    hosting,
    knocks,
    lines,
    listening,
    media_line,
    member_wire,
    membership,
    outgoing,
    passcode_desk,
    passcode_join,
    policy,
    reconnecting,
    replacing,
    resync,
    returning,
    returns,
    shelf,
    window,
    wire,
)
from rooms import heartbeat as agreement
from rooms import server as room_server
from rooms.errors import UnansweredError
from rooms.limits import TOO_FAST, Limits
from rooms.room_size import largest_credential, largest_room
from rooms.states import TRANSITIONS, State

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PROTOCOL = (DOCS / "protocol.md").read_text()
FLAT = " ".join(PROTOCOL.split())
THREATS = (DOCS / "threat-model.md").read_text()
PAGES = [ROOT / "README.md", ROOT / "SECURITY.md", *sorted(DOCS.rglob("*.md"))]
CREDITS = re.compile(r"`([\w/]+\.py)::(\w+)`")

Structs = dict[str, type[msgspec.Struct]]


def section(title: str, text: str = PROTOCOL) -> str:
    """The part of a document under the heading that starts with `title`."""
    start = re.search(rf"^(#+) {re.escape(title)}.*$", text, re.MULTILINE)
    assert start is not None, title
    rest = text[start.end() :]
    following = re.search(rf"^#{{1,{len(start[1])}}} ", rest, re.MULTILINE)
    return rest[: following.start()] if following else rest


def rows(text: str) -> list[list[str]]:
    """The cells of every table in a text, without heads and rules."""
    found, in_table = [], False
    for line in text.splitlines():
        if not line.startswith("|"):
            in_table = False
        elif not in_table:
            in_table = True
        elif not set(line) <= set("|-"):
            found.append([cell.strip() for cell in line.strip("|").split("|")])
    return found


def named(cell: str) -> str:
    return cell.strip("`")


def fields(cell: str) -> dict[str, bool]:
    """Field names in a cell of a table of messages; true for those that have to be there."""
    bare = re.sub(r"\([^)]*\)", "", cell)
    parts = [part for part in re.split(r", (?=`)", bare) if part.startswith("`")]
    return {part.split("`")[1]: " = " not in part for part in parts}


def structs(union: object, *more: type[msgspec.Struct]) -> Structs:
    kinds = (*typing.get_args(union), *more)
    return {str(kind.__struct_config__.tag): kind for kind in kinds}


MESSAGES = [
    ("2.1 ", structs(wire.ClientMessage, wire.WelcomeFor, wire.Joiner)),
    ("2.2 ", structs(wire.ServerMessage)),
    ("4.3 ", structs(member_wire.MemberMessage)),
]


@pytest.mark.parametrize(("title", "kinds"), MESSAGES, ids=["client", "server", "member"])
def test_every_message_and_field_is_written_down(title: str, kinds: Structs) -> None:
    first_table = section(title).partition("\nBounds,")[0]
    written = {named(row[0]): fields(row[1]) for row in rows(first_table)}
    assert written == {
        tag: {field.name: field.required for field in msgspec.structs.fields(kind)}
        for tag, kind in kinds.items()
    }


def test_every_field_of_media_parameters_and_people_is_written_down() -> None:
    kinds = (
        ports.MediaOffer,
        ports.MediaAnswer,
        ports.TransportParameters,
        ports.IceCandidate,
        policy.Appointment,
        policy.Policy,
        policy.RoomState,
    )
    for kind in kinds:
        for name in kind.__struct_fields__:
            assert f"`{name}`" in PROTOCOL, f"{kind.__name__}.{name}"


def test_every_error_code_of_the_server_is_written_down() -> None:
    classes = [kind for _, kind in inspect.getmembers(hall, inspect.isclass)]
    sent = {kind.code for kind in classes if issubclass(kind, SottovoceError)}
    sent |= {wire.ROOM_EXISTS, hall.VERSION_UNKNOWN, TOO_FAST, UnansweredError.code}
    table = section("2.3 ").partition("| error code ")[2].partition("\n\n")[0]
    assert {named(row[0]) for row in rows("| error code " + table)} == sent


def test_every_type_of_key_and_signature_is_written_down() -> None:
    table = rows(section("3. ").partition("### 3.1")[0])
    keys = [name for row in table for name in re.findall(r"`([^`]+)`", row[0])]
    signatures = {
        name
        for row in table
        for name in re.findall(r"`([^`]+)`", row[0 if row[1] == "the same" else 1].split(";")[0])
    }
    assert keys == [kind.decode() for kind in ssh_keys.KEY_TYPES]
    assert signatures == {algorithm.decode() for algorithm in ssh_keys.ALGORITHMS}


def test_who_may_send_what_is_written_down() -> None:
    table = section("2.2 ").partition("What a client may say")[2]
    written = [set(re.findall(r"`(\w+)`", row[1])) for row in rows(table)]
    tags = {kind: tag for tag, kind in structs(wire.ClientMessage).items()}
    new, knocking, trying, member = (
        {tags[kind] for kind in TRANSITIONS[state] if kind in tags}
        for state in (State.NEW, State.KNOCKING, State.TRYING, State.MEMBER)
    )
    # Opening is answered at once: there is no state in which its answer is awaited.
    assert written == [new, set(), knocking, trying, member]


L = Limits()
LIMITS = [
    f"| connections, rooms | {L.connections}, {L.rooms} |",
    f"(members and knockers), knocks waiting | {L.participants}, {L.knocks} |",
    f"has to have led into a room | {L.waiting_seconds:.0f} |",
    f"| {L.message_rate:.0f} a second, {L.message_burst:.0f} at once |",
    f"| {L.chunk_rate:.0f} a second, {L.chunk_burst:.0f} at once |",
    f"reader, besides | {L.chunk_backlog / 2**20:.0f} MiB; more are dropped |",
    f"readers of a server | {L.chunk_backlog_of_all / 2**20:.0f} MiB; more are dropped |",
    f"| {L.application_rate:.0f} a second, {L.application_burst:.0f} at once |",
    f"| {L.commit_rate} a second, {L.commit_burst:.0f} at once; while no doorkeeper is connected "
    f"{L.alone_commit_rate:.0f} a second, {L.alone_commit_burst:.0f} at once |",
    f"| {L.heartbeat_rate} a second, {L.heartbeat_burst:.0f} at once; others are dropped |",
    f"| {L.byte_rate / 1024:.0f} kB a second, {L.byte_burst / 2**20:.0f} MiB at once |",
    f"| {L.media_rate} a second, {L.media_burst:.0f} at once, the next one after the answer |",
    f"| connections from one source | {L.source_connections} |",
    f"| TCP connections from one source, before TLS and after | {L.source_sockets};",
    f"| {L.source_room_rate} a second, {L.source_room_burst:.0f} at once |",
    f"| {L.source_knock_rate:.0f} a second, {L.source_knock_burst:.0f} at once |",
    f"| head counts asked for from one source | {L.source_count_rate:.0f} a second, "
    f"{L.source_count_burst:.0f} at once |",
    f"| {L.source_name_rate} a second, {L.source_name_burst:.0f} at once |",
    f"| {L.source_try_rate} a second, {L.source_try_burst:.0f} at once |",
    f"others wait | {L.names}, {L.tries}, {L.try_seconds:.0f} |",
    f"| bytes waiting for one reader | {L.backlog / 2**20:.0f} MiB, then it is broken off |",
]
RSA_CREDENTIAL = largest_credential(bytes(535))  # of 4096 bits
NUMBERS = [
    f"makes another offer, at most every {media_line.RENEW_APART:.0f} s,",
    f"It goes 0 to {resync.SPREAD:.0f} s (at random)",
    f"not again within {resync.FIRST_GAP:.0f} s, then {2 * resync.FIRST_GAP:.0f} s, and so on up "
    f"to {resync.LONGEST_GAP:.0f} s",
    f"`{passcode.SALT.decode()}`".replace("`", '"'),
    f"N = {passcode.SCRYPT_N}, r = {passcode.SCRYPT_R}, p = {passcode.SCRYPT_P}, "
    f"{passcode.STRETCHED_LENGTH} bytes) mod",
    f"the identity `{passcode_join.identities('')[0].decode()}`",
    f"`{passcode_join.identities('')[1].decode()}` and the name",
    f"its share ({spake2.SHARE_LENGTH} bytes) and its confirmation ({spake2.CONFIRMATION_LENGTH})",
    f"the sealed link ({passcode_join.SEALED_LENGTH} bytes)",
    f'AAD = "{passcode_join.CONTEXT.decode()}"',
    f"at most {passcode_desk.TRIES_EACH} tries of one attempt number; "
    f"{passcode_desk.TRIES} of all together",
    f"at most {passcode_desk.TRY_RATE} tries a second, {passcode_desk.TRY_BURST:.0f} at once",
    f"after {reconnecting.FIRST_WAIT} s, then twice as long each time, at most "
    f"{reconnecting.LONGEST_WAIT:.0f} s",
    f"gives up after {returning.RECONNECT_FOR:.0f} s without",
    f"tried again after {returns.SLOW_RETRY:.0f} s, {returns.MAX_TRIES} times at most",
    f"any other {desk.LOST_FOR:.0f} s later",
    f"and, {hosting.UPDATES_APART:.0f} s later than hosts and cohosts, Updates",
    f"extensions [`{policy.ROOM_STATE:#06x}`, `{replacing.REPLACES:#06x}`]".replace("xf0a", "xF0A"),
    f"has the extension `0x{replacing.REPLACES:04X}`",
    f"signature of {replacing.SIGNATURE_LENGTH} bytes",
    f"label `{replacing.LABEL}`",
    f"at most {wire.MAX_MESSAGE / 2**20:.0f} MiB, no compression",
    f"A link has at most {MAX_LINK} characters",
    f"The default port is {client.DEFAULT_PORT}",
    f"The server pings every {listening.PING_INTERVAL:.0f} s and waits "
    f"{listening.PING_TIMEOUT:.0f} s for the pong, a client every "
    f"{client.PING_INTERVAL:.0f} s and {client.PING_TIMEOUT:.0f} s",
    f"handshake has to be done in {listening.HANDSHAKE_TIMEOUT:.0f} s, and the first message has "
    f"to come within {room_server.FIRST_MESSAGE_TIMEOUT:.0f} s",
    f"in several frames has to be there within {listening.MESSAGE_TIMEOUT:.0f} s of its first one",
    f"1 to {MAX_NAME} bytes of UTF-8",
    f"a string over {MAX_STRING} bytes",
    f"{ssh_keys.MIN_RSA_BITS} to {ssh_keys.MAX_RSA_BITS} bits, exponent from 3, below 2³²",
    f"application of 1 to {ssh_keys.MAX_APPLICATION} bytes, user presence (flag "
    f"{ssh_keys.USER_PRESENT}) set",
    f"{mls_limits.CLOCK_SKEW} s before to {mls_limits.KEY_PACKAGE_LIFETIME} s after",
    f"At most {ice_lite.MAX_CHALLENGES} addresses of a leg are asked at a time",
    f"longer than {mls_limits.MAX_KEY_PACKAGE_LIFETIME // 86400} days",
    f"at most {policy.MAX_STATE // 1024} kB",
    f"array of at most {policy.MAX_COHOSTS} appointments",
    f"extension `0x{policy.ROOM_STATE:X}`",
    f"It is {heartbeat.SEALED_LENGTH} bytes:",
    f"signature of {heartbeat.SIGNATURE_LENGTH} bytes",
    f"label `{heartbeat.LABEL}`",
    f"every {agreement.PERIOD:.0f} s, or in a room of more than "
    f"{agreement.PERIOD / agreement.PERIOD_PER_MEMBER:.0f} every half second for each member",
    f"took {agreement.LATE:.0f} s longer than the quickest",
    f"left less than {agreement.BEHIND:.0f} s ago",
    f"(of the last {agreement.REMEMBERED}): **disagrees**",
    f"for {agreement.BEHIND:.0f} s without having followed: **behind**",
    f"for {agreement.SILENCE:.0f} s no heartbeat that confirms",
    f"(at most {conversation.MAX_WAITING} messages)",
    f"| `index` | 0 to {file_chunks.chunk_count(file_chunks.MAX_FILE) - 1} |",
    f"| `sealed` (of a piece of a file) | {file_chunks.SEALED_LENGTH} bytes |",
    f"`name` str (1 to {member_wire.MAX_FILE_NAME} characters), `size` int (at most "
    f"{file_chunks.MAX_FILE})",
    f"A file of at most {file_chunks.MAX_FILE // 2**20} MiB",
    f"⌈size / {file_chunks.CHUNK}⌉) pieces of {file_chunks.CHUNK} bytes",
    f'MLS-Exporter("{file_chunks.EXPORT_LABEL}", id, {file_chunks.KEY_LENGTH})',
    f"(at most {download.MAX_EPOCHS} are kept",
    f"{download.STALL:.0f} s after the last piece",
    f"nor are any {download.STALL:.0f} s and {download.SLOWEST:.0f} s for each piece",
    f"whose `id` is known (of the last {files.REMEMBERED})",
    f"without a queue, {window.MOST_AHEAD:.0f} at most",
    f"takes {window.QUEUE * 1000:.0f} ms longer",
    f"no `chunk_taken` comes for {outgoing.STUCK:.0f} s",
    f"at most {shelf.MAX_FILES} files and {shelf.MAX_BYTES // 2**20} MiB",
    "first of {}, {}, {} or {} bytes".format(*lobby.PADDED_SIZES),
    f"1 to {lobby.MAX_OFFERS} of them",
    f"(at most {hosting.MAX_ADDS} a Commit)",
    f"into {wire.MAX_HANDSHAKE // 1024} kB any more",
    f"keys and {largest_room(CLASSIC)} with `classic` ones",
    f"and {largest_room(CLASSIC, RSA_CREDENTIAL)} if all have RSA keys",
    f"| `0x{HYBRID_CIPHER_SUITE:X}` | post-quantum |",
    f"| `0x{CIPHER_SUITE:04X}` | classic |",
    f"(of the last {knocks.MAX_SEEN}; the server",
    f"there are at most {mls_limits.MAX_PSKS};",
    f"No more than {mls_limits.MAX_PROPOSALS} proposals in a Commit and "
    f"{mls_limits.MAX_LEAVES} leaves are taken, and MLSMessages of "
    f"{mls_limits.MAX_MESSAGE >> 20} MiB",
    f"at most {mls_limits.FORWARD_WINDOW} ahead of the last; {mls_limits.SKIPPED_KEYS} skipped",
    "zeros`, {}, {} or {} bytes in all".format(*member_wire.PADDING_SIZES),
    "is {}, {}, {} or a multiple".format(*mls_limits.PADDED_SIZES),
    f"(1 to {member_wire.MAX_CHAT} characters)",
    f"(of the last {lines.LINES_REMEMBERED})",
    f"not among the last {lines.LINES_REMEMBERED}",
    f"(1 to {member_wire.MAX_REACTION} code points)",
    f"a {['', '', 'third', 'fourth', 'fifth'][lines.MAX_OWN_REACTIONS]} one of a person to a line, "
    f"and one that would be the {lines.MAX_REACTIONS + 1}th different",
    f"{conversation.CHAT_RATE:.0f} lines and reactions a second are shown, "
    f"{conversation.CHAT_BURST:.0f} at once",
    f"{ports.AUDIO_SLOTS} and {ports.VIDEO_SLOTS} distinct SSRCs",
    f"at most {addresses.MAX_CANDIDATES} of the server's candidates",
    f"Binding requests of at most {binding.MAX_REQUEST} bytes",
    f"come every {ice_lite.CONSENT_TIMEOUT:.0f} s or the leg ends",
    f"done {embedded_admin.SETUP_TIMEOUT:.0f} s after the offer",
    f"(payload type {ports.AUDIO_PAYLOAD_TYPE}, clock 48 kHz)",
    f"(payload type {ports.VIDEO_PAYLOAD_TYPE}, clock 90 kHz)",
    f"is {packet.HEADER_LENGTH + 1} to {packet.MAX_PACKET} bytes",
    "below {:.0f}, {:.0f}, {:.0f} dBFS".format(*COARSE_STEPS),
    f"silent for {forwarder.VIDEO_IDLE:.0f} s",
    f"audio packets over {forwarder.MAX_AUDIO_PACKET} bytes, more than "
    f"{forwarder.AUDIO_PACKETS_PER_SECOND:.0f} audio packets, "
    f"{forwarder.VIDEO_PACKETS_PER_SECOND:.0f} video packets or "
    f"{forwarder.VIDEO_BYTES_PER_SECOND:.0f} video bytes a second",
    f"more than {embedded_admin.FEEDBACK_RATE:.0f} RTCP packets a second",
    f"at most {'twice' if keyframes.MIN_INTERVAL == 0.5 else '?'} a second",
    f'MLS-Exporter("{media_keys.BASE_KEY_LABEL}", "", {media_keys.BASE_KEY_LENGTH})',
    f"leaf below {media_keys.MAX_LEAF + 1}",
    f"{membership.SEND_AFTER_REMOVAL} s later if somebody was removed, "
    f"{membership.SEND_AFTER_CHANGE:.0f} s later if not",
    f"Wipe an epoch's key {media_keys.GRACE:.0f} s after",
    f"or {media_keys.REPLAY_WINDOW} or more behind",
    f"first {frame_tag.CLEAR_BYTES_KEY} bytes of a key frame",
    f"the first {frame_tag.CLEAR_BYTES_INTER} of any other",
    f"{opus.DEFAULT_BITRATE // 1000} kb/s constant bitrate",
    f"a pause of more than {publishing.PAUSE} s",
    f"{vp8.WIDTH}x{vp8.HEIGHT} at {vp8.FPS} frames a second and {vp8.BITRATE // 1000} kb/s",
    f"at most {receiving.PIXELS_PER_SECOND:.0f} pixels a second, a picture counting "
    f"{receiving.PICTURE_PIXELS} more",
    f"at most {packets.MAX_PAYLOAD} bytes with the VP8 descriptor (RFC 7741), which is "
    f"{packets.DESCRIPTOR_BYTES} bytes",
    f"more than {assemble.WINDOW} packets",
    f"asked for, at most every {publishing.KEY_FRAME_INTERVAL} s. Receivers ask, at most every "
    f"{receiving.KEY_FRAME_REQUEST_INTERVAL} s",
]


if HYBRID is not None:
    NUMBERS += [
        f"at most {largest_room(HYBRID)} people with `post-quantum`",
        f"({largest_room(HYBRID, RSA_CREDENTIAL)} and",
    ]


@pytest.mark.parametrize("phrase", LIMITS + NUMBERS)
def test_every_number_is_that_of_the_code(phrase: str) -> None:
    assert phrase in FLAT


def test_every_limit_of_the_server_is_in_the_table() -> None:
    table = section("2.3 ").partition("| limit ")[2]
    numbers = re.findall(r"\d+\.?\d*", " ".join(row[1] for row in rows("| limit " + table)))
    assert len(numbers) == len(L.__dataclass_fields__)


# --- the examples, computed again ---

SECRET = bytes(range(16))
MLS_KEY = bytes([7]) * 32
BASE_KEY = bytes(range(0x40, 0x50))
LEAF, EPOCH, CTR = 3, 258, 9


def sealed(stream: Stream, plaintext: bytes, clear: bytes = b"") -> bytes:
    key = sframe.derive_key(BASE_KEY, key_id(stream, LEAF, EPOCH))
    return clear + sframe.encrypt(key, CTR, plaintext, clear)


def examples() -> dict[str, str]:
    identity = DeviceIdentity(Ed25519PrivateKey.from_private_bytes(bytes(range(0x20, 0x40))))
    blob, keys = identity.public_blob, room_keys(SECRET)
    link = Link("calls.example:8443", SECRET, host_hash(blob), bytes(range(0xA0, 0xB0)))
    kid = key_id(Stream.AUDIO, LEAF, EPOCH)
    context = kid.to_bytes(8, "big") + (4).to_bytes(2, "big")
    expand = HKDFExpand(hashes.SHA256(), 16, b"SFrame 1.0 Secret key " + context)
    salt = sframe.derive_key(BASE_KEY, kid).salt
    code = passcode.parse_passcode("banana acorn bicycle august")
    proof = proof_message(signature_key=MLS_KEY, room_id=keys.room_id, name="Ada")
    plaintext = redundancy.pack(b"\x01\x02", b"\x03\x04\x05")
    return {
        "identity blob": blob.hex(),
        "fingerprint": identity.fingerprint,
        "h": link.host_hash.hex(),
        "link": link.to_text(),
        "room id": keys.room_id.hex(),
        "psk_id": keys.psk_id.hex(),
        "psk": keys.psk.hex(),
        "w of banana-acorn-bicycle-august": f"{code.stretch():x}",
        "lobby key": keys.lobby_key.hex(),
        "heartbeat key": keys.heartbeat_key.hex(),
        "room state": policy.RoomState(hosts=(blob,)).encode().hex(),
        "open": wire.encode(wire.OpenRoom(keys.room_id)).hex(),
        "message": proof.hex(),
        "credential": identity.prove(MLS_KEY, keys.room_id, "Ada").hex(),
        "audio KID": f"{kid:x}",
        "audio key": expand.derive(hmac.digest(b"", BASE_KEY, "sha256")).hex(),
        "audio salt": salt.to_bytes(12, "big").hex(),
        "audio plaintext": plaintext.hex(),
        "audio frame": sealed(Stream.AUDIO, plaintext).hex(),
        "video KID": f"{key_id(Stream.VIDEO, LEAF, EPOCH):x}",
        "video frame": sealed(Stream.VIDEO, b"rest", b"1\x02\x00").hex(),
        **heartbeat_examples(keys),
    }


def heartbeat_examples(keys: RoomKeys) -> dict[str, str]:
    """By section 4.5 and RFC 9420 section 5.1.2 alone."""
    key = Ed25519PrivateKey.from_private_bytes(bytes(range(0x80, 0xA0)))
    digest = hashlib.sha256(b"sottovoce epoch" + bytes(range(0x60, 0x80))).digest()
    sent = (1_800_000_000_007).to_bytes(8, "big")
    body = LEAF.to_bytes(4, "big") + EPOCH.to_bytes(8, "big") + digest + sent
    label = b"MLS 1.0 sottovoce heartbeat"
    content = bytes([0, 0, 0, 16]) + keys.room_id + bytes([0, 0, 0, 52]) + body
    signed = bytes([len(label)]) + label + bytes([0x40, len(content)]) + content
    nonce = bytes(range(0xB0, 0xBC))
    associated = b"sottovoce heartbeat" + keys.room_id
    sealed = AESGCM(keys.heartbeat_key).encrypt(nonce, body + key.sign(signed), associated)
    return {
        "MLS signature key": key.public_key().public_bytes_raw().hex(),
        "body": body.hex(),
        "signed bytes": signed.hex(),
        "heartbeat": (nonce + sealed).hex(),
    }


def test_a_receiver_takes_the_heartbeat_of_the_examples() -> None:
    written = {named(row[0]): named(row[1]) for row in rows(section("6. "))}
    keys = room_keys(SECRET)
    sender = Member(LEAF, b"", bytes.fromhex(written["MLS signature key"]))
    opened = heartbeat.open_heartbeat(
        keys.heartbeat_key, keys.room_id, bytes.fromhex(written["heartbeat"])
    )
    said = opened.verify(keys.room_id, sender)
    digest = heartbeat.epoch_hash(bytes(range(0x60, 0x80)))
    assert said == heartbeat.Heartbeat(LEAF, EPOCH, digest, 1_800_000_000_007)


def test_the_examples_are_computed_again() -> None:
    assert {named(row[0]): named(row[1]) for row in rows(section("6. "))} == examples()
    said = member_wire.encode_member(member_wire.Presence(participant=1, muted=True, camera=False))
    assert f"`{said.rstrip(bytes(1)).hex()}`" in section("6. ")


def test_a_receiver_opens_the_frames_of_the_examples() -> None:
    written = {named(row[0]): named(row[1]) for row in rows(section("6. "))}
    keyring = MediaKeyring()
    keyring.install(EPOCH, BASE_KEY, 0, frozenset({0, LEAF}), now=0.0, send_after=0.0)
    for kind, clear in (("audio", 0), ("video", 3)):
        frame = bytes.fromhex(written[f"{kind} frame"])
        opened = keyring.open(frame, clear=clear, now=1.0)
        assert (opened.leaf, opened.counter) == (LEAF, CTR)
        assert kind == opened.stream.name.lower()


# --- what documents point to ---


def defined(path: str) -> set[str]:
    found = re.findall(r"^\s*(?:async )?def (test_\w+)\(", (ROOT / path).read_text(), re.MULTILINE)
    return set(found)


def test_every_test_a_document_names_is_there() -> None:
    credits = [pair for page in PAGES for pair in CREDITS.findall(page.read_text())]
    assert len(credits) > 30
    missing = [f"{p}::{name}" for p, name in credits if name not in defined(f"tests/{p}")]
    assert not missing


def test_every_claim_of_the_threat_model_has_a_test_or_says_so() -> None:
    bare = [
        row
        for row in rows(THREATS)
        if not (CREDITS.search(row[-1]) or re.match("not (prevented|built yet|tested)", row[-1]))
    ]
    assert not bare


def test_every_relative_link_leads_somewhere() -> None:
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text()):
            if "://" not in target:
                assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_no_placeholder_is_left() -> None:
    for page in PAGES:
        assert "@@" not in page.read_text(), page.name
