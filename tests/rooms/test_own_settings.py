from __future__ import annotations

import pytest

from rooms.errors import SettingsError
from rooms.own_settings import OwnSettings
from rooms.settings import Settings, keep


@pytest.fixture(autouse=True)
def _folder(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("SOTTO_CONFIG_DIR", str(tmp_path))


def test_a_change_is_in_the_file_and_told() -> None:
    settings, told = OwnSettings(), list[Settings]()
    settings.listen(told.append)
    settings.keep("theme", "light")
    assert [each.theme for each in (settings.now, *told, Settings.load())] == ["light"] * 3
    settings.keep("theme", None)
    assert settings.now == Settings.load()
    assert settings.now.theme == "dark"


def test_what_cannot_be_kept_changes_nothing_and_is_told_to_nobody() -> None:
    settings, told = OwnSettings(), list[Settings]()
    settings.listen(told.append)
    with pytest.raises(SettingsError):
        settings.keep("theme", "purple")
    assert settings.now == Settings.load()
    assert told == []


def test_what_another_program_wrote_is_not_undone() -> None:
    settings = OwnSettings()
    keep("bell", False)
    settings.keep("theme", "light")
    assert settings.now.bell is False
