"""Where things of this person are kept; `SOTTO_CONFIG_DIR` puts all into one folder of its own.

Light to import: commands that only ask a running call wait for it.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

APP: Final = "sottovoce"
FOLDER_VARIABLE: Final = "SOTTO_CONFIG_DIR"
RUNTIME_VARIABLE: Final = "XDG_RUNTIME_DIR"
SETTINGS_FILE: Final = "settings.toml"


def config_folder() -> Path:
    """Return the folder of the settings file."""
    own = os.environ.get(FOLDER_VARIABLE)
    if own:
        return Path(own)
    import platformdirs

    return platformdirs.user_config_path(APP)


def state_folder() -> Path:
    """Return the folder of what the program keeps by itself."""
    own = os.environ.get(FOLDER_VARIABLE)
    if own:
        return Path(own)
    import platformdirs

    return platformdirs.user_state_path(APP)


def runtime_folder() -> Path:
    """Return the folder of the sockets of running calls.

    Where the system has no place for such things, not in /tmp, where anybody could be first, but
    beside what we keep.
    """
    runtime = os.environ.get(RUNTIME_VARIABLE, "")
    if os.environ.get(FOLDER_VARIABLE) or not os.path.isabs(runtime):
        return state_folder() / "run"
    return Path(runtime) / APP
