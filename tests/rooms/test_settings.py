"""The settings file and the identity of the device."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from rooms.errors import SettingsError
from rooms.settings import (
    FOLDER_VARIABLE,
    GUEST,
    IDENTITY_FILE,
    SETTINGS_FILE,
    Settings,
    config_folder,
    state_folder,
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))
    return tmp_path


def write(folder: Path, text: str) -> None:
    (folder / SETTINGS_FILE).write_text(text, encoding="utf-8")


def test_without_a_file_there_are_defaults(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "ada")
    assert Settings.load() == Settings(name="ada")
    assert not list(folder.iterdir())


def test_a_person_without_a_login_name_is_a_guest(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nobody() -> str:
        raise KeyError("getpwuid(): uid not found")

    monkeypatch.setattr("getpass.getuser", nobody)
    assert Settings.load().name == GUEST


def test_what_the_file_says_counts(folder: Path) -> None:
    write(folder, 'name = "Zoë"\naudio_in = "none"\n')
    assert Settings.load() == Settings(name="Zoë", audio_in="none")


def test_a_name_is_made_one_that_others_accept(folder: Path) -> None:
    write(folder, 'name = "  A\\u001b[31md\\u202ea  "')
    assert Settings.load().name == "Ada"


def test_an_unknown_setting_is_refused_with_the_nearest_one(folder: Path) -> None:
    write(folder, 'nmae = "Ada"')
    with pytest.raises(SettingsError, match="unknown setting 'nmae'") as error:
        Settings.load()
    assert error.value.hint == "did you mean 'name'?"
    write(folder, "zzz = 1")
    with pytest.raises(SettingsError) as error:
        Settings.load()
    assert "audio_in" in error.value.hint


@pytest.mark.parametrize(
    ("text", "said"), [("name = 1", "wrong type"), ("name = ", "not TOML"), ("name", "not TOML")]
)
def test_a_malformed_file_is_said_plainly(folder: Path, text: str, said: str) -> None:
    write(folder, text)
    with pytest.raises(SettingsError, match=said):
        Settings.load()


def test_a_file_that_is_not_text_is_said_plainly(folder: Path) -> None:
    (folder / SETTINGS_FILE).write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsError, match="not TOML"):
        Settings.load()


def test_a_file_that_cannot_be_read_is_said_plainly(folder: Path) -> None:
    (folder / SETTINGS_FILE).mkdir()
    with pytest.raises(SettingsError, match="cannot be read"):
        Settings.load()


def test_an_identity_is_made_once_and_kept_private(folder: Path) -> None:
    identity = Settings.load().identity()
    assert Settings.load().identity().public_blob == identity.public_blob
    assert stat.S_IMODE((folder / IDENTITY_FILE).stat().st_mode) == 0o600


def test_an_identity_file_that_is_damaged_is_not_replaced(folder: Path) -> None:
    path = folder / IDENTITY_FILE
    path.write_bytes(b"damaged")
    path.chmod(0o600)
    with pytest.raises(SettingsError):
        Settings.load().identity()
    assert path.read_bytes() == b"damaged"


def test_without_the_variable_the_folders_are_the_platforms(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv(FOLDER_VARIABLE, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    assert config_folder() == tmp_path / "config" / "sottovoce"
    assert state_folder() == tmp_path / "state" / "sottovoce"
