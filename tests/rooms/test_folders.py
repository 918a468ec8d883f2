"""Where things are kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from rooms.folders import (
    FOLDER_VARIABLE,
    RUNTIME_VARIABLE,
    config_folder,
    runtime_folder,
    state_folder,
)


def test_without_the_variable_the_folders_are_the_platforms(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv(FOLDER_VARIABLE, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    assert config_folder() == tmp_path / "config" / "sottovoce"
    assert state_folder() == tmp_path / "state" / "sottovoce"


def test_one_folder_holds_everything_if_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))
    monkeypatch.setenv(RUNTIME_VARIABLE, str(tmp_path / "elsewhere"))
    assert config_folder() == state_folder() == tmp_path
    assert runtime_folder() == str(tmp_path / "run")


def test_sockets_are_where_the_system_keeps_them_or_beside_what_is_ours(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv(FOLDER_VARIABLE, raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv(RUNTIME_VARIABLE, str(tmp_path))
    assert runtime_folder() == str(tmp_path / "sottovoce")
    for useless in ("", "not/absolute"):
        monkeypatch.setenv(RUNTIME_VARIABLE, useless)
        assert runtime_folder() == str(tmp_path / "state" / "sottovoce" / "run")
