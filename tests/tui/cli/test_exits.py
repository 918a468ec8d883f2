from __future__ import annotations

import inspect

import pytest

import e2ee.errors
import media.errors
import rooms.errors
from e2ee.errors import SottovoceError
from tui.cli.exits import Exit, exit_for


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("", 0),
        ("link.malformed", 2),
        ("network.unreachable", 3),
        ("media.transport", 3),
        ("room.refused", 4),
        ("room.recording_forbidden", 4),
        ("network.wrong_server", 5),
        ("room.untrusted_host", 5),
        ("e2ee.unauthentic", 5),
        ("passcode.wrong", 4),
        ("passcode.tries", 4),
        ("passcode.malformed", 2),
        ("link.server_unknown", 2),
        ("room.missing", 6),
        ("room.lost_thread", 3),
        ("room.unanswered", 6),
        ("call.late", 124),
        ("room.full", 6),
        ("room.locked", 6),
        ("media.device", 7),
        ("room.removed", 8),
        ("internal", 1),
        ("something.else", 1),
    ],
)
def test_codes_map_to_what_is_documented(code: str, expected: int) -> None:
    assert exit_for(code) == expected


def test_every_error_there_is_ends_with_something_other_than_success() -> None:
    for module in (e2ee.errors, media.errors, rooms.errors):
        for _, error in inspect.getmembers(module, inspect.isclass):
            if issubclass(error, SottovoceError):
                assert exit_for(error.code) not in (Exit.DONE, Exit.TIMEOUT, Exit.INTERRUPTED)
