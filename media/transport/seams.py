"""Every private name of aioice that this product touches, in one place.

Nothing else may reach below its public surface. Each use has one contract test, so a new
version of it fails loudly instead of strangely.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from aioice import Candidate, Connection
from aioice import stun as aioice_stun
from aioice.ice import StunProtocol

from media.rtp.demux import Datagram, classify
from media.transport.binding import answer, as_request

DTLS_COPIES = 2
"""Each DTLS datagram is sent twice. A lost one costs a second (OpenSSL's timer, which cannot be
shortened from here), a copy a few hundred bytes; replay protection drops it (RFC 6347 4.1.2.6)."""

Traffic = dict[str, list[int]]
"""Bytes sent to and received from each address that was sent to, `host:port`."""
SecureDatagram = Callable[[bytes, Datagram], None]


class IceConnection(Connection):
    """A controlling ICE connection to an ICE-lite server, on chosen local addresses only.

    No STUN or TURN server is ever configured: nobody but the peer's candidates is contacted.
    SRTP skips aioice's queue and goes to `on_secure` at once; only DTLS is queued.
    """

    def __init__(self, on_secure: SecureDatagram, traffic: Traffic | None = None) -> None:
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

    async def receive_dtls(self) -> bytes:
        """Return the next DTLS datagram. Raises `ConnectionError` when the connection ended."""
        return await self.recv()

    def send_dtls(self, data: bytes) -> None:
        """Send a DTLS datagram. Raises `ConnectionError` when not connected."""
        for _ in range(DTLS_COPIES):
            self.send_now(data)
