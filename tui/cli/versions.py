"""`sotto --version --json`: what runs here, for a bug report or a script that needs a version.

Nothing in it tells one machine, or one person, from another.
"""

from __future__ import annotations

import json
import platform
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final

from e2ee.errors import SottovoceError

FORMAT: Final = 1
LIBRARIES: Final = (
    "aioice",
    "aiortc",
    "av",
    "click",
    "cryptography",
    "msgspec",
    "numpy",
    "sounddevice",
    "textual",
    "websockets",
)


def versions() -> dict[str, Any]:
    """Return the versions of the program, of its schemas, and of what it is built on.

    None stands for what is missing.
    """
    from cryptography.hazmat.backends.openssl import backend

    from e2ee.mls.cipher_suite import SUITES
    from rooms.event import Event
    from rooms.wire import PROTOCOL_VERSION
    from tui.ctl.schema import VERSION

    event = Event()
    return {
        "v": FORMAT,
        "sotto": version("sottovoce"),
        "python": platform.python_version(),
        "schemas": {"protocol": PROTOCOL_VERSION, "events": event.v, "control": VERSION},
        "suites": [suite.name for suite in SUITES],
        "libraries": {name: installed(name) for name in LIBRARIES},
        "libopus": libopus(),
        "openssl": backend.openssl_version_text().split()[1],
    }


def installed(name: str) -> str | None:
    """Return the version of an installed library, None if it is not there."""
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def libopus() -> str | None:
    """Return the version of the libopus in use, None if there is none."""
    from media.audio import libopus

    try:
        return libopus.version().removeprefix("libopus ")
    except (SottovoceError, ImportError):
        return None


def as_json() -> str:
    """Return them as one line."""
    return json.dumps(versions())
