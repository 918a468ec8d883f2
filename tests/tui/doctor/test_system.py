from __future__ import annotations

import datetime as dt
import os
import time
from pathlib import Path

import pytest

from e2ee.mls import cipher_suite
from tui.doctor import system
from tui.doctor.finding import Case


def test_the_libraries_here_are_enough(states) -> None:
    found = list(system.libraries(Case()))
    assert states(found) == ["ok", "ok", "ok"]
    assert "libopus" in found[1].what


def test_without_opus_nothing_is_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system, "libopus", lambda: None)
    finding = list(system.libraries(Case()))[1]
    assert (finding.state, finding.what) == ("fail", "libopus is missing")


def test_without_the_hybrid_suite_calls_are_classic(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cipher_suite, "SUITES", [cipher_suite.CLASSIC])
    finding = list(system.libraries(Case()))[2]
    assert finding.state == "warn"
    assert "cryptography" in finding.hint


def test_a_clock_of_long_ago_fails(monkeypatch: pytest.MonkeyPatch, states) -> None:
    assert states(system.clock(Case())) == ["ok"]
    later = dt.datetime.now(dt.UTC) + dt.timedelta(days=1)
    monkeypatch.setattr(system, "MADE", later)
    assert states(system.clock(Case())) == ["fail"]


def test_files_of_the_future_tell_of_a_clock_that_was_set_back(home: Path, states) -> None:
    file = home / "known_people"
    file.touch()
    os.utime(file, (time.time() + 3600,) * 2)
    assert states(system.clock(Case())) == ["warn"]
