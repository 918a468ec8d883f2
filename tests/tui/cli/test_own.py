from __future__ import annotations

import pytest

from rooms.errors import SettingsError
from rooms.own_ledger import own_ledger
from rooms.settings import keep
from tui.cli.options import CallOptions
from tui.cli.own import own


def test_it_is_of_the_settings_file_and_of_this_process(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("SOTTO_CONFIG_DIR", str(tmp_path))
    keep("theme", "light")
    mine = own(CallOptions())
    assert mine.settings.now.theme == "light"
    assert mine.ledger is own_ledger()


def test_settings_that_cannot_be_read_are_said_before_there_is_a_screen(
    tmp_path, monkeypatch
) -> None:
    monkeypatch.setenv("SOTTO_CONFIG_DIR", str(tmp_path))
    (tmp_path / "settings.toml").write_text("thme = 1")
    with pytest.raises(SettingsError, match="thme"):
        own(CallOptions())
