"""Where things of this person are kept; `SOTTO_CONFIG_DIR` puts all into one folder of its own."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import platformdirs

APP: Final = "sottovoce"
FOLDER_VARIABLE: Final = "SOTTO_CONFIG_DIR"
SETTINGS_FILE: Final = "settings.toml"


def config_folder() -> Path:
    """Return the folder of the settings file."""
    own = os.environ.get(FOLDER_VARIABLE)
    return Path(own) if own else platformdirs.user_config_path(APP)


def state_folder() -> Path:
    """Return the folder of what the program keeps by itself."""
    own = os.environ.get(FOLDER_VARIABLE)
    return Path(own) if own else platformdirs.user_state_path(APP)
