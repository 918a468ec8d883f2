"""Whom we see and how loud we hear them, whatever becomes of leaves, connections and rules."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from media.control import OWN, Command, SetView, SetVolume
from rooms import events
from rooms.attention import MAX_GAIN, Attention
from rooms.roles import SetPolicy

if TYPE_CHECKING:
    from tests.rooms.conftest import Seat, Table


@dataclass
class Watcher:
    """A seat whose face wants to see and hear."""

    seat: Seat
    told: list[Command] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.wants = Attention(self.seat.protocol, self.told.append)
        self.passed = len(self.seat.events)

    def catch_up(self) -> list[Command]:
        """Hear of what happened; return what media was told since the last time."""
        for event in self.seat.events[self.passed :]:
            self.wants.on_event(event)
        self.passed = len(self.seat.events)
        told, self.told[:] = list(self.told), []
        return told


@pytest.fixture
def host(table: Table) -> Watcher:
    return Watcher(table.host())


def test_a_volume_holds_within_bounds(table: Table, host: Watcher) -> None:
    ada = table.join(host.seat, "Ada")
    assert host.wants.volume(ada.leaf) == 1.0
    for gain, kept in ((0.5, 0.5), (-1.0, 0.0), (1e9, MAX_GAIN)):
        host.wants.set_volume(ada.leaf, gain)
        assert host.wants.volume(ada.leaf) == kept
        assert host.told[-1] == SetVolume(ada.leaf, kept)


def test_nobody_has_no_volume(table: Table, host: Watcher) -> None:
    host.wants.set_volume(7, 0.5)
    assert (host.wants.volume(7), host.told) == (1.0, [])
    outside = Watcher(table.sit("Ada"))
    outside.wants.set_volume(0, 0.5)
    assert (outside.wants.volume(0), outside.told) == (1.0, [])


def test_a_volume_follows_the_person_to_another_leaf(table: Table, host: Watcher) -> None:
    ada, bob = table.join(host.seat, "Ada"), table.join(host.seat, "Bob")
    host.wants.set_volume(ada.leaf, 0.25)
    table.leave(ada)
    ada.protocol.leave()
    table.wait(70)
    cleo = table.join(host.seat, "Cleo")
    assert cleo.leaf == 1  # where Ada was
    again = table.join(host.seat, "Ada", identity=ada.identity)
    assert SetVolume(again.leaf, 0.25) in host.catch_up()
    assert [host.wants.volume(seat.leaf) for seat in (cleo, bob, again)] == [1.0, 1.0, 0.25]


def test_volumes_are_said_again_to_media_that_came_back(table: Table, host: Watcher) -> None:
    ada = Watcher(table.join(host.seat, "Ada"))
    ada.wants.set_volume(0, 2.0)
    ada.catch_up()
    table.lose(ada.seat)
    table.reconnect(ada.seat)
    table.wait(5)
    assert ada.seat.told(events.Reconnected)
    assert SetVolume(0, 2.0) in ada.catch_up()
    assert ada.wants.volume(0) == 2.0


# --- the rule about who shows themselves ---


def test_pictures_of_who_may_not_show_are_not_asked_for_until_they_may(
    table: Table, host: Watcher
) -> None:
    ada, bob = (Watcher(table.join(host.seat, name)) for name in ("Ada", "Bob"))
    leaf = ada.seat.leaf
    bob.wants.set_view(leaf, 160, 120)
    bob.wants.set_view(0, 160, 120)
    bob.wants.set_view(OWN, 80, 60)
    bob.catch_up()
    host.seat.protocol.change(SetPolicy("share", False), table.now)
    table.wait(1)
    assert bob.catch_up() == [SetView(leaf, 0, 0), SetView(0, 160, 120), SetView(OWN, 80, 60)]
    assert [bob.wants.sees(one) for one in (leaf, 0, OWN, bob.seat.leaf)] == [
        False,
        True,
        True,
        True,
    ]
    bob.wants.set_view(leaf, 320, 240)
    assert bob.catch_up() == []
    host.seat.protocol.change(SetPolicy("share", True), table.now)
    table.wait(1)
    assert SetView(leaf, 320, 240) in bob.catch_up()


def test_whoever_gets_the_leaf_of_another_is_not_watched_for_it(
    table: Table, host: Watcher
) -> None:
    ada = table.join(host.seat, "Ada")
    host.wants.set_view(ada.leaf, 160, 120)
    host.catch_up()
    ada.protocol.leave()
    table.wait(1)
    table.join(host.seat, "Bob")
    host.seat.protocol.change(SetPolicy("share", False), table.now)
    table.wait(1)
    assert host.catch_up() == []
    assert not host.wants.sees(9)
