"""A path that is being typed, completed by what is on the disk."""

from __future__ import annotations

import os
from itertools import islice
from typing import Final

MOST_LOOKED_AT: Final = 10_000
"""Names of one folder."""


def complete_path(begun: str) -> str:
    """Return a path with its last part completed as far as all names that begin so agree.

    A folder gets a slash; hidden names are found if their dot is typed. As it is if nothing fits.
    """
    folder, slash, part = begun.rpartition("/")
    try:
        with os.scandir(os.path.expanduser(folder + slash) or ".") as entries:
            found = [
                f"{entry.name}/" if entry.is_dir() else entry.name
                for entry in islice(entries, MOST_LOOKED_AT)
                if _fits(entry.name, part)
            ]
    except (OSError, ValueError):
        return begun
    agreed = os.path.commonprefix(found)  # noqa: RUF071 - of names, not of folders
    return folder + slash + (agreed or part)


def _fits(name: str, begun: str) -> bool:
    hidden = name.startswith(".") and not begun
    return name.startswith(begun) and name.isprintable() and not hidden
