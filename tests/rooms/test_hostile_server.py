"""A server that says what no honest one does, to clients that are already inside."""

from __future__ import annotations

from media.control import Connect
from media.engine.ports import MediaAnswer
from rooms import events, wire


def test_attack_the_server_names_ever_more_media_addresses(table, answer: MediaAnswer) -> None:
    host = table.host()
    table.deliver(host, wire.MediaStarted(answer))  # before any offer
    host.protocol.offered(table.offer)
    table.settle()
    for _ in range(3):
        table.deliver(host, wire.MediaStarted(answer))
    table.settle()
    assert len(host.told(Connect)) == 1
    assert host.last(events.ErrorEvent).code == "wire.malformed"
