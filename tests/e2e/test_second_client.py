"""A client written from the document alone stands at the door of a real call: TLS, wire, knock."""

from __future__ import annotations

import hashlib
import ssl
import time
from collections.abc import Callable
from typing import Any

import msgspec
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.x509 import load_der_x509_certificate
from websockets.sync.client import ClientConnection, connect

from tests.docs import second_client

Start = Callable[..., Any]
PLAIN = ("--headless", "--jsonl", "--audio-in", "none", "--audio-out", "none", "--video-in", "none")


def reach(host: str, port: int) -> tuple[ClientConnection, bytes]:
    """Connect as section 2 says; return the connection and what a pin of the server's key is."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    socket = connect(f"wss://{host}:{port}/ws", ssl=context, compression=None, proxy=None)
    assert isinstance(socket.socket, ssl.SSLSocket)
    certificate = load_der_x509_certificate(socket.socket.getpeercert(binary_form=True) or b"")
    spki = certificate.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return socket, hashlib.sha256(spki).digest()[:16]


def told(socket: ClientConnection) -> dict[str, Any]:
    """The next message of the server."""
    message: dict[str, Any] = msgspec.msgpack.decode(socket.recv(20))
    return message


def test_a_host_sees_who_knocks_and_the_knocker_hears_the_answer(sotto: Start) -> None:
    host = sotto("call", *PLAIN, "--name", "Hope", "--listen", "127.0.0.1")
    link = second_client.read_link(host.expect("hosting")["link"])
    room = second_client.derived(link.secret, "room id", 16)
    lobby = second_client.derived(link.secret, "lobby key", 16)
    own, mls = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    proof = second_client.credential(own, mls.public_key().public_bytes_raw(), room, "Second")
    public = [X25519PrivateKey.generate().public_key() for _ in range(2)]
    now = int(time.time())
    package = second_client.key_package(mls, proof, *public, now=now, extensions={})
    sealed = second_client.knock(lobby, room, [package])
    socket, pin = reach(link.host, link.port)
    assert pin == link.pin
    with socket:
        socket.send(second_client.message("knock", room=room, sealed=sealed, version=1))
        assert told(socket)["t"] == "waiting"
        seen = host.expect("knock")
        digest = hashlib.sha256(second_client.identity_blob(own)).digest()
        assert seen["name"] == "Second"
        assert seen["fingerprint"] == "SHA256:" + second_client.unpadded_base64(digest)
        host.write("/refuse Second")
        assert told(socket) == {"t": "refused", "why": "no"}
    socket, _ = reach(link.host, link.port)
    with socket:
        socket.send(second_client.message("count", room=room))
        assert told(socket) == {"t": "counted", "members": 1}


def test_four_words_are_enough_to_get_the_link(sotto: Start) -> None:
    host = sotto("call", *PLAIN, "--passcode", "--listen", "127.0.0.1")
    link = host.expect("hosting")["link"]
    shown = host.expect("passcode")
    joiner = second_client.Joiner(shown["passcode"])
    server, _, port = shown["server"].rpartition(":")
    socket, pin = reach(server, int(port))
    with socket:
        socket.send(second_client.message("try_passcode", name=joiner.name, share=joiner.share))
        confirmation = joiner.confirm(told(socket)["reply"])
        socket.send(second_client.message("confirm_passcode", confirmation=confirmation))
        assert joiner.link(told(socket)["reply"]) == link
    assert second_client.read_link(link).pin == pin
