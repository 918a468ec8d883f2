"""Members of one group on two implementations: e2ee/mls, and ts-mls behind `peer.mjs`."""

from __future__ import annotations

import json
import os
import queue
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from e2ee.mls.group import ApplicationMessage, Group, ReceivedProposal, SigningKey, StagedCommit
from e2ee.mls.key_package import KeyPackageBundle, new_key_package
from e2ee.mls.limits import CLOCK_SKEW, KEY_PACKAGE_LIFETIME

HERE = Path(__file__).parent
NOW = int(time.time())
"""Unix seconds, of the real clock: ts-mls takes no other to check a KeyPackage it adds."""
STATE = 0xF0A0
"""The GroupContext extension every member here supports, as in a room."""
PSKS = {bytes([65 + n]): bytes([n]) * 32 for n in range(4)}
"""External PSKs all members hold, by id."""
PATIENCE = 60.0
"""Seconds until an answer of the peer is given up: it hangs, or the machine does."""


class PeerError(Exception):
    """ts-mls refused, in its own words."""


class Peer:
    """The process with ts-mls in it: one request at a time."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            ["node", str(HERE / "peer.mjs")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )
        self._answers: queue.Queue[str] = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def ask(self, op: str, client: str, **fields: Any) -> dict[str, Any]:
        """Return the answer to a request. Raises `PeerError` when ts-mls throws."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"op": op, "client": client, **fields}) + "\n")
        line = self._answers.get(timeout=PATIENCE)
        assert line, "the process with ts-mls has ended; what it said is on standard error"
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise PeerError(answer["error"])
        result: dict[str, Any] = answer["ok"]
        return result

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join()
        self._process.stdout.close()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._answers.put(line)
        self._answers.put("")


@dataclass(frozen=True)
class View:
    """What two members of one epoch have to agree on, but for the leaf."""

    epoch: int
    authenticator: bytes
    exported: bytes


@dataclass(frozen=True)
class Change:
    """What a Commit does besides what was proposed before."""

    adds: Sequence[bytes] = ()
    removes: Sequence[int] = ()
    psks: Sequence[bytes] = ()
    extensions: Mapping[int, bytes] | None = None
    path: bool = False
    """Only ours can choose: ts-mls sends a path when it has to, or when there is nothing else."""


class Ours:
    """A member on e2ee/mls."""

    kind = "ours"

    def __init__(self, name: str, key: SigningKey | None = None) -> None:
        self.name = name
        self._key = key or SigningKey.generate()
        self._group: Group | None = None
        self._bundle: KeyPackageBundle | None = None
        self._references: list[bytes] = []

    @property
    def group(self) -> Group:
        assert self._group is not None
        return self._group

    @property
    def leaf(self) -> int:
        return self.group.leaf

    def again(self) -> Ours:
        """Return who it is when it has lost its state and joins with the same name and key."""
        return Ours(self.name, self._key)

    def key_package(self) -> bytes:
        identity = self.name.encode()
        self._bundle = new_key_package(self._key, identity, now=NOW, extensions_supported=[STATE])
        return self._bundle.message

    def found(self, group_id: bytes) -> None:
        self._group = Group.create(
            group_id=group_id,
            signing_key=self._key,
            identity=self.name.encode(),
            extensions={STATE: b"open"},
            now=NOW,
        )

    def join(self, welcome: bytes) -> None:
        assert self._bundle is not None
        self._group = Group.join(welcome, self._bundle, psks=PSKS, required_psk=None)

    def commit(self, change: Change) -> tuple[bytes, bytes | None]:
        pending = self.group.commit(
            adds=change.adds,
            removes=change.removes,
            psks={psk: PSKS[psk] for psk in change.psks},
            extensions=change.extensions,
            proposals=self._references,
            path=change.path,
            now=NOW,
        )
        self.group.merge(pending)
        self._references = []
        return pending.message, pending.welcome

    def commit_in_vain(self) -> None:
        """Make a Commit that nobody ever sees, as if another one had won."""
        self.group.commit(path=True, now=NOW)

    def propose_remove(self, leaf: int) -> bytes:
        return self.group.propose_remove(leaf)

    def propose_update(self) -> bytes:
        return self.group.propose_update()

    def follow(self, message: bytes) -> None:
        match self.group.process(message, psks=PSKS, now=NOW):
            case StagedCommit() as staged:
                self.group.apply(staged)
                self._references = []
            case ReceivedProposal() as received:
                self.group.hold(received)
                self._references.append(received.reference)
            case heard:
                raise AssertionError(f"not a handshake message: {heard}")

    def say(self, plaintext: bytes) -> bytes:
        return self.group.protect(plaintext)

    def hear(self, message: bytes) -> bytes:
        heard = self.group.process(message, now=NOW)
        assert isinstance(heard, ApplicationMessage)
        return heard.plaintext

    def view(self, label: str, context: bytes, length: int) -> View:
        group = self.group
        exported = group.export(label, context, length)
        return View(group.epoch, group.epoch_authenticator, exported)


class Theirs:
    """A member on ts-mls."""

    kind = "theirs"

    def __init__(self, name: str, peer: Peer) -> None:
        self.name = name
        self._peer = peer
        self._client = f"{id(self)}"

    @property
    def leaf(self) -> int:
        leaf: int = self._view("", b"", 1)["leaf"]
        return leaf

    @property
    def is_active(self) -> bool:
        """Whether it thinks that it is in the group."""
        active: bool = self._view("", b"", 1)["active"]
        return active

    def key_package(self) -> bytes:
        return bytes.fromhex(self._ask("keyPackage", **self._profile())["key_package"])

    def found(self, group_id: bytes) -> None:
        extensions = [(STATE, b"open".hex())]
        self._ask("create", group_id=group_id.hex(), extensions=extensions, **self._profile())

    def join(self, welcome: bytes) -> None:
        self._ask("join", welcome=welcome.hex(), psks=_in_hex(PSKS))

    def commit(self, change: Change) -> tuple[bytes, bytes | None]:
        fields: dict[str, Any] = {}
        if change.extensions is not None:
            fields["extensions"] = [(kind, x.hex()) for kind, x in change.extensions.items()]
        answer = self._ask(
            "commit",
            adds=[message.hex() for message in change.adds],
            removes=list(change.removes),
            psks=_in_hex({psk: PSKS[psk] for psk in change.psks}),
            **fields,
        )
        welcome = answer["welcome"]
        return bytes.fromhex(answer["commit"]), welcome and bytes.fromhex(welcome)

    def propose_remove(self, leaf: int) -> bytes:
        return bytes.fromhex(self._ask("proposeRemove", leaf=leaf)["message"])

    def follow(self, message: bytes) -> None:
        answer = self._ask("process", message=message.hex(), psks=_in_hex(PSKS))
        assert answer == {}

    def say(self, plaintext: bytes) -> bytes:
        return bytes.fromhex(self._ask("protect", plaintext=plaintext.hex())["message"])

    def hear(self, message: bytes) -> bytes:
        answer = self._ask("process", message=message.hex(), psks={})
        return bytes.fromhex(answer["plaintext"])

    def group_info(self) -> bytes:
        return bytes.fromhex(self._ask("groupInfo")["group_info"])

    def view(self, label: str, context: bytes, length: int) -> View:
        answer = self._view(label, context, length)
        authenticator, exported = map(bytes.fromhex, (answer["authenticator"], answer["exported"]))
        return View(answer["epoch"], authenticator, exported)

    def _view(self, label: str, context: bytes, length: int) -> dict[str, Any]:
        return self._ask("view", label=label, context=context.hex(), length=length)

    def _profile(self) -> dict[str, Any]:
        lifetime = [NOW - CLOCK_SKEW, NOW + KEY_PACKAGE_LIFETIME]
        identity = self.name.encode().hex()
        return {"identity": identity, "extensions_supported": [STATE], "lifetime": lifetime}

    def _ask(self, op: str, **fields: Any) -> dict[str, Any]:
        return self._peer.ask(op, self._client, **fields)


Member = Ours | Theirs


class People:
    """Makes members of either kind, and names what the tests need of this file."""

    Change = Change
    PeerError = PeerError
    psk_ids = tuple(PSKS)
    state = STATE

    def __init__(self, peer: Peer) -> None:
        self._peer = peer
        self._count = 0

    def new(self, kind: str) -> Member:
        self._count += 1
        name = f"{kind}-{self._count}"
        return Ours(name) if kind == "ours" else Theirs(name, self._peer)


@pytest.fixture(scope="session")
def peer() -> Iterator[Peer]:
    """Start ts-mls once. Skips where it is missing, but not in CI, where it has to be installed."""
    if shutil.which("node") is None:
        pytest.skip("node is not installed")
    if not (HERE / "node_modules" / "ts-mls" / "package.json").exists():
        reason = "ts-mls is not installed: npm ci --prefix tests/interop"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    peer = Peer()
    yield peer
    peer.close()


@pytest.fixture
def people(peer: Peer) -> People:
    return People(peer)


def _in_hex(secrets: Mapping[bytes, bytes]) -> dict[str, str]:
    return {psk.hex(): secret.hex() for psk, secret in secrets.items()}
