"""What a program reads beside its arguments: environment variables and files, for its manual."""

from __future__ import annotations

from typing import Final

from rooms.folders import FOLDER_VARIABLE, RUNTIME_VARIABLE, SETTINGS_FILE
from rooms.kept_chat import FOLDER as CHAT_FOLDER
from rooms.people_file import PEOPLE_FILE
from rooms.saved_rooms import ROOMS_FILE
from rooms.settings import IDENTITY_FILE
from tui.cli.link_argument import VARIABLE as LINK_VARIABLE
from tui.cli.plain import CALL
from tui.cli.report import DEBUG

CONFIG: Final = "~/.config/sottovoce"
STATE: Final = "~/.local/state/sottovoce"

ENVIRONMENT: Final = {
    LINK_VARIABLE: "The link of a room, for commands that take one; no child of theirs gets it.",
    CALL: "The running call that sotto ctl asks, by number or name, where none is named.",
    FOLDER_VARIABLE: "One folder for all that is kept, instead of those below.",
    "SOTTO_PLAIN": "Plain lines instead of a screen, as --plain: anything but empty or 0.",
    DEBUG: "Print where unexpected errors come from.",
    RUNTIME_VARIABLE: "Where the sockets of running calls are.",
    "NO_COLOR": "No colours.",
    "TERM, COLORTERM": "What the terminal can draw.",
    "SSH_AUTH_SOCK": "The ssh-agent an identity may be in.",
}
"""Environment variables, and what each does."""

FILES: Final = {
    f"{CONFIG}/{SETTINGS_FILE}": "The settings.",
    f"{STATE}/{IDENTITY_FILE}": "This device's private key.",
    f"{STATE}/{PEOPLE_FILE}": "The keys of people that were met, lines as in allowed_signers.",
    f"{STATE}/{ROOMS_FILE}": "The rooms you were in, with their links: secret.",
    f"{STATE}/{CHAT_FOLDER}/": "What was written there, if the setting keep_chat is on.",
    f"${RUNTIME_VARIABLE}/sottovoce/N.sock": "The control socket of running call N.",
}
"""Files, and what is in them."""
