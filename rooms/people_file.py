"""The file `known_people` in the state folder: read whole, changed under a lock, replaced whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from rooms.errors import SettingsError
from rooms.folders import state_folder
from rooms.known_people import FIRST_SEEN, KnownPeople, Pin
from rooms.private_file import alone, cannot, replace_file

PEOPLE_FILE: Final = "known_people"
WHAT: Final = "the people you know"
MAX_FILE: Final = 4 * 2**20
"""Bytes; more than `MAX_PINS` lines of ours take."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PeopleFile:
    """Where known people are kept. Every call reads or writes the disk and may wait for a lock."""

    path: Path

    @classmethod
    def own(cls) -> PeopleFile:
        """Return this person's file."""
        return cls(state_folder() / PEOPLE_FILE)

    def load(self) -> KnownPeople:
        """Read the file; nobody is known without one. Raises `SettingsError`."""
        try:
            with self.path.open("rb") as file:
                data = file.read(MAX_FILE + 1)
        except FileNotFoundError:
            return KnownPeople()
        except OSError as error:
            raise cannot("read", WHAT, self.path, error) from error
        if len(data) > MAX_FILE:
            raise SettingsError(f"{self.path} is too long", hint="take out who is not needed")
        return KnownPeople.parse(data.decode(errors="replace"))

    def change(self, change: Callable[[KnownPeople], T]) -> T:
        """Read the file, let it be changed, write it; nobody else does so meanwhile.

        Raises `SettingsError` and what `change` raises; the file is as it was then.
        """
        try:
            with alone(self.path.parent):
                people = self.load()
                result = change(people)
                replace_file(self.path, people.to_text().encode())
        except OSError as error:
            raise cannot("kept", WHAT, self.path, error) from error
        return result

    def keep(self, pins: Iterable[Pin], day: str) -> None:
        """Enter people that were met or verified on a day. Raises `SettingsError`.

        A name that another call has pinned to another key meanwhile stays with that key.
        """
        self.change(lambda people: _enter(people, pins, day))


def _enter(people: KnownPeople, pins: Iterable[Pin], day: str) -> None:
    for pin in pins:
        if pin.verified:
            people.verify(pin.name, pin.public_blob, day)
        elif people.state(pin.name, pin.public_blob) == "new":
            people.put(pin.noting(FIRST_SEEN + day))
