from __future__ import annotations

from pathlib import Path

import pytest

from tui.doctor import devices
from tui.doctor.checks import CHECKS, examine


@pytest.fixture(autouse=True)
def _no_devices(monkeypatch: pytest.MonkeyPatch) -> None:
    """Devices are looked for by another process, which takes its time: `test_devices` does."""

    async def none() -> list[object]:
        return []

    monkeypatch.setattr(devices, "list_devices", none)


def test_every_check_finds_something() -> None:
    assert {name for name, _ in examine()} == set(CHECKS)


def test_an_error_is_a_finding_and_the_rest_is_looked_at_all_the_same(home: Path) -> None:
    (home / "settings.toml").write_text("nmae = 'Ada'\n")
    (home / "identity").write_text("no key")
    (home / "identity").chmod(0o600)
    found = list(examine("127.0.0.1:1"))
    failed = [name for name, finding in found if finding.state == "fail"]
    assert failed == ["settings", "identity", "server"]
    assert {name for name, _ in found} == set(CHECKS)
    (settings,) = (finding for name, finding in found if name == "settings")
    assert "did you mean 'name'" in settings.hint
