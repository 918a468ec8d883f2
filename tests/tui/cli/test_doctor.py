from __future__ import annotations

import json
from pathlib import Path

import pytest

from rooms.own_ledger import own_ledger
from tui.cli.group import run
from tui.doctor import devices


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "home"
    folder.mkdir(mode=0o700)
    monkeypatch.setenv("SOTTO_CONFIG_DIR", str(folder))
    own_ledger.cache_clear()
    return folder


@pytest.fixture(autouse=True)
def _no_devices(monkeypatch: pytest.MonkeyPatch) -> None:
    """Devices are looked for by another process, which takes its time: `test_devices` does."""

    async def none() -> list[object]:
        return []

    monkeypatch.setattr(devices, "list_devices", none)


def test_all_well_is_exit_code_0(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["doctor"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert all(line[:6] in ("ok    ", "warn  ") for line in lines)
    assert all(" — " in line for line in lines if line.startswith("warn"))


def test_a_failure_is_exit_code_1_and_says_what_to_do(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home.chmod(0o777)
    assert run(["doctor"]) == 1
    expected = f"fail  folders: others can write in {home} — run: chmod 700 {home}"
    assert expected in capsys.readouterr().out.splitlines()


def test_json_has_the_findings_and_who_was_contacted(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["doctor", "--json", "--server", "127.0.0.1:1"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["v"] == 1
    assert told["findings"][-1]["check"] == "server"
    assert told["findings"][-1]["state"] == "fail"
    assert [line["address"] for line in told["contacted"]] == ["127.0.0.1:1"]
