"""DTLS-SRTP over a pipe of datagrams (RFC 5764): OpenSSL's handshake, libsrtp's packets."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final, Literal, NamedTuple, Protocol

import pylibsrtp
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from OpenSSL import SSL
from pylibsrtp import Policy, Session

from media.errors import TransportError
from media.rtp.demux import Datagram

CIPHERS: Final = b"ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-CHACHA20-POLY1305"
VALID: Final = timedelta(days=30)
MAX_DATAGRAM: Final = 1500
"""Bytes; a whole flight of either side is less than 1000."""
REPLAY_WINDOW: Final = 1024
"""Packets; at least 64 (RFC 3711 section 3.3.2)."""


class DatagramPipe(Protocol):
    """What DTLS needs of the transport below it."""

    async def receive_dtls(self) -> bytes:
        """Return the next DTLS datagram. Raises `ConnectionError` when the transport ended."""

    def send_dtls(self, data: bytes) -> None:
        """Send a DTLS datagram. Raises `ConnectionError` when there is nowhere to send it."""


class _Profile(NamedTuple):
    """A protection profile by its names in OpenSSL and libsrtp; lengths in bytes."""

    name: bytes
    policy: int
    key: int
    salt: int


PROFILES: Final = (
    _Profile(b"SRTP_AEAD_AES_256_GCM", Policy.SRTP_PROFILE_AEAD_AES_256_GCM, 32, 12),
    _Profile(b"SRTP_AEAD_AES_128_GCM", Policy.SRTP_PROFILE_AEAD_AES_128_GCM, 16, 12),
    _Profile(b"SRTP_AES128_CM_SHA1_80", Policy.SRTP_PROFILE_AES128_CM_SHA1_80, 16, 14),
)
"""In the order wanted (RFC 7714 section 14.2, RFC 5764 section 4.1.2)."""


@dataclass(frozen=True)
class Certificate:
    """A self-signed certificate and its key: only the fingerprint counts (RFC 8122)."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey = field(repr=False)

    @property
    def fingerprint(self) -> bytes:
        """Return the SHA-256 of the certificate's DER (RFC 8122 section 5)."""
        return self.certificate.fingerprint(hashes.SHA256())


def new_certificate() -> Certificate:
    """Return a fresh P-256 certificate under a random name."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, secrets.token_hex(16))])
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + VALID)
    )
    return Certificate(builder.sign(key, hashes.SHA256()), key)


class DtlsSession:
    """One end of a DTLS-SRTP connection.

    `on_closed` is called once if the other side, or the pipe, ends an established session.
    """

    def __init__(
        self, pipe: DatagramPipe, certificate: Certificate, role: Literal["client", "server"]
    ) -> None:
        self.on_closed: Callable[[], None] = lambda: None
        self.connected = False
        """True while packets can be protected."""
        self._pipe = pipe
        self._role = role
        self._ssl = SSL.Connection(_context(certificate))
        if role == "client":
            self._ssl.set_connect_state()
        else:
            self._ssl.set_accept_state()
        self._sending: Session | None = None
        self._receiving: Session | None = None
        self._reading: asyncio.Task[None] | None = None
        self._stopping = False

    async def start(self, fingerprint: bytes) -> None:
        """Run the handshake and check the peer's certificate (SHA-256 of its DER).

        Raises `TransportError` when it fails or the certificate is another one.
        """
        try:
            await self._shake_hands()
            self._check(fingerprint)
            self._take_keys()
        except (SSL.Error, ConnectionError, pylibsrtp.Error) as error:
            raise TransportError("the DTLS handshake with the other side failed") from error
        if not self._stopping:
            self.connected = True
            self._reading = asyncio.create_task(self._read())

    def protect(self, packet: bytes, kind: Datagram = Datagram.RTP) -> bytes:
        """Return the SRTP (or SRTCP) packet. Raises `ConnectionError` when not connected."""
        if not self.connected or self._sending is None:
            raise ConnectionError("DTLS is not connected")
        if kind is Datagram.RTCP:
            return self._sending.protect_rtcp(packet)
        return self._sending.protect(packet)

    def unprotect(self, data: bytes, kind: Datagram) -> bytes | None:
        """Return the packet; None when it is forged, replayed, or there are no keys yet."""
        if not self.connected or self._receiving is None:
            return None
        try:
            if kind is Datagram.RTCP:
                return self._receiving.unprotect_rtcp(data)
            return self._receiving.unprotect(data)
        except (pylibsrtp.Error, ValueError):
            return None

    async def stop(self) -> None:
        """Say goodbye (DTLS close_notify) and end; idempotent."""
        self._stopping = True
        self.connected = False
        reading = self._reading
        if reading is not None and reading is not asyncio.current_task():
            reading.cancel()
            await asyncio.wait([reading])
        with contextlib.suppress(SSL.Error, ConnectionError):
            self._ssl.shutdown()
            self._flush()

    async def _shake_hands(self) -> None:
        while True:
            try:
                self._ssl.do_handshake()
            except SSL.WantReadError:
                self._flush()
                await self._take_datagram()
            else:
                self._flush()
                return

    def _check(self, fingerprint: bytes) -> None:
        """Refuse any certificate but the one announced, which is all that tells who it is."""
        shown = self._ssl.get_peer_certificate(as_cryptography=True)
        if shown is None or shown.fingerprint(hashes.SHA256()) != fingerprint:
            raise TransportError(
                "the DTLS handshake with the other side failed",
                hint="its certificate is not the one that was announced",
            )

    def _take_keys(self) -> None:
        """Derive both directions' keys (RFC 5764 section 4.2). Raises `TransportError`."""
        chosen = self._ssl.get_selected_srtp_profile()
        profile = next((profile for profile in PROFILES if profile.name == chosen), None)
        if profile is None:
            raise TransportError("the other side knows none of our SRTP protection profiles")
        size, salt = profile.key, profile.salt
        secret = self._ssl.export_keying_material(b"EXTRACTOR-dtls_srtp", 2 * (size + salt))
        keys, salts = secret[: 2 * size], secret[2 * size :]
        client, server = keys[:size] + salts[:salt], keys[size:] + salts[salt:]
        ours, theirs = (client, server) if self._role == "client" else (server, client)
        self._sending = _session(profile, ours, Policy.SSRC_ANY_OUTBOUND)
        self._receiving = _session(profile, theirs, Policy.SSRC_ANY_INBOUND)

    async def _read(self) -> None:
        """Take what comes after the handshake: a flight sent again, or the end."""
        try:
            while True:
                await self._take_datagram()
                with contextlib.suppress(SSL.WantReadError):
                    self._ssl.recv(MAX_DATAGRAM)
                self._flush()
        except (SSL.Error, ConnectionError):
            self._end()

    def _end(self) -> None:
        self.connected = False
        if not self._stopping:
            self._stopping = True
            self.on_closed()

    async def _take_datagram(self) -> None:
        """Give OpenSSL the next datagram; when its timer runs out, send the last flight again."""
        try:
            async with asyncio.timeout(self._ssl.DTLSv1_get_timeout()):
                data = await self._pipe.receive_dtls()
        except TimeoutError:
            self._ssl.DTLSv1_handle_timeout()
            self._flush()
            return
        if data:
            self._ssl.bio_write(data)

    def _flush(self) -> None:
        """Send what OpenSSL has to say."""
        with contextlib.suppress(SSL.WantReadError):
            while data := self._ssl.bio_read(MAX_DATAGRAM):
                self._pipe.send_dtls(data)


def _context(certificate: Certificate) -> SSL.Context:
    context = SSL.Context(SSL.DTLS_METHOD)
    context.set_options(SSL.OP_NO_TICKET)
    # Nobody has signed the other side's certificate: its fingerprint is checked afterwards.
    required = SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT
    context.set_verify(required, lambda *_arguments: True)
    context.use_certificate(certificate.certificate)
    context.use_privatekey(certificate.key)
    context.set_cipher_list(CIPHERS)
    context.set_tlsext_use_srtp(b":".join(profile.name for profile in PROFILES))
    return context


def _session(profile: _Profile, key: bytes, direction: int) -> Session:
    policy = Policy(key=key, ssrc_type=direction, srtp_profile=profile.policy)
    policy.window_size = REPLAY_WINDOW
    policy.allow_repeat_tx = True  # sending is never refused; numbers are given in one place
    return Session(policy)
