"""The bottom of a second client, written from `docs/protocol.md` and the RFCs it names alone.

Nothing of ours is imported here, and nothing may be: what this cannot do, the document does not
say. Section numbers are those of the document.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF, HKDFExpand

WORDS = (Path(__file__).resolve().parents[2] / "docs" / "words.txt").read_text().split()


def u(size: int, number: int) -> bytes:
    """An unsigned big-endian integer of so many bytes."""
    return number.to_bytes(size, "big")


def string(data: bytes) -> bytes:
    """An SSH string (RFC 4251 section 5)."""
    return u(4, len(data)) + data


def vector(data: bytes) -> bytes:
    """`opaque x<V>` (RFC 9420 section 2.1.2)."""
    power = next(power for power in (0, 1, 2) if len(data) < 1 << (8 << power) - 2)
    size = 1 << power
    return u(size, power << 8 * size - 2 | len(data)) + data


# --- section 1: the link ---


class Link(NamedTuple):
    """A link, read."""

    host: str
    port: int
    secret: bytes
    host_hash: bytes
    pin: bytes | None


def read_link(text: str) -> Link:
    """Read a link; `ValueError` for what is none."""
    found = re.fullmatch(r"https://(\[[^\]/]+\]|[^:/\[\]]+)(?::(\d+))?/r/?#([^#]+)", text)
    if found is None or len(text) > 512:
        raise ValueError("no link")
    parts = [_part(part) for part in found[3].split(".")]
    if len(parts) not in (2, 3):
        raise ValueError("no link")
    return Link(found[1].strip("[]"), int(found[2] or 443), *parts, *[None] * (3 - len(parts)))


def _part(text: str) -> bytes:
    data = base64.b32decode(text.upper() + "======")
    if len(text) != 26 or write_part(data) != text.lower():
        raise ValueError("no link")
    return data


def write_part(data: bytes) -> str:
    return base64.b32encode(data).decode().rstrip("=").lower()


def derived(secret: bytes, purpose: str, length: int) -> bytes:
    """A value of the table in section 1."""
    info = f"sottovoce {purpose}".encode()
    return HKDF(hashes.SHA256(), length, salt=None, info=info).derive(secret)


def host_hash(blob: bytes) -> bytes:
    return hashlib.sha256(b"sottovoce host" + blob).digest()[:16]


# --- section 1.1: passcodes, by RFC 9382 over P-256 ---

P = 2**256 - 2**224 + 2**192 + 2**96 - 1
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
Point = tuple[int, int]
BASE: Point = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)
M: Point = (
    0x886E2F97ACE46E55BA9DD7242579F2993B64E16EF3DCAB95AFD497333D8FA12F,
    0x5FF355163E43CE224E0B0E65FF02AC8E5C7BE09419C785E0CA547D55A12E2D20,
)
N: Point = (
    0xD8BBD6C639C62937B04D997F38C3770719C629D7014D49A24B4F98BAA1292B49,
    0x07D60AA6BFADE45008A636337F5168C64D9BD36034808CD564490B1E656EDBE7,
)


def plus(a: Point | None, b: Point | None) -> Point | None:
    """Add two points; None is the identity."""
    if a is None or b is None:
        return a or b
    if a[0] == b[0] and a[1] != b[1]:
        return None
    rise = 3 * (a[0] ** 2 - 1) if a == b else b[1] - a[1]
    run = 2 * a[1] if a == b else b[0] - a[0]
    slope = rise * pow(run, -1, P)
    x = (slope**2 - a[0] - b[0]) % P
    return x, (slope * (a[0] - x) - a[1]) % P


def times(scalar: int, point: Point | None) -> Point | None:
    """Multiply a point, not in constant time: this is a test."""
    result = None
    while scalar:
        result = plus(result, point) if scalar & 1 else result
        point, scalar = plus(point, point), scalar >> 1
    return result


def encoded(point: Point | None) -> bytes:
    assert point is not None
    return b"\4" + u(32, point[0]) + u(32, point[1])


def passcode_number(passcode: str) -> int:
    """`w` of a passcode."""
    strings = b"".join(string(word.encode()) for word in passcode.split("-"))
    stretched = hashlib.scrypt(
        strings, salt=b"sottovoce passcode", n=32768, r=8, p=1, maxmem=1 << 26, dklen=40
    )
    return 1 + int.from_bytes(stretched, "big") % (ORDER - 1)


class Joiner:
    """The side of a passcode that gets the link."""

    def __init__(self, passcode: str) -> None:
        self.name, self.w = passcode.partition("-")[0], passcode_number(passcode)
        self.x = 1 + int.from_bytes(os.urandom(32), "big") % (ORDER - 1)
        self.share = encoded(plus(times(self.x, BASE), times(self.w, M)))

    def confirm(self, reply: bytes) -> bytes:
        """Check the host's reply; return our confirmation."""
        share, theirs = reply[:65], reply[65:]
        point = (int.from_bytes(share[1:33], "big"), int.from_bytes(share[33:], "big"))
        key = times(self.x, plus(point, times(ORDER - self.w, N)))
        host = b"sottovoce host of " + self.name.encode()
        parts = b"sottovoce joiner", host, self.share, share, encoded(key), u(32, self.w)
        transcript = b"".join(len(part).to_bytes(8, "little") + part for part in parts)
        digest = hashlib.sha256(transcript).digest()
        self.key = digest[:16]
        info = b"ConfirmationKeys"
        keys = HKDF(hashes.SHA256(), 32, salt=None, info=info).derive(digest[16:])
        if theirs != hmac.digest(keys[16:], transcript, "sha256"):
            raise ValueError("another passcode")
        return hmac.digest(keys[:16], transcript, "sha256")

    def link(self, sealed: bytes) -> str:
        """Open the sealed link."""
        opened = AESGCM(self.key).decrypt(bytes(12), sealed, b"sottovoce passcode link")
        return opened.rstrip(b"\0").decode()


# --- section 2: messages ---


def message(kind: str, **fields: Any) -> bytes:
    """A message of the wire."""
    return msgspec.msgpack.encode({"t": kind, **fields})


# --- section 3: identities ---


def identity_blob(key: Ed25519PrivateKey) -> bytes:
    return string(b"ssh-ed25519") + string(key.public_key().public_bytes_raw())


def unpadded_base64(data: bytes) -> str:
    return base64.b64encode(data).decode().rstrip("=")


def credential(key: Ed25519PrivateKey, mls_key: bytes, room_id: bytes, name: str) -> bytes:
    """The credential of an Ed25519 identity."""
    parts = b"sottovoce credential", room_id, mls_key, name.encode()
    digest = hashlib.sha512(b"".join(map(string, parts))).digest()
    common = string(b"sottovoce") + string(b"") + string(b"sha512")
    signed = b"SSHSIG" + common + string(digest)
    own = string(b"ssh-ed25519") + string(key.sign(signed))
    signature = b"SSHSIG" + u(4, 1) + string(identity_blob(key)) + common + string(own)
    return string(name.encode()) + string(identity_blob(key)) + string(signature)


def verification_code(authenticator: bytes, blobs: Mapping[int, bytes]) -> tuple[list[str], ...]:
    """The digits and the words of section 3.1."""
    people = (u(4, leaf) + string(blob) for leaf, blob in sorted(blobs.items()))
    code = hashlib.scrypt(
        string(authenticator) + b"".join(people),
        salt=b"sottovoce verification code",
        n=32768,
        r=8,
        p=1,
        maxmem=1 << 26,
        dklen=48,
    )
    fives = [int.from_bytes(code[at : at + 5], "big") for at in range(0, 30, 5)]
    twos = [int.from_bytes(code[at : at + 2], "big") for at in range(30, 48, 2)]
    return [f"{n % 100000:05}" for n in fives], [WORDS[n % 1024] for n in twos]


# --- section 4: MLS, as far as it is ours ---


def signed_with_label(label: str, content: bytes) -> bytes:
    """What SignWithLabel signs (RFC 9420 section 5.1.2)."""
    return vector(b"MLS 1.0 " + label.encode()) + vector(content)


def key_package(
    key: Ed25519PrivateKey,
    identity: bytes,
    init_key: X25519PublicKey,
    leaf_key: X25519PublicKey,
    *,
    now: int,
    extensions: Mapping[int, bytes],
) -> bytes:
    """An MLSMessage with a KeyPackage of the classic suite (RFC 9420 sections 7.2 and 10)."""
    lists = [[1], [1], [0xF0A0, 0xF0A1], [], [1]]
    capabilities = b"".join(vector(b"".join(u(2, n) for n in numbers)) for numbers in lists)
    mls_key = key.public_key().public_bytes_raw()
    leaf = (
        vector(leaf_key.public_bytes_raw())
        + vector(mls_key)
        + u(2, 1)
        + vector(identity)
        + capabilities
    )
    leaf += u(1, 1) + u(8, now - 3600) + u(8, now + 86400) + vector(b"")
    leaf += vector(key.sign(signed_with_label("LeafNodeTBS", leaf)))
    coded = b"".join(u(2, kind) + vector(data) for kind, data in extensions.items())
    package = u(2, 1) + u(2, 1) + vector(init_key.public_bytes_raw()) + leaf + vector(coded)
    package += vector(key.sign(signed_with_label("KeyPackageTBS", package)))
    return u(2, 1) + u(2, 5) + package


def sealed_for_the_room(key: bytes, purpose: str, room_id: bytes, plaintext: bytes) -> bytes:
    nonce = os.urandom(12)
    return nonce + AESGCM(key).encrypt(nonce, plaintext, purpose.encode() + room_id)


def opened_in_the_room(key: bytes, purpose: str, room_id: bytes, sealed: bytes) -> bytes:
    return AESGCM(key).decrypt(sealed[:12], sealed[12:], purpose.encode() + room_id)


def knock(lobby_key: bytes, room_id: bytes, key_packages: Sequence[bytes]) -> bytes:
    plain = u(1, len(key_packages)) + b"".join(u(2, len(one)) + one for one in key_packages)
    size = next(size for size in (1024, 2048, 4096, 8192) if size >= len(plain))
    padded = plain + bytes(size - len(plain))
    return sealed_for_the_room(lobby_key, "sottovoce knock", room_id, padded)


def open_knock(lobby_key: bytes, room_id: bytes, sealed: bytes) -> list[bytes]:
    plain = opened_in_the_room(lobby_key, "sottovoce knock", room_id, sealed)
    found, at = [], 1
    for _ in range(plain[0]):
        end = at + 2 + int.from_bytes(plain[at : at + 2], "big")
        found.append(plain[at + 2 : end])
        at = end
    if len(plain) not in (1024, 2048, 4096, 8192) or any(plain[at:]) or not 1 <= plain[0] <= 8:
        raise ValueError("no knock")
    return found


def application_data(kind: str, **fields: Any) -> bytes:
    plain = message(kind, **fields)
    size = next(size for size in (256, 1024, 4096) if size >= 2 + len(plain))
    return (u(2, len(plain)) + plain).ljust(size, b"\0")


def read_application_data(data: bytes) -> dict[str, Any]:
    end = 2 + int.from_bytes(data[:2], "big")
    if len(data) not in (256, 1024, 4096) or any(data[end:]):
        raise ValueError("no application data")
    return msgspec.msgpack.decode(data[2:end])


def first_room_state(blob: bytes) -> bytes:
    """The room state of a room that was just opened."""
    policy = {"recording": True, "ai": False, "chat": True, "share": True, "stage": False}
    state = {"hosts": [blob], "cohosts": [], "locked": False, "policy": policy}
    return msgspec.msgpack.encode(state)


def appointment(
    key: Ed25519PrivateKey, host_credential: bytes, room_id: bytes, blob: bytes
) -> bytes:
    """The proof that somebody was made cohost, by the host's MLS key."""
    signature = key.sign(b"sottovoce cohost" + string(room_id) + string(blob))
    mls_key = key.public_key().public_bytes_raw()
    return string(host_credential) + string(mls_key) + string(signature)


def replaces(key: Ed25519PrivateKey, room_id: bytes, leaf: int, new_mls_key: bytes) -> bytes:
    """The content of the KeyPackage extension of section 4.4."""
    content = string(room_id) + string(u(4, leaf)) + string(new_mls_key)
    return u(4, leaf) + key.sign(signed_with_label("sottovoce replaces", content))


def heartbeat(
    key: Ed25519PrivateKey, heartbeat_key: bytes, room_id: bytes, *, leaf: int, epoch: int,
    authenticator: bytes, sent: int,
) -> bytes:  # fmt: skip
    digest = hashlib.sha256(b"sottovoce epoch" + authenticator).digest()
    body = u(4, leaf) + u(8, epoch) + digest + u(8, sent)
    content = string(room_id) + string(body)
    signature = key.sign(signed_with_label("sottovoce heartbeat", content))
    return sealed_for_the_room(heartbeat_key, "sottovoce heartbeat", room_id, body + signature)


def read_heartbeat(
    mls_key: bytes, heartbeat_key: bytes, room_id: bytes, sealed: bytes
) -> tuple[int, int, bytes, int]:
    """Leaf, epoch, epoch hash and time; raises unless the leaf's MLS key signed them."""
    plain = opened_in_the_room(heartbeat_key, "sottovoce heartbeat", room_id, sealed)
    body, signature = plain[:52], plain[52:]
    signed = signed_with_label("sottovoce heartbeat", string(room_id) + string(body))
    Ed25519PublicKey.from_public_bytes(mls_key).verify(signature, signed)
    leaf, epoch, sent = (int.from_bytes(body[a:b], "big") for a, b in ((0, 4), (4, 12), (44, 52)))
    return leaf, epoch, body[12:44], sent


# --- section 4.6: files ---


def file_pieces(file_id: bytes, content: bytes) -> tuple[bytes, list[bytes]]:
    """`first`, and the pieces of a file, not encrypted."""
    count = max(1, -(-len(content) // 32768))
    digest, pieces = bytes(32), list[bytes]()
    for i in reversed(range(count)):
        pieces.insert(0, digest + content[i * 32768 : (i + 1) * 32768].ljust(32768, b"\0"))
        digest = hashlib.sha256(b"sottovoce chunk" + file_id + u(4, i) + pieces[0]).digest()
    return digest, pieces


def chunk_key(exported: bytes, key: bytes) -> bytes:
    """The key of a file's pieces in the epoch whose exporter gave `exported`."""
    return HKDF(hashes.SHA256(), 16, salt=exported, info=b"sottovoce file key").derive(key)


def seal_piece(key: bytes, file_id: bytes, i: int, piece: bytes) -> bytes:
    return AESGCM(key).encrypt(u(12, i), piece, b"sottovoce file" + file_id)


def read_pieces(key: bytes, file_id: bytes, size: int, first: bytes, sealed: list[bytes]) -> bytes:
    content = b""
    for i, one in enumerate(sealed):
        piece = AESGCM(key).decrypt(u(12, i), one, b"sottovoce file" + file_id)
        if hashlib.sha256(b"sottovoce chunk" + file_id + u(4, i) + piece).digest() != first:
            raise ValueError("not the announcer's piece")
        first, content = piece[:32], content + piece[32:]
    return content[:size]


# --- section 5.3: frames, by RFC 9605 ---


def frame(base_key: bytes, kid: int, ctr: int, plaintext: bytes, clear: bytes = b"") -> bytes:
    """An encrypted frame; section 4.4.2 of the RFC derives the keys, 4.3 makes the header."""
    context = u(8, kid) + u(2, 4)
    secret = hmac.digest(b"", base_key, "sha256")
    key = HKDFExpand(hashes.SHA256(), 16, b"SFrame 1.0 Secret key " + context).derive(secret)
    salt = HKDFExpand(hashes.SHA256(), 12, b"SFrame 1.0 Secret salt " + context).derive(secret)
    nonce = u(12, int.from_bytes(salt, "big") ^ ctr)
    header = sframe_header(kid, ctr)
    return clear + header + AESGCM(key).encrypt(nonce, plaintext, header + clear)


def sframe_header(kid: int, ctr: int) -> bytes:
    config, tail = 0, b""
    for shift, number in ((4, kid), (0, ctr)):
        if number < 8:
            config |= number << shift
        else:
            size = (number.bit_length() + 7) // 8
            config |= (8 | size - 1) << shift
            tail += u(size, number)
    return u(1, config) + tail


def frame_kid(stream: int, leaf: int, epoch: int) -> int:
    return stream << 20 | leaf << 8 | epoch % 256


def audio_plaintext(before: bytes, frame: bytes) -> bytes:
    return u(1, len(before)) + before + frame
