"""Whatever happens to a room and its network, those who are left end in one epoch and one roster,
and nobody who was shut out reads anything sent after the grace period.

The real server logic, participants and keys in simulated time (`world`). A failing history is
printed whole with its seed, and can be played again as it is.
"""

from __future__ import annotations

import os
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from world import FRAME_EVERY, STALL, Client, Outcast, World

SETTLING: Final = 60.0
"""Seconds of a good network that everybody gets to agree again."""

who = st.integers(0, 7)
STALLS: Final = (0.5, 3.0, STALL - 1, STALL + 4, 30.0)
Step = tuple[str, float]
steps = st.one_of(
    st.tuples(st.sampled_from(["join", "join", "leave", "crash", "return", "restart"]), who),
    st.tuples(st.sampled_from(["remove", "appoint", "lock", "say"]), who),
    st.tuples(st.sampled_from([f"stall {seconds}" for seconds in STALLS]), who),
    st.tuples(st.just("wait"), st.sampled_from([0.02, 0.2, 1.0, 5.0])),
)
histories = st.lists(steps, min_size=4, max_size=25)
seeds = st.integers(0, 1 << 32)


class Story:
    """Plays a history. Whoever is the last host or cohost there is spared: nobody else could let
    anybody in."""

    def __init__(self, seed: int) -> None:
        self.world = World(seed)
        self.world.arrive("Hana", self.world.host_identity, opens=True)
        self.world.run(5.0)
        self.names = iter(f"Guest {number}" for number in range(100))

    def play(self, history: list[Step]) -> None:
        """Take the steps one after the other."""
        for what, value in history:
            verb, _, number = what.partition(" ")
            if verb == "wait":
                self.world.run(value)
            elif verb == "restart":
                self.world.restart()
            elif verb == "join":
                self.world.arrive(next(self.names))
            elif verb == "return":
                self.come_back(int(value))
            elif verb == "lock":
                self.lock(on=value < 3)
            elif (client := self.somebody(int(value))) is not None:
                self.happen(verb, client, float(number or 0))
            self.world.run(0.01)

    def lock(self, *, on: bool) -> None:
        """Have the room locked or unlocked, if there is somebody who may."""
        if (keeper := self.keeper) is not None:
            self.world.lock(keeper, on=on)

    def happen(self, verb: str, client: Client, seconds: float) -> None:
        """Have something happen to somebody."""
        match verb:
            case "say":
                self.world.say(client, "hello")
            case "appoint":
                for host in [one for one in self.world.present if one.name == "Hana"]:
                    self.world.appoint(host, client)
            case "stall":
                self.world.stall(client, seconds)
            case "leave" if self.is_spare(client):
                self.world.leave(client)
            case "crash" if self.is_spare(client):
                self.world.crash(client)
            case "remove" if self.is_spare(client) and (keeper := self.keeper) is not None:
                self.world.remove(keeper, client)

    @property
    def keeper(self) -> Client | None:
        """The host or cohost who does what is to be done; None while none is connected."""
        keepers = [one for one in self.world.keepers if one.line.stalled <= self.world.now]
        return next(iter(keepers or self.world.keepers), None)

    def is_spare(self, client: Client) -> bool:
        """Whether the room goes on without somebody."""
        keepers = {one for one in self.world.keepers if one.line.stalled <= self.world.now}
        return bool(keepers - {client})

    def somebody(self, number: int) -> Client | None:
        """One of those present."""
        present = self.world.present
        return present[number % len(present)] if present else None

    def come_back(self, number: int) -> None:
        """Have somebody come back who is gone, with the same identity."""
        here = {one.name for one in self.world.clients if one.running or one.wants_in}
        gone = {client.name: client for client in self.world.clients if client.name not in here}
        if gone:
            client = list(gone.values())[number % len(gone)]
            self.world.arrive(client.name, client.identity)

    def end(self) -> None:
        """Let the network be good again, the host be back, and everybody agree.

        A host that was lost keeps its place until then: a cohost may not take it.
        """
        self.world.run(max(STALLS) + SETTLING)
        self.lock(on=False)
        self.world.run(SETTLING)
        if not any(client.wants_in for client in self.world.clients if client.name == "Hana"):
            self.world.arrive("Hana", self.world.host_identity)
            self.world.run(SETTLING)
        for client in self.world.clients:
            client.heard.clear()
        self.world.run(50 * FRAME_EVERY)


def converged(world: World) -> None:
    """Check that there is one room, and that everybody in it hears everybody."""
    present = world.present
    assert present
    wanted = {client.name for client in world.clients if client.wants_in}
    assert [client.name for client in world.clients if client.running] == [c.name for c in present]
    assert wanted <= {client.name for client in present}
    groups = [client.protocol.membership.group for client in present if client.protocol.membership]
    assert len({group.epoch for group in groups}) == 1
    assert len({group.epoch_authenticator for group in groups}) == 1
    rosters = [client.protocol.roster.credentials for client in present if client.protocol.roster]
    assert all(roster == rosters[0] for roster in rosters)
    assert present[0].members.keys() == {client.signature_key for client in present}
    names = {client.name for client in present}
    assert all(client.heard == names - {client.name} for client in present)


def check(seed: int, history: list[Step]) -> Story:
    story = Story(seed)
    story.play(history)
    story.end()
    converged(story.world)
    return story


@settings(max_examples=50)
@given(seeds, histories)
def test_every_history_ends_in_one_epoch_and_one_roster(seed: int, history: list[Step]) -> None:
    check(seed, history)


@pytest.mark.slow
@settings(max_examples=50 if os.environ.get("SOTTO_SHORT") else 1000)
@given(seeds, st.lists(steps, min_size=10, max_size=80))
def test_every_long_history_ends_in_one_epoch_and_one_roster(
    seed: int, history: list[Step]
) -> None:
    check(seed, history)


def test_somebody_shut_out_who_still_hears_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rooms.membership.SEND_AFTER_REMOVAL", 5.0)
    with pytest.raises(Outcast, match="Guest 0 still hears"):
        check(1, [("join", 0), ("join", 0), ("wait", 5.0), ("remove", 1), ("wait", 5.0)])


def test_a_room_that_splits_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rooms.inside.Inside._commit_delivered", lambda *_: None)
    with pytest.raises(AssertionError):
        check(1, [("join", 0), ("wait", 5.0), ("join", 0), ("wait", 5.0)])
