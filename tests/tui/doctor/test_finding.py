from __future__ import annotations

from rooms.errors import SettingsError
from tui.doctor.finding import Case, Finding


def test_an_error_is_a_failure_with_its_hint() -> None:
    error = SettingsError("it is not TOML", hint="repair it")
    assert Finding.of(error) == Finding("fail", "it is not TOML", "repair it")


def test_nothing_is_tried_that_nobody_named() -> None:
    assert Case().server == ""
