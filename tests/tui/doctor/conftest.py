from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from rooms.own_ledger import own_ledger


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One folder for all that is kept, and a ledger in which nothing stands yet."""
    own_ledger.cache_clear()
    folder = tmp_path / "home"
    folder.mkdir(mode=0o700)
    monkeypatch.setenv("SOTTO_CONFIG_DIR", str(folder))
    return folder


@pytest.fixture
def states():
    """How findings stand, in order."""

    def of(findings: Iterable[object]) -> list[str]:
        return [finding.state for finding in findings]  # type: ignore[attr-defined]

    return of
