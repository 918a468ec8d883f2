"""Which key is this person's identity: this device's own, one in a file, or one in an ssh-agent.

The setting `identity` says so: `own`, `agent:SHA256:...`, or the path of a private key file.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from e2ee import sshsig
from e2ee.errors import KeysError
from e2ee.identity import DeviceIdentity, Identity
from e2ee.ssh_keys import check_key
from e2ee.ssh_private import public_part
from rooms.agent import Agent
from rooms.errors import KeyFileError, SettingsError
from rooms.private_file import read_private
from rooms.settings import OWN_IDENTITY, Settings

AGENT: Final = "agent:"
_SHA256: Final = "SHA256:"

AskPassphrase = Callable[[str], bytes]
"""Asks a person for the passphrase of the key file named; never shown, never kept."""


@dataclass(frozen=True, slots=True)
class PublicIdentity:
    """What can be said of an identity without using its private part."""

    public_blob: bytes
    source: str

    @property
    def fingerprint(self) -> str:
        """The key's fingerprint, `SHA256:...`."""
        return sshsig.fingerprint(self.public_blob)


def normal(choice: str) -> str:
    """Return a person's choice as the setting says it: paths absolute, fingerprints whole."""
    if choice == OWN_IDENTITY:
        return choice
    if choice.startswith(AGENT):
        return f"{AGENT}{_SHA256}{choice.removeprefix(AGENT).removeprefix(_SHA256)}"
    return os.path.abspath(os.path.expanduser(choice))


def load(settings: Settings, ask: AskPassphrase) -> Identity:
    """Return the identity the settings name, ready to sign.

    Raises `SettingsError`, `KeyFileError`, an error of `rooms.agent`, or what `ask` raises.
    """
    choice = normal(settings.identity)
    if choice == OWN_IDENTITY:
        return settings.own_identity()
    if choice.startswith(AGENT):
        return Agent.running().find(choice.removeprefix(AGENT))
    data, _, encrypted = _read(choice)
    try:
        return DeviceIdentity.from_openssh(data, ask(choice) if encrypted else None)
    except KeysError as error:
        raise KeyFileError(f"{choice}: {error.message}", hint=error.hint) from error


def describe(settings: Settings) -> PublicIdentity:
    """Return what others see of the identity; asks for no passphrase. Raises as `load`."""
    choice = normal(settings.identity)
    if choice == OWN_IDENTITY:
        return PublicIdentity(settings.own_identity().public_blob, "this device's own key")
    if choice.startswith(AGENT):
        found = Agent.running().find(choice.removeprefix(AGENT))
        return PublicIdentity(found.public_blob, "a key in ssh-agent")
    return PublicIdentity(_read(choice)[1], f"the key file {choice}")


def _read(path: str) -> tuple[bytes, bytes, bool]:
    """Return a key file, its public blob, and whether it is encrypted."""
    if path.endswith(".pub"):
        private = path.removesuffix(".pub")
        raise KeyFileError(f"{path} is a public key", hint=f"take the private one: {private}")
    try:
        data = read_private(Path(path), "the key file")
        public_blob, encrypted = public_part(data)
        check_key(public_blob)
    except (KeysError, SettingsError) as error:
        raise KeyFileError(f"{path}: {error.message}", hint=error.hint) from error
    except OSError as error:
        raise KeyFileError(
            f"{path} cannot be read: {error.strerror}",
            hint="sotto identity use says which key to take: a file, agent:FINGERPRINT, or own",
        ) from error
    return data, public_blob, encrypted
