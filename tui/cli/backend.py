"""The session behind a face, of the person's settings and identity. Loaded when needed."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from e2ee.identity import Identity
from e2ee.link import Link
from e2ee.mls.cipher_suite import CLASSIC, SUITES
from rooms.client import ServerAddress
from rooms.kept_chat import KeptChat
from rooms.own_ledger import own_ledger
from rooms.people_file import PeopleFile
from rooms.policy import Policy
from rooms.saved_rooms import RoomsFile
from rooms.session import Session, SessionOptions
from rooms.settings import Settings
from tui.cli.options import CallOptions


def host(
    server: ServerAddress,
    options: CallOptions,
    identity: Identity | None = None,
    *,
    admit: Literal["ask", "all"] | None = None,
    admit_keys: frozenset[bytes] = frozenset(),
    remember: bool = True,
    lasting: bool = False,
    passcode: bool = False,
) -> Session:
    """Return a session that opens a room on a server. Raises `SettingsError`.

    Without an `identity`, this device's own is used. `admit`: who comes in by itself, if it is not
    to be what the settings say. `admit_keys`: identity blobs of those who come in without being
    asked about. `remember`: keep the keys of those we meet, look them up. `lasting`: the
    server outlives the call, so that its room can be saved. `passcode`: have one from the start.
    """
    settings = Settings.load()
    mine = _session_options(options, settings, remember=remember, lasting=lasting)
    mine = replace(
        mine,
        admit_all=(admit or settings.admit) == "all",
        admit_keys=admit_keys,
        passcode=passcode,
        policy=Policy(chat=settings.members_write, share=settings.members_show),
    )
    return Session.host(server, identity or settings.own_identity(), mine, own_ledger())


def join(
    link: str, options: CallOptions, identity: Identity | None = None, *, remember: bool = True
) -> Session:
    """Return a session that knocks at a room. Raises `LinkError`, `SettingsError`.

    Without an `identity`, this device's own is used. `remember`: as in `host`.
    """
    room = Link.parse(link)
    settings = Settings.load()
    mine = _session_options(options, settings, remember=remember)
    return Session.join(room, identity or settings.own_identity(), mine, own_ledger())


def _session_options(
    options: CallOptions, settings: Settings, *, remember: bool, lasting: bool = True
) -> SessionOptions:
    """Say what a session needs; with a screen, media runs in a process of its own.

    Rooms of scripts, which have their links from somewhere, and of robots are not saved, nor is
    what is written there.
    """
    saves = remember and lasting and not options.headless
    return SessionOptions(
        name=options.name or settings.name,
        media=options.configure(settings),
        media_process=not options.headless,
        bot=options.bot,
        people=PeopleFile.own() if remember else None,
        rooms=RoomsFile.own() if saves and settings.remember_rooms else None,
        chat=KeptChat.own() if saves and settings.keep_chat else None,
        suites=[CLASSIC] if options.suite == CLASSIC.name else SUITES,
    )
