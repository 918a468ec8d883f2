"""Every private name of aiortc and aioice that this product touches, in one place.

Nothing else may reach below their public surface. Each use has one contract test, so a new
version of either library fails loudly instead of strangely.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from typing import Literal, Protocol, cast

import pylibsrtp
from aioice import Candidate, Connection
from aioice import stun as aioice_stun
from aioice.ice import StunProtocol

from media.aiortc_parts import (
    RTCCertificate,
    RTCDtlsFingerprint,
    RTCDtlsParameters,
    RTCDtlsTransport,
    RTCIceTransport,
)
from media.errors import TransportError
from media.rtp.demux import Datagram, classify
from media.transport.binding import answer, as_request

DTLS_COPIES = 2
"""Each DTLS datagram is sent twice. A lost one costs a second (OpenSSL's timer, which cannot be
shortened from here), a copy a few hundred bytes; replay protection drops it (RFC 6347 4.1.2.6)."""

ByteCounts = dict[str, list[int]]
"""Bytes sent to and received from each address that was sent to, `host:port`."""
SecureDatagram = Callable[[bytes, Datagram], None]


class DatagramPipe(Protocol):
    """What DTLS needs of the transport below it (aiortc's RTCIceTransport, as it is used)."""

    role: str
    state: str

    async def _recv(self) -> bytes:
        """Return the next DTLS datagram. Raises `ConnectionError` when the transport ended."""

    async def _send(self, data: bytes) -> None:
        """Send a datagram. Raises `ConnectionError` when there is nowhere to send it."""


class IceConnection(Connection):
    """A controlling ICE connection to an ICE-lite server, on chosen local addresses only.

    No STUN or TURN server is ever configured: nobody but the peer's candidates is contacted.
    SRTP skips aioice's queue and goes to `on_secure` at once; only DTLS is queued.
    """

    role = "controlling"
    state = "completed"

    def __init__(self, on_secure: SecureDatagram, traffic: ByteCounts | None = None) -> None:
        super().__init__(ice_controlling=True)
        self._on_secure = on_secure
        self._traffic = {} if traffic is None else traffic
        self._addresses: list[str] = []

    async def gather(self, addresses: Sequence[str]) -> None:
        """Bind one UDP socket on each address; loopback too, which aioice itself would skip."""
        self._addresses = list(addresses)
        await self.gather_candidates()
        for protocol in self._protocols:
            self._count_sent(protocol)
            self._sort_first(protocol)

    def _count_sent(self, protocol: StunProtocol) -> None:
        """Count whatever leaves through a socket, whoever sends it."""
        send = protocol.transport.sendto

        def sendto(data: bytes, addr: tuple[str, int]) -> None:
            self._traffic.setdefault(f"{addr[0]}:{addr[1]}", [0, 0])[0] += len(data)
            send(data, addr)

        protocol.transport.sendto = sendto  # type: ignore[assignment, method-assign]

    def _sort_first(self, protocol: StunProtocol) -> None:
        """Take media before aioice tries to read each packet of it as a STUN message."""
        others = protocol.datagram_received

        def received(data: bytes, addr: tuple[str, int]) -> None:
            count = self._traffic.get(f"{addr[0]}:{addr[1]}")
            if count is not None:  # a stranger's address is none that was contacted
                count[1] += len(data)
            kind = classify(data)
            if kind is Datagram.RTP or kind is Datagram.RTCP:
                self._on_secure(data, kind)
            else:
                others(data, addr)

        protocol.datagram_received = received  # type: ignore[assignment, method-assign]

    async def get_component_candidates(
        self,
        component: int,
        addresses: list[str],
        timeout: int = 5,  # noqa: ASYNC109 - aioice's signature
    ) -> list[Candidate]:
        """Gather on the chosen addresses, not on every interface."""
        return await super().get_component_candidates(component, self._addresses, timeout)

    def data_received(self, data: bytes, component: int) -> None:
        """Take what is no STUN message; anything that is neither DTLS nor SRTP ends here."""
        if classify(data) is Datagram.DTLS:
            super().data_received(data, component)

    def request_received(
        self, message: aioice_stun.Message, addr: tuple[str, int], protocol: StunProtocol
    ) -> None:
        """Answer the server's own requests, by which it learns that we are where we say.

        Nothing else comes of one: no pair is made, and no stranger gets a word back.
        """
        request = as_request(message, 0)
        if (
            request is not None
            and (request.local_ufrag, request.remote_ufrag)
            == (self.local_username, self.remote_username)
            and addr in {(item.host, item.port) for item in self.remote_candidates}
            and request.authenticate(self.local_password)
        ):
            protocol.transport.sendto(answer(request, addr, self.local_password), addr)

    def send_now(self, data: bytes) -> None:
        """Send without a coroutine. Raises `ConnectionError` when not connected."""
        pair = self._nominated.get(1)
        if pair is None:
            raise ConnectionError("ICE is not connected")
        pair.protocol.transport.sendto(data, pair.remote_addr)

    @property
    def remote_address(self) -> tuple[str, int] | None:
        """The nominated pair's remote address."""
        pair = self._nominated.get(1)
        return None if pair is None else pair.remote_addr

    @property
    def expired(self) -> bool:
        """True once the connection was closed, by us or because consent expired (RFC 7675)."""
        return self._closing

    async def _recv(self) -> bytes:
        return await self.recv()

    async def _send(self, data: bytes) -> None:
        for _ in range(DTLS_COPIES):
            self.send_now(data)


class DtlsSession:
    """DTLS-SRTP over a datagram pipe (RFC 5764); aiortc's transport, used without its RTP layer.

    `on_closed` is called once if the other side, or the pipe, ends an established session.
    """

    def __init__(
        self,
        pipe: DatagramPipe,
        certificate: RTCCertificate,
        role: Literal["client", "server"],
    ) -> None:
        self.on_closed: Callable[[], None] = lambda: None
        self._dtls = RTCDtlsTransport(cast("RTCIceTransport", pipe), [certificate])
        self._dtls._set_role(role)
        self._dtls.on("statechange", self._state_changed)
        self._stopping = False
        self.connected = False
        """True while packets can be protected."""

    async def start(self, fingerprint: bytes) -> None:
        """Run the handshake and check the peer's certificate (SHA-256 of its DER).

        Raises `TransportError` when it fails or the certificate is another one.
        """
        value = fingerprint.hex(":").upper()
        remote = RTCDtlsParameters(fingerprints=[RTCDtlsFingerprint("sha-256", value)])
        try:
            await self._dtls.start(remote)
        except Exception as error:
            # OpenSSL raises on hostile or hopeless handshakes; aiortc lets some of it through.
            raise TransportError("the DTLS handshake with the other side failed") from error
        if self._dtls.state != "connected":
            raise TransportError(
                "the DTLS handshake with the other side failed",
                hint="its certificate may not be the one that was announced",
            )
        self.connected = not self._stopping

    def protect(self, packet: bytes, kind: Datagram = Datagram.RTP) -> bytes:
        """Return the SRTP (or SRTCP) packet. Raises `ConnectionError` when not connected."""
        if not self.connected:
            raise ConnectionError("DTLS is not connected")
        session = self._dtls._tx_srtp
        if kind is Datagram.RTCP:
            return session.protect_rtcp(packet)
        return session.protect(packet)

    def unprotect(self, data: bytes, kind: Datagram) -> bytes | None:
        """Return the packet; None when it is forged, replayed, or there are no keys yet."""
        if not self.connected:
            return None
        session = self._dtls._rx_srtp
        try:
            if kind is Datagram.RTCP:
                return session.unprotect_rtcp(data)
            return session.unprotect(data)
        except (pylibsrtp.Error, ValueError):
            return None

    async def stop(self) -> None:
        """Say goodbye (DTLS close_notify) and end; idempotent."""
        self._stopping = True
        self.connected = False
        task = self._dtls._task
        await self._dtls.stop()
        if task is not None and task is not asyncio.current_task():
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await task

    def _state_changed(self) -> None:
        if self._dtls.state == "closed" and not self._stopping:
            self._stopping = True
            self.connected = False
            self.on_closed()


def new_certificate() -> RTCCertificate:
    """Return a fresh self-signed P-256 certificate for DTLS."""
    return RTCCertificate.generateCertificate()


def certificate_fingerprint(certificate: RTCCertificate) -> bytes:
    """Return the SHA-256 of a certificate's DER (RFC 8122 section 5)."""
    for item in certificate.getFingerprints():
        if item.algorithm == "sha-256":
            return bytes.fromhex(item.value.replace(":", ""))
    raise TransportError("this version of aiortc announces no SHA-256 fingerprint")
