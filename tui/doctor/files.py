"""Settings, folders, keys and sockets: what is on the disk, who may read it, does it make sense."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from rooms.folders import SETTINGS_FILE, config_folder, runtime_folder, state_folder
from rooms.settings import IDENTITY_FILE, OWN_IDENTITY, Settings
from tui.doctor.finding import Case, Finding, State

_OTHERS: Final = 0o077
_WRITE: Final = 0o022


def settings(_case: Case) -> Iterator[Finding]:
    """Read the settings file."""
    Settings.load()
    path = config_folder() / SETTINGS_FILE
    yield Finding("ok", f"{path} is read" if path.exists() else f"no {path}: all is as it comes")


def folders(_case: Case) -> Iterator[Finding]:
    """Look who can read and write in our folders."""
    for folder in dict.fromkeys([config_folder(), state_folder(), Path(runtime_folder())]):
        yield _folder(folder)


def _folder(folder: Path) -> Finding:
    try:
        status = folder.stat()
    except FileNotFoundError:
        return Finding("ok", f"no {folder} yet: it is made when it is needed")
    private = f"run: chmod 700 {folder}"
    mine = status.st_uid == os.geteuid()
    wrong: Sequence[tuple[bool, State, str, str]] = (
        (not folder.is_dir(), "fail", f"{folder} is no folder", "move it away"),
        (not mine, "fail", f"{folder} is somebody else's", f"run: sudo chown $USER {folder}"),
        (bool(status.st_mode & _WRITE), "fail", f"others can write in {folder}", private),
        (not os.access(folder, os.W_OK | os.X_OK), "fail", f"{folder} cannot be written", private),
        (bool(status.st_mode & _OTHERS), "warn", f"others can look into {folder}", private),
    )
    found = (Finding(state, what, hint) for is_so, state, what, hint in wrong if is_so)
    return next(found, Finding("ok", f"{folder} is yours alone"))


def identity(case: Case) -> Iterator[Finding]:
    """Look whether our key is there, without making one."""
    from rooms import own_identity

    own = case.settings.identity == OWN_IDENTITY
    if own and not (state_folder() / IDENTITY_FILE).exists():
        yield Finding("ok", "no key yet: one is made for the first call")
        return
    found = own_identity.describe(case.settings)
    yield Finding("ok", f"{found.source}, {found.fingerprint}")


def people(_case: Case) -> Iterator[Finding]:
    """Read the keys of people that were met."""
    from rooms.people_file import PeopleFile

    file = PeopleFile.own()
    known = file.load()
    strange = len([line for line in known.to_text().splitlines() if _is_strange(line)])
    if file.path.exists() and file.path.stat().st_mode & _WRITE:
        yield Finding("fail", f"others can write {file.path}", f"run: chmod 600 {file.path}")
    elif strange:
        yield Finding(
            "warn",
            f"lines of {file.path} that mean nothing: {strange}",
            "look what is misspelt",
        )
    else:
        yield Finding("ok", f"people known by their keys: {len(known.pins)}")


def _is_strange(line: str) -> bool:
    from rooms.known_people import read_line

    return bool(line.strip()) and not line.lstrip().startswith("#") and not read_line(line)


def rooms(_case: Case) -> Iterator[Finding]:
    """Read the list of rooms."""
    from rooms.saved_rooms import RoomsFile

    yield Finding("ok", f"saved rooms: {len(RoomsFile.own().load())}")


def calls(_case: Case) -> Iterator[Finding]:
    """Look for running calls, as `sotto ctl` does; sockets of dead ones are taken away."""
    from tui.ctl.seats import running_calls

    found = running_calls()
    for connection in found.values():
        connection.close()
    yield Finding("ok", f"calls of yours that run here: {len(found)}")
