"""Error codes are unique and stay: exit codes, scripts and the server's messages depend on them."""

from __future__ import annotations

import inspect

import e2ee.errors
import media.errors
import rooms.errors
from e2ee.errors import SottovoceError
from rooms import hall, wire
from rooms.errors import RoomsError
from rooms.limits import TOO_FAST

CODES = {
    "RoomsError": "rooms.failed",
    "NetworkError": "network.unreachable",
    "ServerIdentityError": "network.wrong_server",
    "WireError": "wire.malformed",
    "RoomMissingError": "room.missing",
    "RoomFullError": "room.full",
    "RefusedError": "room.refused",
    "RemovedError": "room.removed",
    "UntrustedHostError": "room.untrusted_host",
    "PolicyError": "room.policy",
    "CertificateError": "server.certificate",
    "SettingsError": "settings.invalid",
    "PasscodeWrongError": "passcode.wrong",
    "PasscodeTriesError": "passcode.tries",
}
SERVER_ONLY = {wire.ROOM_EXISTS, hall.VERSION_UNKNOWN, TOO_FAST}
"""Codes the server sends for which there is no class: nobody here raises them."""


def own(module) -> dict[str, type[SottovoceError]]:
    """Every error class a module defines."""
    classes = inspect.getmembers(module, inspect.isclass)
    return {
        name: kind
        for name, kind in classes
        if kind.__module__ == module.__name__ and issubclass(kind, SottovoceError)
    }


def test_codes_stay() -> None:
    codes = {name: kind.code for name, kind in own(rooms.errors).items()}
    assert CODES.items() <= codes.items()  # more may come, none may change or go


def test_codes_are_unique_in_the_whole_house() -> None:
    layers = (e2ee.errors, media.errors, rooms.errors)
    codes = [kind.code for layer in layers for kind in own(layer).values()]
    codes += SERVER_ONLY
    assert len(set(codes)) == len(codes)


def test_all_are_rooms_errors() -> None:
    assert all(issubclass(kind, RoomsError) for kind in own(rooms.errors).values())


def test_codes_of_the_server_stay_and_fit_the_wire() -> None:
    assert {"room.exists", "wire.version", "wire.too_fast"} == SERVER_ONLY
    for code in (*CODES.values(), *SERVER_ONLY):
        message = wire.ServerError(code, "text")
        assert wire.decode_server(wire.encode(message)) == message
