"""The settings file and the identity of the device."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from rooms.errors import SettingsError
from rooms.folders import FOLDER_VARIABLE, SETTINGS_FILE
from rooms.settings import GUEST, IDENTITY_FILE, MAX_FILE, Settings, keep


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
    write(folder, 'name = "Zoë"\naudio_in = "none"\nshare_level = false\n')
    assert Settings.load() == Settings(name="Zoë", audio_in="none", share_level=False)


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
    ("text", "said"),
    [("name = 1", "not what it may be"), ("name = ", "not TOML"), ("name", "not TOML")],
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
    identity = Settings.load().own_identity()
    assert Settings.load().own_identity().public_blob == identity.public_blob
    assert stat.S_IMODE((folder / IDENTITY_FILE).stat().st_mode) == 0o600


def test_an_identity_file_that_is_damaged_is_not_replaced(folder: Path) -> None:
    path = folder / IDENTITY_FILE
    path.write_bytes(b"damaged")
    path.chmod(0o600)
    with pytest.raises(SettingsError):
        Settings.load().own_identity()
    assert path.read_bytes() == b"damaged"


BY_HAND = """# mine
name = "Zoë"  # as written
 identity = "old"

audio_in = "none"
"""


def test_keeping_a_setting_leaves_the_rest_of_the_file_as_it_is(folder: Path) -> None:
    write(folder, BY_HAND)
    path = '/home/"zoë"/.ssh/id'
    kept = keep("identity", path)
    assert kept == Settings.load() == Settings(name="Zoë", audio_in="none", identity=path)
    keep("identity", None)
    text = (folder / SETTINGS_FILE).read_text(encoding="utf-8")
    assert text == BY_HAND.replace(' identity = "old"\n', "")


def test_keys_are_kept_in_a_table_of_their_own(folder: Path) -> None:
    write(folder, BY_HAND)
    keep("keys.mute", "M")
    assert keep("keys.leave", "ctrl+q").keys == {"mute": "M", "leave": "ctrl+q"}
    keep("bell", False)
    assert keep("keys.mute", None).keys == {"leave": "ctrl+q"}
    assert Settings.load().keys == {"leave": "ctrl+q"}
    assert not Settings.load().bell


def test_what_changes_nothing_writes_nothing(folder: Path) -> None:
    keep("bell", True)
    keep("keys.mute", None)
    assert not list(folder.iterdir())


def test_a_file_is_made_through_a_link_too(folder: Path) -> None:
    (folder / "dotfiles").mkdir()
    (folder / SETTINGS_FILE).symlink_to(folder / "dotfiles" / "sotto.toml")
    keep("identity", "agent:SHA256:abc")
    assert (folder / SETTINGS_FILE).is_symlink()
    assert Settings.load().identity == "agent:SHA256:abc"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("nmae", "Ada"),
        ("keys", "x"),
        ("keys.Mute", "x"),
        ("keys.mute.x", "x"),
        ("keys.mute", ""),
        ("bell.x", True),
        ("bell", "yes"),
        ("theme", "pink"),
        ("name", "x" * 4097),
        ("identity", "not text: \udcff"),
    ],
)
def test_what_cannot_be_a_setting_is_refused(folder: Path, name: str, value: str | bool) -> None:
    with pytest.raises(SettingsError):
        keep(name, value)
    assert not list(folder.iterdir())


def test_a_file_this_cannot_change_safely_is_left_alone(folder: Path) -> None:
    text = 'identity = """\nx"""\n'
    write(folder, text)
    with pytest.raises(SettingsError, match="cannot be changed") as error:
        keep("identity", "/new")
    assert "yourself" in error.value.hint
    assert (folder / SETTINGS_FILE).read_text() == text
    assert len(list(folder.iterdir())) == 1


def test_lines_that_only_look_like_a_setting_are_left_alone(folder: Path) -> None:
    text = "name = '''\nidentity = \"old\"\n'''\n"
    write(folder, text)
    keep("identity", "/new")
    assert (folder / SETTINGS_FILE).read_text() == f'{text}identity = "/new"\n'


def test_settings_kept_by_several_at_once_are_all_kept(folder: Path) -> None:
    names = [f"keys.a{number}" for number in range(20)]
    with ThreadPoolExecutor(5) as pool:
        list(pool.map(lambda name: keep(name, "x"), names))
    assert len(Settings.load().keys) == 20


def test_a_file_too_long_to_be_one_is_not_read(folder: Path) -> None:
    write(folder, "#" * (MAX_FILE + 1))
    with pytest.raises(SettingsError, match="too long"):
        Settings.load()
    with pytest.raises(SettingsError, match="too long"):
        keep("bell", False)


def test_a_folder_that_takes_no_file_is_said_plainly(folder: Path) -> None:
    (folder / SETTINGS_FILE).symlink_to("/dev/null/settings.toml")
    with pytest.raises(SettingsError):
        keep("identity", "/new")
