"""The key to take part with, made ready while a person can still be asked for its passphrase."""

from __future__ import annotations

import getpass
import os
from typing import TYPE_CHECKING

from e2ee.errors import Fault, SottovoceError

if TYPE_CHECKING:
    from e2ee.identity import Identity


class PassphraseError(SottovoceError):
    """A passphrase is needed, and there is nobody to ask."""

    code = "identity.passphrase"
    fault = Fault.PERSON


def unlock() -> Identity | None:
    """Return the identity the settings name; None for this device's own, which needs nobody.

    To be called before a screen takes the terminal. Raises what `rooms.own_identity.load` does.
    """
    from rooms.folders import SETTINGS_FILE, config_folder

    try:
        named = "identity" in (config_folder() / SETTINGS_FILE).read_text(errors="replace")
    except OSError:
        named = False  # whoever reads the settings says what is wrong with them
    if not named:
        return None  # nothing is loaded for it: the screen comes at once
    from rooms import own_identity
    from rooms.settings import OWN_IDENTITY, Settings

    settings = Settings.load()
    if settings.identity == OWN_IDENTITY:
        return None
    return own_identity.load(settings, ask)


def ask(path: str) -> bytes:
    """Ask for a key file's passphrase on the terminal, without echo. Raises `PassphraseError`."""
    from tui.cli.hidden_line import interruptible

    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
        with interruptible():
            return getpass.getpass(f"Passphrase of {path}: ").encode()
    except (OSError, EOFError) as error:
        raise PassphraseError(
            f"{path} has a passphrase, and there is no terminal to ask for it",
            hint="add the key to ssh-agent, then: sotto identity use agent:FINGERPRINT",
        ) from error
