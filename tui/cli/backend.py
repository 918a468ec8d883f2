"""The session behind a face, of the person's settings and identity. Loaded when needed."""

from __future__ import annotations

from e2ee.identity import DeviceIdentity
from e2ee.link import Link
from rooms.client import ServerAddress
from rooms.ledger import Ledger
from rooms.session import Session, SessionOptions
from rooms.settings import Settings
from tui.cli.options import CallOptions


def host(server: ServerAddress, options: CallOptions, *, admit_all: bool) -> Session:
    """Return a session that opens a room on a server. Raises `SettingsError`."""
    settings = Settings.load()
    mine = _session_options(options, settings, admit_all=admit_all)
    return Session.host(server, settings.identity(), mine, Ledger())


def join(link: str, options: CallOptions, identity: DeviceIdentity | None = None) -> Session:
    """Return a session that knocks at a room. Raises `LinkError`, `SettingsError`."""
    room = Link.parse(link)
    settings = Settings.load()
    mine = _session_options(options, settings)
    return Session.join(room, identity or settings.identity(), mine, Ledger())


def _session_options(
    options: CallOptions, settings: Settings, *, admit_all: bool = False
) -> SessionOptions:
    """Say what a session needs; with a screen, media runs in a process of its own."""
    return SessionOptions(
        name=options.name or settings.name,
        media=options.configure(settings),
        admit_all=admit_all,
        media_process=not options.headless,
    )
