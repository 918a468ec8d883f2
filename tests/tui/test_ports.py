"""The session is what faces talk to."""

from __future__ import annotations

import inspect

import pytest

from e2ee.identity import DeviceIdentity
from media.control import Configure
from rooms.ledger import Ledger
from rooms.session import ServerAddress, Session, SessionOptions
from tui.ports import CallPort, ModerationPort, PasscodePort, VerificationPort

MEMBERS = [name for name in vars(CallPort) if not name.startswith("_")]


@pytest.fixture
def session() -> Session:
    server = ServerAddress("rooms.example", 443)
    options = SessionOptions("Ada", Configure("none", "none", "none"))
    return Session.host(server, DeviceIdentity.generate(), options, Ledger())


def test_the_session_is_a_call_port(session: Session) -> None:
    port: CallPort = session
    assert port.link.startswith("https://rooms.example/r/#")


@pytest.mark.parametrize("name", MEMBERS)
def test_the_session_has_every_member_of_the_port(name: str) -> None:
    wanted, had = vars(CallPort)[name], vars(Session)[name]
    assert type(had) is type(wanted)
    if inspect.isfunction(wanted):
        assert list(inspect.signature(had).parameters) == list(inspect.signature(wanted).parameters)


def test_its_parts_are_ports_too(session: Session) -> None:
    verification: VerificationPort = session.verification
    moderation: ModerationPort = session.moderation
    passcodes: PasscodePort = session.passcodes
    passcodes.ask()  # there is no room yet: it says so
    assert (verification.epoch, moderation.role) == (None, "host")


def test_before_a_call_runs_there_is_nothing_to_see(session: Session) -> None:
    assert (list(session.participants), list(session.knocks), list(session.chat)) == ([], [], [])
    assert (session.muted, session.camera) == (True, False)
    assert (session.publishing_audio, session.publishing_video) == (False, False)
    assert (session.epoch, session.moderation.role, session.moderation.state) == (0, "host", None)


def test_intents_before_a_call_runs_do_no_harm(session: Session) -> None:
    session.say("x")
    session.set_muted(False)
    session.set_camera(True)
    session.set_volume(0, 1.0)
    session.set_view(0, 10, 10)
    session.admit(1)
    session.refuse(1)
    session.remove(1)
    session.moderation.lock(True)
    session.moderation.appoint(1)
    assert (session.muted, session.camera) == (True, False)  # there are none to turn on
