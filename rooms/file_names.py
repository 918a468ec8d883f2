"""Names of files that others chose, made safe to show and to save under. Pure."""

from __future__ import annotations

import re
from typing import Final

from rooms.member_wire import MAX_FILE_NAME
from rooms.text import clean_line

NAMELESS: Final = "file"
MAX_BYTES: Final = 200
"""Longest name saved under, bytes: file systems take 255, and a suffix may be added."""
_FOLDERS: Final = re.compile(r"[/\\]")
# Not at the beginning: hidden files and the folders . and .., options of programs, home folders.
_NOT_FIRST: Final = ".-~ "


def clean_file_name(text: str) -> str:
    """Return a name as one visible word or more: no folder, nothing a shell or system takes amiss.

    Never empty, at most `MAX_FILE_NAME` characters and `MAX_BYTES` bytes; an ending is kept.
    """
    line = clean_line(_FOLDERS.split(text)[-1], 4 * MAX_FILE_NAME).lstrip(_NOT_FIRST).rstrip(". ")
    stem, dot, ending = line.rpartition(".")
    if not dot or len(ending) > 16:
        stem, ending = line, ""
    while len(stem) + len(dot and ending) >= MAX_FILE_NAME or _bytes(stem, ending) >= MAX_BYTES:
        stem = stem[:-1]
    return (f"{stem}.{ending}" if ending else stem) or NAMELESS


def _bytes(stem: str, ending: str) -> int:
    return len(f"{stem}.{ending}".encode())
