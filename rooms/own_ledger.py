"""The ledger of this process, which every socket of it is entered in, and its export to a file."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from pathlib import Path

from rooms.errors import SettingsError
from rooms.folders import state_folder
from rooms.ledger import Ledger
from rooms.private_file import replace_file


class OwnLedger(Ledger):
    """Implements `tui.ports.LedgerPort`."""

    def export(self) -> str:
        """Write all of it as JSON into a file of its own (mode 0600); return the file's path.

        Raises `SettingsError` if it cannot be written; there is no file then.
        """
        name = f"data-usage-{datetime.now():%Y%m%d-%H%M%S-%f}.json"
        path: Path = state_folder() / name
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            replace_file(path, self.to_json())
        except OSError as error:
            raise SettingsError(f"{path} cannot be written: {error.strerror}") from error
        return str(path)


@lru_cache(maxsize=1)
def own_ledger() -> OwnLedger:
    """Return the one ledger of this process."""
    return OwnLedger()
