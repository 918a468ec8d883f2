from __future__ import annotations

import json
from pathlib import Path

import pytest

from rooms.errors import SettingsError
from rooms.own_ledger import OwnLedger, own_ledger


def test_a_process_has_one_ledger() -> None:
    assert own_ledger() is own_ledger()


def test_it_is_exported_for_its_owner_only(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("SOTTO_CONFIG_DIR", str(tmp_path / "new"))
    ledger = OwnLedger()
    ledger.open("192.0.2.1:1", "signalling", "who").sent = 7
    first, second = Path(ledger.export()), Path(ledger.export())
    assert first != second
    assert first.stat().st_mode & 0o777 == 0o600
    assert json.loads(first.read_text())[0]["sent"] == 7


def test_a_folder_that_takes_no_file_is_one_clear_line(tmp_path, monkeypatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("SOTTO_CONFIG_DIR", str(tmp_path / "file"))
    with pytest.raises(SettingsError, match="cannot be written"):
        OwnLedger().export()
