"""What a person sets once: `settings.toml` in the configuration folder, and the device's identity.

`SOTTO_CONFIG_DIR` puts everything into one folder of its own. What is unknown is refused: a
misspelt setting would otherwise do nothing, silently.
"""

from __future__ import annotations

import difflib
import getpass
import json
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec

from e2ee.errors import MalformedError
from e2ee.identity import DeviceIdentity, tidy_name
from rooms.errors import SettingsError
from rooms.folders import SETTINGS_FILE, config_folder, state_folder
from rooms.private_file import read_or_make, replace_file
from rooms.text import clean_name

IDENTITY_FILE: Final = "identity"
GUEST: Final = "guest"
OWN_IDENTITY: Final = "own"

_IDENTITY_LINE: Final = re.compile(r"^[ \t]*identity[ \t]*=.*(?:\n|\Z)", re.MULTILINE)

Text = Annotated[str, msgspec.Meta(max_length=4096)]


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of one person. Device specs are those of `media.control.Configure`.

    `identity` is what `rooms.own_identity` makes of it. `share_level`: whether the server may know
    how loud we are, in rooms where it has to choose who is heard.
    `server`: where rooms are joined by name.
    """

    name: Text = ""
    audio_in: Text = "default"
    audio_out: Text = "default"
    video_in: Text = "camera"
    identity: Text = OWN_IDENTITY
    share_level: bool = True
    server: Text = ""

    @classmethod
    def load(cls) -> Settings:
        """Read the settings file; without one, or for what it leaves out, defaults.

        Raises `SettingsError`.
        """
        settings = _read(config_folder() / SETTINGS_FILE)
        return msgspec.structs.replace(settings, name=_name(settings.name))

    def own_identity(self) -> DeviceIdentity:
        """Return this device's own identity, made and kept on first use. Raises `SettingsError`."""
        path = state_folder() / IDENTITY_FILE
        data = read_or_make(path, _new_identity, "the identity key")
        try:
            return DeviceIdentity.from_openssh(data)
        except MalformedError as error:
            raise SettingsError(error.message, hint=error.hint) from error


def keep_identity(choice: str) -> None:
    """Set which identity is used, and leave the rest of the settings file as it is.

    Whole or not at all. Raises `SettingsError`, also if the file is written in a way this does not
    understand.
    """
    path = (config_folder() / SETTINGS_FILE).resolve()
    before = _read(path)
    try:
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        text = _IDENTITY_LINE.sub("", text)
        if choice != OWN_IDENTITY:
            text = f"identity = {json.dumps(choice, ensure_ascii=False)}\n{text}"
        _check_only_identity_changes(before, text, choice)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        replace_file(path, text.encode())
    except OSError as error:
        raise SettingsError(f"{path} cannot be written: {error.strerror}") from error


def _check_only_identity_changes(before: Settings, text: str, choice: str) -> None:
    wanted = msgspec.structs.replace(before, identity=choice)
    try:
        same = msgspec.convert(tomllib.loads(text), Settings) == wanted
    except (tomllib.TOMLDecodeError, msgspec.ValidationError):
        same = False
    if not same:
        raise SettingsError(
            "the settings file is written in a way that cannot be changed here",
            hint=f"write the setting 'identity' into {config_folder() / SETTINGS_FILE} yourself",
        )


def _read(path: Path) -> Settings:
    try:
        with path.open("rb") as file:
            values = tomllib.load(file)
    except FileNotFoundError:
        return Settings()
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} is not TOML: {error}") from error
    _refuse_unknown(values, path)
    try:
        return msgspec.convert(values, Settings)
    except msgspec.ValidationError as error:
        raise SettingsError(f"a setting in {path} has the wrong type: {error}") from error


def _refuse_unknown(values: Mapping[str, Any], path: Path) -> None:
    known = Settings.__struct_fields__
    for key in values:
        if key not in known:
            close = difflib.get_close_matches(key, known, 1)
            hint = f"did you mean {close[0]!r}?" if close else f"there are: {', '.join(known)}"
            raise SettingsError(f"{path} has an unknown setting {key!r}", hint=hint)


def _name(text: str) -> str:
    return tidy_name(clean_name(text)) if text.strip() else _login_name()


def _login_name() -> str:
    try:
        return tidy_name(getpass.getuser()) or GUEST
    except (OSError, KeyError, ImportError):  # no such user: in a container, say
        return GUEST


def _new_identity() -> bytes:
    return DeviceIdentity.generate().to_openssh()
