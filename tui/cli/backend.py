"""The session behind a face, of the person's settings and identity. Loaded when needed."""

from __future__ import annotations

from e2ee.identity import DeviceIdentity
from e2ee.link import Link
from e2ee.mls.cipher_suite import CLASSIC, SUITES
from rooms.client import ServerAddress
from rooms.ledger import Ledger
from rooms.people_file import PeopleFile
from rooms.session import Session, SessionOptions
from rooms.settings import Settings
from tui.cli.options import CallOptions


def host(
    server: ServerAddress, options: CallOptions, *, admit_all: bool, remember: bool = True
) -> Session:
    """Return a session that opens a room on a server. Raises `SettingsError`.

    `remember`: keep the keys of those we meet, and look them up.
    """
    settings = Settings.load()
    mine = _session_options(options, settings, admit_all=admit_all, remember=remember)
    return Session.host(server, settings.identity(), mine, Ledger())


def join(link: str, options: CallOptions, identity: DeviceIdentity | None = None) -> Session:
    """Return a session that knocks at a room. Raises `LinkError`, `SettingsError`.

    With an `identity` that is not this person's, nobody is remembered.
    """
    room = Link.parse(link)
    settings = Settings.load()
    mine = _session_options(options, settings, remember=identity is None)
    return Session.join(room, identity or settings.identity(), mine, Ledger())


def _session_options(
    options: CallOptions, settings: Settings, *, admit_all: bool = False, remember: bool
) -> SessionOptions:
    """Say what a session needs; with a screen, media runs in a process of its own."""
    return SessionOptions(
        name=options.name or settings.name,
        media=options.configure(settings),
        admit_all=admit_all,
        media_process=not options.headless,
        people=PeopleFile.own() if remember else None,
        suites=[CLASSIC] if options.suite == CLASSIC.name else SUITES,
    )
