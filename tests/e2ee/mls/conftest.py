"""What the MLS tests share: the official vectors, and people who form groups."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import pytest

from e2ee.errors import KeysError
from e2ee.mls.codec import opaque, u8, u32, u64
from e2ee.mls.commit import Commit
from e2ee.mls.constants import ContentType, SenderType, WireFormat
from e2ee.mls.crypto import aead_seal
from e2ee.mls.epoch import Epoch
from e2ee.mls.framing import AuthenticatedContent, Content, FramedContent, Sender
from e2ee.mls.group import Group, StagedCommit
from e2ee.mls.key_package import KeyPackageBundle, SigningKey, new_key_package
from e2ee.mls.message import decode_message, encode_message
from e2ee.mls.private_message import PrivateMessage, sender_data_key
from e2ee.mls.proposals import ExternalInit
from e2ee.mls.public_message import PublicMessage
from e2ee.mls.ratchet_tree import RatchetTree
from e2ee.mls.secret_tree import RatchetKind

VECTORS = Path(__file__).parents[4] / "shared" / "vectors" / "mls"
NOW = 1_800_000_000


@pytest.fixture
def vectors() -> Callable[[str], list[dict[str, Any]]]:
    """Return the cases of an official vector file that are for suite 1 or for none."""

    def load(name: str) -> list[dict[str, Any]]:
        path = VECTORS / f"{name}.json"
        if not path.exists():
            pytest.skip("the official MLS vectors are not beside this checkout")
        cases = [c for c in json.loads(path.read_text()) if c.get("cipher_suite", 1) == 1]
        assert cases
        return cases

    return load


class People:
    """Makes groups by the public API only."""

    now = NOW

    def __init__(self) -> None:
        self.psks = {b"link": bytes(range(32))}

    def bundle(self, name: str) -> KeyPackageBundle:
        return new_key_package(
            SigningKey.generate(), name.encode(), now=NOW, extensions_supported=(0xF0A0,)
        )

    def found(self, name: str = "host") -> Group:
        return Group.create(
            group_id=b"room",
            signing_key=SigningKey.generate(),
            identity=name.encode(),
            extensions={0xF0A0: b"state"},
            now=NOW,
        )

    def admit(self, group: Group, *names: str, others: tuple[Group, ...] = ()) -> list[Group]:
        """Let the members of `others` see `group` add people; return the groups of these."""
        bundles = [self.bundle(name) for name in names]
        pending = group.commit(adds=[b.message for b in bundles], psks=self.psks, now=NOW)
        group.merge(pending)
        for other in others:
            self.follow(other, pending.message)
        assert pending.welcome is not None
        return [
            Group.join(pending.welcome, bundle, psks=self.psks, required_psk=b"link")
            for bundle in bundles
        ]

    def follow(self, group: Group, message: bytes) -> StagedCommit:
        staged = group.process(message, psks=self.psks, now=NOW)
        assert isinstance(staged, StagedCommit)
        group.apply(staged)
        return staged

    def agree(self, *groups: Group) -> None:
        assert len({group.epoch_authenticator for group in groups}) == 1
        assert len({group.export("label", b"", 16) for group in groups}) == 1
        assert len({group.members for group in groups}) == 1

    def state_of(self, group: Group) -> Epoch:
        epoch = group._epoch
        assert epoch is not None
        return epoch

    @contextmanager
    def refused(
        self, group: Group, kind: type[KeysError] = KeysError, match: str = ""
    ) -> Iterator[None]:
        """Expect a refusal that leaves every byte of a group's state as it was."""
        before = self.snapshot(group)
        with pytest.raises(kind, match=match or None):
            yield
        assert self.snapshot(group) == before

    def forge(
        self,
        group: Group,
        content: Content,
        *,
        sender: int | None = None,
        key: SigningKey | None = None,
        tag: bytes | None = None,
        signature: bytes | None = None,
        epoch: int | None = None,
    ) -> bytes:
        """Speak with the keys of a group as any of its members could, rules or no rules."""
        state = self.state_of(group)
        leaf = state.leaf if sender is None else sender
        framed = FramedContent(
            state.context.group_id, epoch or state.context.epoch, Sender.member(leaf), content
        )
        signed = AuthenticatedContent.sign(
            framed, state.context, key or state.signing_key, WireFormat.PRIVATE_MESSAGE
        )
        if signature is not None:
            auth = type(signed.auth)(signature)
            signed = AuthenticatedContent(signed.wire_format, signed.content, auth)
        if tag is not None:
            signed = signed.with_confirmation(tag)
        message, _ = PrivateMessage.protect(signed, state.secrets.sender_data_secret, state.keys)
        return encode_message(message)

    def snapshot(self, group: Group) -> bytes:
        return state_bytes(self.state_of(group))

    def encode(self, value: object) -> bytes:
        return state_bytes(value)

    def private(self, message: bytes) -> PrivateMessage:
        body = decode_message(message)
        assert isinstance(body, PrivateMessage)
        return body

    def encrypt_plaintext(
        self, state: Epoch, kind: ContentType, generation: int, plaintext: bytes, leaf: int = 0
    ) -> bytes:
        """Encrypt any bytes as the plaintext of a message of `leaf`."""
        ratchet = (
            RatchetKind.APPLICATION if kind is ContentType.APPLICATION else RatchetKind.HANDSHAKE
        )
        key, _ = state.keys.take(leaf, ratchet, generation)
        head = opaque(state.context.group_id) + u64(state.context.epoch) + u8(kind)
        ciphertext = aead_seal(key.key, key.nonce, plaintext, head + opaque(b""))
        sender = u32(leaf) + u32(generation) + bytes(4)
        sealed = aead_seal(
            *sender_data_key(state.secrets.sender_data_secret, ciphertext), sender, head
        )
        message = PrivateMessage(
            state.context.group_id, state.context.epoch, kind, b"", sealed, ciphertext
        )
        return encode_message(message)

    def external_commits(self, group: Group) -> list[bytes]:
        """A Commit from outside, in the clear as the RFC has it, and hidden by a member."""
        state, key = self.state_of(group), SigningKey.generate()
        commit = Commit((ExternalInit(bytes(32)),), None)
        framed = FramedContent(
            state.context.group_id,
            state.context.epoch,
            Sender(SenderType.NEW_MEMBER_COMMIT),
            commit,
        )
        signed = AuthenticatedContent.sign(framed, state.context, key, WireFormat.PUBLIC_MESSAGE)
        auth = signed.with_confirmation(bytes(32)).auth
        return [
            encode_message(PublicMessage(framed, auth)),
            self.forge(group, commit, tag=bytes(32)),
        ]

    def trio(self) -> tuple[Group, Group, Group]:
        host = self.found()
        ann, bob = self.admit(host, "ann", "bob")
        return host, ann, bob


def state_bytes(value: object) -> bytes:
    """Encode everything a value holds, secrets included."""
    if isinstance(value, RatchetTree):
        return value.encode()
    if is_dataclass(value) and not isinstance(value, type):
        held = {field.name: getattr(value, field.name) for field in fields(value)}
        return type(value).__name__.encode() + state_bytes(held)
    if isinstance(value, Mapping):
        items = [state_bytes(key) + b":" + state_bytes(item) for key, item in value.items()]
        return b"{" + b",".join(sorted(items)) + b"}"
    if isinstance(value, tuple | list):
        return b"(" + b",".join(map(state_bytes, value)) + b")"
    return repr(value).encode()


@pytest.fixture
def people() -> People:
    return People()


@pytest.fixture
def any_lifetime(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take KeyPackages of any lifetime: many in the vectors are valid for all time."""
    monkeypatch.setattr("e2ee.mls.leaf_node.MAX_KEY_PACKAGE_LIFETIME", 1 << 64)
