"""Who is in the room: verified credentials by leaf, and what each member says of itself. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from e2ee.identity import Credential
from rooms.events import CameraState, KeyChanged, KeyState, Participant, Role
from rooms.known_people import KnownPeople
from rooms.policy import RoomState, is_link_host
from rooms.text import NamedKey, clean_name, distinct_names

LeftReason = Literal["left", "removed", "lost"]
Rule = Literal["recording", "ai", "chat", "share", "stage"]


@dataclass(frozen=True, slots=True)
class Appearance:
    """How a member appears to the others: what it says of itself."""

    muted: bool = True
    camera: bool = False
    recording: bool = False
    bot: bool = False


@dataclass(slots=True)
class Person:
    """One member. `participant` is the server's number for it, once known.

    `confirmed` is whether it has said lately that it holds our keys (`rooms.heartbeat`).
    `leaving` is why it will be removed, as far as it (left) or the server (lost) has told;
    `was_heard`: it has said something in the group.
    """

    credential: Credential
    participant: int | None = None
    appearance: Appearance = Appearance()
    speaking: bool = False
    confirmed: bool = True
    leaving: LeftReason = "removed"
    was_heard: bool = False
    back: tuple[int, Person] | None = None
    """Where it is now, and as whom, if the Commit that took it out let it in again."""

    @property
    def is_gone(self) -> bool:
        """Whether it has left or lost the connection, and only its leaf is still here."""
        return self.leaving != "removed"

    @property
    def why_gone(self) -> LeftReason:
        """Why it is not here any more; nobody removed who was let in again at once."""
        return "lost" if self.back is not None and not self.is_gone else self.leaving

    @property
    def is_missing(self) -> bool:
        """Whether it may be gone without a word of the server's to us.

        A number alone proves nothing: another one may have said first that it is theirs.
        """
        silent = self.participant is None and not self.confirmed
        return not self.is_gone and (silent or not self.was_heard)

    def lose_connection(self, *, was_here: bool) -> None:
        """Forget its number at the server, which has lost the room."""
        self.participant = None
        if was_here and self.leaving != "left":
            self.leaving = "lost"

    def is_heard(self) -> None:
        """Note that it is here and connected: the server may have said that it is not."""
        self.was_heard = True
        if self.leaving == "lost":
            self.leaving = "removed"


class Roster:
    """The people of one room, in the order of their leaves. `link_host` is the hash in the link."""

    def __init__(
        self, *, me: int, state: RoomState, link_host: bytes, known: KnownPeople | None = None
    ) -> None:
        self.me = me
        self.known = known if known is not None else KnownPeople()
        self.state = state
        self.link_host = link_host
        self._people: dict[int, Person] = {}
        self._by_key: dict[bytes, set[int]] = {}
        self._names: dict[int, str] | None = None
        self._warned: set[tuple[str, bytes]] = set()
        """Whose changed key was told of, by name and key."""

    @property
    def credentials(self) -> Mapping[int, Credential]:
        """The verified credentials by leaf."""
        return {leaf: person.credential for leaf, person in self._people.items()}

    def __contains__(self, leaf: int) -> bool:
        return leaf in self._people

    def __iter__(self) -> Iterator[int]:
        return iter(self._people)

    def __len__(self) -> int:
        return len(self._people)

    def __getitem__(self, leaf: int) -> Person:
        return self._people[leaf]

    def add(self, leaf: int, credential: Credential, participant: int | None = None) -> None:
        """Enter a member whose credential has been verified."""
        self._people[leaf] = Person(credential, participant)
        self._by_key.setdefault(credential.public_blob, set()).add(leaf)
        self._names = None

    def remove(self, leaf: int) -> Person:
        """Take a member out and return what was known of it. KeyError if it is not there."""
        self._names = None
        person = self._people.pop(leaf)
        leaves = self._by_key[person.credential.public_blob]
        leaves.remove(leaf)
        if not leaves:
            del self._by_key[person.credential.public_blob]
        return person

    def leaves_of(self, public_blob: bytes) -> frozenset[int]:
        """Return the leaves that hold an identity key: one person may be here more than once."""
        return frozenset(self._by_key.get(public_blob, ()))

    def leaf_of(self, participant: int) -> int | None:
        """Return the leaf that a participant number of the server's belongs to, if known."""
        for leaf, person in self._people.items():
            if person.participant == participant:
                return leaf
        return None

    def claim(self, leaf: int, participant: int) -> bool:
        """Tie a participant number to the leaf that named it as its own; False if it may not.

        The first claim stands, and a number tied to one leaf is never given to another one:
        nobody can pass as somebody else's connection.
        """
        if self.leaf_of(participant) not in (None, leaf):
            return False
        person = self._people[leaf]
        if person.participant not in (None, participant):
            return False
        person.participant = participant
        return True

    def take_over(self, before: Roster) -> frozenset[int]:
        """Keep what those said of themselves who are here as before, at the same leaf.

        Returns these leaves. Numbers are not kept: the server may have given others.
        """
        stayed = {
            leaf
            for leaf, person in self._people.items()
            if leaf in before and before[leaf].credential == person.credential
        }
        for leaf in stayed - {self.me}:
            self._people[leaf].appearance = before[leaf].appearance
        self._warned = before._warned
        return frozenset(stayed)

    def name(self, leaf: int) -> str:
        """Return the name to show, with a piece of the key's fingerprint where it may mislead."""
        if self._names is None:
            self._names = distinct_names(self._named_keys())
        return self._names[leaf]

    def name_of_stranger(self, credential: Credential) -> str:
        """Return the same for somebody who is not in the room (yet)."""
        return distinct_names({**self._named_keys(), -1: _named_key(credential)})[-1]

    def key_state(self, credential: Credential, *, me: bool = False) -> KeyState:
        """Return how well a key is known: our own and the one the link names are at least that.

        A link says which key hosts, not whose it is: it makes no changed key a known one.
        """
        if me:
            return "known"
        state = self.known.state(clean_name(credential.name), credential.public_blob)
        named = is_link_host(credential.public_blob, self.link_host)
        return "known" if state == "new" and named else state

    def role(self, leaf: int) -> Role:
        """Return the role of a member. KeyError if it is not there."""
        return self.state.role(self._people[leaf].credential.public_blob)

    def may(self, leaf: int, rule: Rule, state: RoomState | None = None) -> bool:
        """Whether a member may do what a rule is about, by the room's state or another one."""
        state = state if state is not None else self.state
        allowed: bool = getattr(state.policy, rule)
        return allowed or state.role(self._people[leaf].credential.public_blob) != "member"

    def shows(self, leaf: int, state: RoomState | None = None) -> bool:
        """Whether a member's camera is on, and it may show itself."""
        return self._people[leaf].appearance.camera and self.may(leaf, "share", state)

    def cameras_changed(self, before: RoomState) -> list[CameraState]:
        """Return whose pictures a change of the room's state shows, or shows no more."""
        return [
            CameraState(leaf=leaf, name=self.name(leaf), on=self.shows(leaf))
            for leaf in sorted(self._people)
            if self.shows(leaf) != self.shows(leaf, before)
        ]

    def meet(self, leaves: Iterable[int]) -> list[KeyChanged]:
        """Pin those members that are new; tell of those whose key is another one than before.

        Of each person and key once, however often they come.
        """
        changed: list[KeyChanged] = []
        for leaf in sorted(leaves):
            who = self._people[leaf].credential
            if leaf == self.me:
                continue
            name = clean_name(who.name)
            self.known.meet(name, who.public_blob)
            if self.key_state(who) == "changed" and (name, who.public_blob) not in self._warned:
                self._warned.add((name, who.public_blob))
                old = self.known.named(name)[-1].fingerprint
                changed.append(
                    KeyChanged(leaf=leaf, name=self.name(leaf), old=old, new=who.fingerprint)
                )
        return changed

    def participant(self, leaf: int) -> Participant:
        """Return one member as faces see it."""
        person = self._people[leaf]
        return Participant(
            leaf=leaf,
            name=self.name(leaf),
            fingerprint=person.credential.fingerprint,
            role=self.role(leaf),
            key_state=self.key_state(person.credential, me=leaf == self.me),
            me=leaf == self.me,
            muted=person.appearance.muted,
            camera=self.shows(leaf),
            recording=person.appearance.recording,
            bot=person.appearance.bot,
            speaking=person.speaking,
            confirmed=person.confirmed,
            connected=not person.is_gone,
        )

    def participants(self) -> list[Participant]:
        """Return everybody, by leaf."""
        return [self.participant(leaf) for leaf in sorted(self._people)]

    def _named_keys(self) -> dict[int, NamedKey]:
        return {leaf: _named_key(person.credential) for leaf, person in self._people.items()}


def _named_key(credential: Credential) -> NamedKey:
    return NamedKey(clean_name(credential.name), credential.fingerprint)
