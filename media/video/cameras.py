"""Which cameras this machine has: files under `/dev` and the names the kernel gives them."""

from __future__ import annotations

from pathlib import Path

_DEV = Path("/dev")
_NAMES = Path("/sys/class/video4linux")


def found() -> dict[str, list[Path]]:
    """Return the device files of each camera, by its name; many have files that give no picture."""
    by_name: dict[str, list[Path]] = {}
    for path in sorted(_DEV.glob("video[0-9]*"), key=lambda path: (len(path.name), path.name)):
        by_name.setdefault(_name(path), []).append(path)
    return by_name


def find(name: str | None) -> list[Path]:
    """Return the device files of one camera, or of all of them, in the order to try them."""
    return [path for called, paths in found().items() if name in (None, called) for path in paths]


def _name(path: Path) -> str:
    try:
        name = (_NAMES / path.name / "name").read_text(errors="replace")
    except OSError:
        name = ""
    return " ".join(name.split()) or path.name
