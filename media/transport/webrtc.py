"""A client's leg: ICE (controlling) and DTLS-SRTP (client role) to one server, nobody else."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from aioice import Candidate

from media.aiortc_parts import RTCCertificate
from media.engine.ports import TransportParameters
from media.errors import TransportError
from media.rtp.demux import Datagram, sender_ssrc
from media.transport.addresses import local_addresses, usable_candidates
from media.transport.seams import (
    ByteCounts,
    DtlsSession,
    IceConnection,
    certificate_fingerprint,
    new_certificate,
)

CONNECT_TIMEOUT = 20.0
"""Seconds for ICE and DTLS together."""


class ClientLeg:
    """One transport of a client.

    `on_packet` gets each authentic RTP or RTCP packet whose sender SSRC is in `expected`;
    `on_closed` gets the reason once, when the server or the path ends an established leg.
    Every datagram is counted in `traffic`, checks and handshake too.
    """

    def __init__(
        self, certificate: RTCCertificate | None = None, *, traffic: ByteCounts | None = None
    ) -> None:
        self.on_packet: Callable[[bytes, Datagram], None] = lambda _data, _kind: None
        self.on_closed: Callable[[str], None] = lambda _reason: None
        self.expected: frozenset[int] = frozenset()
        self.sent_bytes = self.received_bytes = 0
        self.sent_packets = self.received_packets = 0
        self._certificate = certificate or new_certificate()
        self._ice = IceConnection(self._secure_received, traffic)
        self._dtls = DtlsSession(self._ice, self._certificate, "client")
        self._dtls.on_closed = self._lost
        self._closed = False

    @property
    def remote(self) -> str:
        """The server's address in use, `host:port`; empty before connecting."""
        address = self._ice.remote_address
        return "" if address is None else f"{address[0]}:{address[1]}"

    def parameters(self) -> TransportParameters:
        """Return what the server must know.

        No candidate is listed: an ICE-lite server learns our address from our first check, and
        no list of this machine's interfaces leaves it.
        """
        return TransportParameters(
            ufrag=self._ice.local_username,
            password=self._ice.local_password,
            candidates=[],
            fingerprint=certificate_fingerprint(self._certificate),
        )

    async def connect(self, remote: TransportParameters) -> None:
        """Run ICE and DTLS. Raises `TransportError` if either fails; the leg is closed then."""
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT):
                await self._connect_ice(remote)
                await self._dtls.start(remote.fingerprint)
        except TimeoutError as error:
            await self.close()
            raise TransportError(
                "the server's media address does not answer",
                hint="a firewall may block UDP between you and the server",
            ) from error
        except BaseException:
            await self.close()
            raise

    def send(self, packet: bytes, kind: Datagram = Datagram.RTP) -> None:
        """Protect and send one packet; dropped while the leg is not connected."""
        if not self._dtls.connected:
            return
        data = self._dtls.protect(packet, kind)
        try:
            self._ice.send_now(data)
        except ConnectionError:
            return  # ICE ended a moment before DTLS notices
        self.sent_packets += 1
        self.sent_bytes += len(data)

    async def close(self) -> None:
        """Say goodbye and free the sockets; idempotent. `on_closed` is not called for it."""
        self._closed = True
        await self._dtls.stop()
        await self._ice.close()

    async def _connect_ice(self, remote: TransportParameters) -> None:
        candidates = usable_candidates(remote.candidates)
        addresses = local_addresses(candidates)
        if not addresses:
            raise TransportError("no network leads to the server's media address")
        ice = self._ice
        await ice.gather(addresses)
        # With a single pair there is nothing to choose between, so the first check may nominate it
        # and saves a round trip; with more, a lite peer needs regular nomination (RFC 5245 8.1.1).
        ice.remote_is_lite = remote.lite and len(candidates) * len(addresses) > 1
        ice.remote_username = remote.ufrag
        ice.remote_password = remote.password
        for item in candidates:
            await ice.add_remote_candidate(
                Candidate(item.foundation, 1, "udp", item.priority, item.ip, item.port, item.type)
            )
        await ice.add_remote_candidate(None)
        try:
            await ice.connect()
        except ConnectionError as error:
            raise TransportError(
                "the server's media address does not answer",
                hint="a firewall may block UDP between you and the server",
            ) from error

    def _secure_received(self, data: bytes, kind: Datagram) -> None:
        if sender_ssrc(data, kind) not in self.expected:
            return
        packet = self._dtls.unprotect(data, kind)
        if packet is None:
            return
        self.received_packets += 1
        self.received_bytes += len(data)
        self.on_packet(packet, kind)

    def _lost(self) -> None:
        if self._closed:
            return
        self._closed = True
        if self._ice.expired:
            self.on_closed("the server stopped answering")
        else:
            self.on_closed("the server ended the media connection")
