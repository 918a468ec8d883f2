"""All checks as one table, in the order they are made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from e2ee.errors import SottovoceError
from rooms.errors import SettingsError
from rooms.settings import Settings
from tui.doctor import devices, files, network, system, terminal
from tui.doctor.finding import Case, Check, Finding

CHECKS: Final[Mapping[str, Check]] = {
    "libraries": system.libraries,
    "clock": system.clock,
    "terminal": terminal.terminal,
    "devices": devices.devices,
    "settings": files.settings,
    "folders": files.folders,
    "identity": files.identity,
    "people": files.people,
    "rooms": files.rooms,
    "calls": files.calls,
    "network": network.addresses,
    "server": network.server,
}
"""Name to check."""


def examine(server: str = "") -> Iterator[tuple[str, Finding]]:
    """Make every check; yield what each finds, by its name.

    `server` is tried instead of the one in the settings.
    """
    try:
        settings = Settings.load()
    except SettingsError:  # one of the checks says what is wrong with them
        settings = Settings()
    case = Case(settings, server or settings.server)
    for name, check in CHECKS.items():
        for finding in _found(check, case):
            yield name, finding


def _found(check: Check, case: Case) -> Iterator[Finding]:
    try:
        yield from check(case)
    except SottovoceError as error:
        yield Finding.of(error)
    except OSError as error:
        yield Finding("fail", f"this cannot be looked at: {error.strerror or error}")
