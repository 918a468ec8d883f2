"""Where things of this person are kept; `SOTTO_CONFIG_DIR` puts all into one folder of its own.

Light to import: commands that only ask a running call wait for it, and for `runtime_folder`, which
is why that is no `Path`.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path

APP = "sottovoce"
FOLDER_VARIABLE = "SOTTO_CONFIG_DIR"
RUNTIME_VARIABLE = "XDG_RUNTIME_DIR"
SETTINGS_FILE = "settings.toml"


def config_folder() -> Path:
    """Return the folder of the settings file."""
    from pathlib import Path

    if own := os.environ.get(FOLDER_VARIABLE):
        return Path(own)
    import platformdirs

    return platformdirs.user_config_path(APP)


def state_folder() -> Path:
    """Return the folder of what the program keeps by itself."""
    from pathlib import Path

    if own := os.environ.get(FOLDER_VARIABLE):
        return Path(own)
    import platformdirs

    return platformdirs.user_state_path(APP)


def runtime_folder() -> str:
    """Return the folder of the sockets of running calls.

    Where the system has no place for such things, not in /tmp, where anybody could be first, but
    beside what we keep.
    """
    if own := os.environ.get(FOLDER_VARIABLE):
        return os.path.join(own, "run")
    runtime = os.environ.get(RUNTIME_VARIABLE, "")
    return os.path.join(runtime, APP) if os.path.isabs(runtime) else str(state_folder() / "run")
