"""What a person sets once: `settings.toml` in the configuration folder, and the device's identity.

`SOTTO_CONFIG_DIR` puts everything into one folder of its own. What is unknown is refused: a
misspelt setting would otherwise do nothing, silently.
"""

from __future__ import annotations

import contextlib
import difflib
import getpass
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import msgspec

from e2ee.errors import MalformedError
from e2ee.identity import DeviceIdentity, tidy_name
from rooms.errors import SettingsError
from rooms.folders import SETTINGS_FILE, config_folder, state_folder
from rooms.private_file import alone, read_or_make, replace_file
from rooms.text import clean_name
from rooms.toml_edit import Value, changes

IDENTITY_FILE: Final = "identity"
GUEST: Final = "guest"
OWN_IDENTITY: Final = "own"

KEYS: Final = "keys"
MAX_KEYS: Final = 200
MAX_FILE: Final = 64 * 1024
"""Most that is read of the settings file, bytes."""

Text = Annotated[str, msgspec.Meta(max_length=4096)]
Action = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_-]{0,39}\Z")]
Key = Annotated[str, msgspec.Meta(min_length=1, max_length=40)]


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of one person; `docs/settings.md` says what each does, and what it costs.

    Device specs are those of `media.control.Configure`; `identity` is what `rooms.own_identity`
    makes of it. `keys`: keys of this person's own, by what they do.
    """

    name: Text = ""
    audio_in: Text = "default"
    audio_out: Text = "default"
    video_in: Text = "camera"
    microphone_on: bool = True
    camera_on: bool = False
    identity: Text = OWN_IDENTITY
    server: Text = ""
    share_level: bool = True
    constant_bitrate: bool = True
    admit: Literal["ask", "all"] = "ask"
    members_write: bool = True
    members_show: bool = True
    remember_rooms: bool = True
    keep_chat: bool = False
    ask_counts: bool = False
    notify: Literal["all", "names", "nothing"] = "names"
    bell: bool = True
    theme: Literal["dark", "light", "contrast-dark", "contrast-light"] = "dark"
    reduced_motion: bool = False
    keys: Annotated[dict[Action, Key], msgspec.Meta(max_length=MAX_KEYS)] = {}

    @classmethod
    def load(cls) -> Settings:
        """Read the settings file; without one, or for what it leaves out, defaults.

        Raises `SettingsError`.
        """
        path = config_folder() / SETTINGS_FILE
        return _ready(_parse(_text(path), path))

    def own_identity(self) -> DeviceIdentity:
        """Return this device's own identity, made and kept on first use. Raises `SettingsError`."""
        path = state_folder() / IDENTITY_FILE
        data = read_or_make(path, _new_identity, "the identity key")
        try:
            return DeviceIdentity.from_openssh(data)
        except MalformedError as error:
            raise SettingsError(error.message, hint=error.hint) from error


def keep(name: str, value: Value | None) -> Settings:
    """Set one setting, or `keys.ACTION`, and leave the rest of the file as it is; None: unset it.

    Returns the settings there are then. Whole or not at all. Raises `SettingsError`, also if the
    file is written in a way this does not understand.
    """
    path = (config_folder() / SETTINGS_FILE).resolve()
    try:
        with alone(config_folder()):
            text = _text(path)
            before = _parse(text, path)
            wanted = _with(before, name, value)
            if wanted != before:
                path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                replace_file(path, _changed(text, name, value, wanted).encode())
    except OSError as error:
        raise SettingsError(f"{path} cannot be written: {error.strerror}") from error
    return _ready(wanted)


def _with(before: Settings, name: str, value: Value | None) -> Settings:
    """Return settings with one of them changed. Raises `SettingsError`."""
    values = {**msgspec.structs.asdict(before)}
    table, _, action = name.rpartition(".")
    if table == KEYS:
        values[KEYS] = _put(before.keys, action, value)
    elif name in values:
        values = _put(values, name, value)
    else:
        raise SettingsError(f"there is no setting {name!r}")
    try:
        str(value).encode()  # what came from a file's name may not be text
        return msgspec.convert(values, Settings)
    except (msgspec.ValidationError, UnicodeEncodeError) as error:
        raise SettingsError(f"the setting {name!r} cannot be that") from error


def _put(values: Mapping[str, Any], name: str, value: Value | None) -> dict[str, Any]:
    others = {key: old for key, old in values.items() if key != name}
    return others if value is None else {**others, name: value}


def _changed(text: str, name: str, value: Value | None, wanted: Settings) -> str:
    """Return the text with one setting changed and nothing else. Raises `SettingsError`."""
    for changed in changes(text, tuple(name.split(".")), value):
        with contextlib.suppress(tomllib.TOMLDecodeError, msgspec.ValidationError):
            if msgspec.convert(tomllib.loads(changed), Settings) == wanted:
                return changed
    raise SettingsError(
        "the settings file is written in a way that cannot be changed here",
        hint=f"write the setting {name!r} into {config_folder() / SETTINGS_FILE} yourself",
    )


def _text(path: Path) -> str:
    """Return the file, empty without one, its ends of lines as they are. Raises `SettingsError`."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_FILE + 1)
        if len(data) > MAX_FILE:
            raise SettingsError(f"{path} is too long", hint=f"{MAX_FILE} bytes are read")
        return data.decode()
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path} is not TOML: it is not UTF-8") from error


def _parse(text: str, path: Path) -> Settings:
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path} is not TOML: {error}") from error
    _refuse_unknown(values, path)
    try:
        return msgspec.convert(values, Settings)
    except msgspec.ValidationError as error:
        raise SettingsError(f"a setting in {path} is not what it may be: {error}") from error


def _ready(settings: Settings) -> Settings:
    return msgspec.structs.replace(settings, name=_name(settings.name))


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
