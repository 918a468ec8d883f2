"""An ssh-agent as a signer: list its keys, have it sign (draft-miller-ssh-agent sections 3.5, 3.6).

Blocks while it waits for the agent, which may wait for a person: `rooms.signing` keeps that off
the event loop.
"""

from __future__ import annotations

import os
import socket
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from e2ee import sshsig
from e2ee.errors import KeysError
from e2ee.identity import Identity
from e2ee.ssh_keys import RSA, check_key, check_signature, key_type
from e2ee.ssh_wire import join_strings, split_strings
from rooms.errors import AgentMissingError, AgentRefusedError, KeyNotInAgentError

SOCKET_VARIABLE: Final = "SSH_AUTH_SOCK"
MAX_MESSAGE: Final = 256 * 1024
"""Longest message of an agent read, bytes; OpenSSH's own agent sends none that is longer."""
MAX_KEYS: Final = 1024
LIST_TIMEOUT: Final = 5.0
SIGN_TIMEOUT: Final = 60.0
"""Seconds a person has to confirm, or to touch a security key."""

_REQUEST_IDENTITIES: Final = 11
_IDENTITIES_ANSWER: Final = 12
_SIGN_REQUEST: Final = 13
_SIGN_RESPONSE: Final = 14
_RSA_SHA2_512: Final = 4


@dataclass(frozen=True, slots=True)
class Agent:
    """The agent at a Unix socket; each request has a connection of its own."""

    path: Path

    @classmethod
    def running(cls) -> Agent:
        """Return the agent this terminal knows. Raises `AgentMissingError`."""
        path = os.environ.get(SOCKET_VARIABLE)
        if not path:
            raise AgentMissingError("no ssh-agent is known here")
        return cls(Path(path))

    def keys(self) -> list[bytes]:
        """Return the public blobs of the keys that can be an identity.

        Raises `AgentMissingError`, `AgentRefusedError`.
        """
        kind, answer = self._ask(bytes([_REQUEST_IDENTITIES]), LIST_TIMEOUT)
        count = int.from_bytes(answer[:4], "big")
        if kind != _IDENTITIES_ANSWER or len(answer) < 4 or count > MAX_KEYS:
            raise AgentRefusedError("the ssh-agent does not list its keys", hint="ssh-add -l")
        try:
            listed = split_strings(answer[4:], 2 * count, MAX_MESSAGE)
        except KeysError as error:
            raise AgentRefusedError("the ssh-agent's list cannot be read") from error
        return [public_blob for public_blob in listed[::2] if _usable(public_blob)]

    def find(self, fingerprint: str) -> AgentIdentity:
        """Return the key with a fingerprint. Raises `KeyNotInAgentError` and what `keys` does."""
        for public_blob in self.keys():
            if sshsig.fingerprint(public_blob) == fingerprint:
                return AgentIdentity(self, public_blob)
        raise KeyNotInAgentError(
            f"the ssh-agent has no usable key {fingerprint}",
            hint="ssh-add adds one, ssh-add -l lists them",
        )

    def sign(self, public_blob: bytes, data: bytes) -> bytes:
        """Have data signed; the signature is verified. Raises `Agent...Error`."""
        flags = _RSA_SHA2_512 if key_type(public_blob) == RSA else 0
        request = join_strings(public_blob, data) + flags.to_bytes(4, "big")
        kind, answer = self._ask(bytes([_SIGN_REQUEST]) + request, SIGN_TIMEOUT)
        if kind != _SIGN_RESPONSE:
            raise AgentRefusedError(
                "the ssh-agent refused to sign", hint="is it locked, or was it not confirmed?"
            )
        try:
            (signature,) = split_strings(answer, 1)
            check_signature(public_blob, signature, data)
        except KeysError as error:
            raise AgentRefusedError("the ssh-agent's signature is none that others take") from error
        return signature

    def _ask(self, request: bytes, timeout: float) -> tuple[int, bytes]:
        """Send a request; return the type and the content of the answer."""
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(LIST_TIMEOUT)
                connection.connect(str(self.path))
                connection.sendall(join_strings(request))
                deadline = time.monotonic() + timeout
                length = int.from_bytes(_read(connection, 4, deadline), "big")
                answer = _read(connection, length, deadline) if length <= MAX_MESSAGE else b""
        except TimeoutError as error:
            raise AgentRefusedError("the ssh-agent does not answer") from error
        except (OSError, ValueError) as error:  # ValueError: a path no socket can have
            raise AgentMissingError("the ssh-agent cannot be reached") from error
        if not answer or len(answer) != length:
            raise AgentRefusedError("the ssh-agent hung up or answers too much")
        return answer[0], answer[1:]


@dataclass(frozen=True, slots=True)
class AgentIdentity(Identity):
    """A key whose private part stays in an agent."""

    agent: Agent
    blob: bytes

    @property
    def public_blob(self) -> bytes:
        """The public key as an SSH wire blob."""
        return self.blob

    def sign(self, data: bytes) -> bytes:
        """Return the agent's signature. Raises `AgentMissingError`, `AgentRefusedError`."""
        return self.agent.sign(self.blob, data)


def _read(connection: socket.socket, size: int, deadline: float) -> bytes:
    """Read `size` bytes, or fewer if the agent hangs up. Raises `TimeoutError`, `OSError`.

    However the bytes trickle in, it ends at the deadline (`time.monotonic`).
    """
    data = bytearray()
    while len(data) < size:
        if (left := deadline - time.monotonic()) <= 0:
            raise TimeoutError
        connection.settimeout(left)
        if not (piece := connection.recv(size - len(data))):
            break
        data += piece
    return bytes(data)


def _usable(public_blob: bytes) -> bool:
    try:
        check_key(public_blob)
    except KeysError:
        return False
    return True
