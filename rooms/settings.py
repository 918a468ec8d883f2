"""What a person sets once: `settings.toml` in the configuration folder, and the device's identity.

`SOTTO_CONFIG_DIR` puts everything into one folder of its own. What is unknown is refused: a
misspelt setting would otherwise do nothing, silently.
"""

from __future__ import annotations

import difflib
import getpass
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec
import platformdirs

from e2ee.errors import MalformedError
from e2ee.identity import DeviceIdentity, tidy_name
from rooms.errors import SettingsError
from rooms.private_file import read_or_make
from rooms.text import clean_name

APP: Final = "sottovoce"
FOLDER_VARIABLE: Final = "SOTTO_CONFIG_DIR"
SETTINGS_FILE: Final = "settings.toml"
IDENTITY_FILE: Final = "identity"
GUEST: Final = "guest"

Text = Annotated[str, msgspec.Meta(max_length=4096)]


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of one person. Device specs are those of `media.control.Configure`."""

    name: Text = ""
    audio_in: Text = "default"
    audio_out: Text = "default"
    video_in: Text = "camera"

    @classmethod
    def load(cls) -> Settings:
        """Read the settings file; without one, or for what it leaves out, defaults.

        Raises `SettingsError`.
        """
        settings = _read(config_folder() / SETTINGS_FILE)
        return msgspec.structs.replace(settings, name=_name(settings.name))

    def identity(self) -> DeviceIdentity:
        """Return this device's identity, made and kept on first use. Raises `SettingsError`."""
        path = state_folder() / IDENTITY_FILE
        data = read_or_make(path, _new_identity, "the identity key")
        try:
            return DeviceIdentity.from_openssh(data)
        except MalformedError as error:
            raise SettingsError(error.message, hint=error.hint) from error


def config_folder() -> Path:
    """Return the folder of the settings file."""
    own = os.environ.get(FOLDER_VARIABLE)
    return Path(own) if own else platformdirs.user_config_path(APP)


def state_folder() -> Path:
    """Return the folder of what the program keeps by itself."""
    own = os.environ.get(FOLDER_VARIABLE)
    return Path(own) if own else platformdirs.user_state_path(APP)


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
