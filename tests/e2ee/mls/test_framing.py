"""Message protection, against the official vectors, both wire formats."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from e2ee.errors import AuthenticationError, InvalidError
from e2ee.mls.capabilities import Capabilities
from e2ee.mls.codec import decode
from e2ee.mls.commit import Commit
from e2ee.mls.constants import ContentType, LeafNodeSource, SenderType, WireFormat
from e2ee.mls.credential import Credential
from e2ee.mls.framing import (
    AuthenticatedContent,
    Content,
    FramedContent,
    Sender,
    UnverifiedContent,
    VerifiedContent,
    encode_content,
    read_content,
)
from e2ee.mls.group_context import GroupContext
from e2ee.mls.leaf_node import LeafNode
from e2ee.mls.message import decode_message
from e2ee.mls.private_message import PrivateMessage
from e2ee.mls.proposals import Remove
from e2ee.mls.public_message import PublicMessage
from e2ee.mls.ratchet_tree import RatchetTree
from e2ee.mls.secret_tree import SecretTree
from e2ee.mls.signing_key import SigningKey


class Scene:
    """A group of two where leaf 1 speaks, as the vectors have it."""

    def __init__(self, case: dict[str, Any]) -> None:
        self.given = {k: bytes.fromhex(v) for k, v in case.items() if isinstance(v, str)}
        self.context = GroupContext(
            self.given["group_id"],
            case["epoch"],
            self.given["tree_hash"],
            self.given["confirmed_transcript_hash"],
            {},
        )
        self.key = SigningKey(self.given["signature_priv"])
        self.keys = SecretTree.start(self.given["encryption_secret"], 2)
        leaf = LeafNode(
            bytes(32),
            self.given["signature_pub"],
            Credential(b""),
            Capabilities.ours(),
            LeafNodeSource.UPDATE,
        )
        self.tree = RatchetTree([None, None, leaf])

    def open(self, message: bytes) -> Content:
        body = decode_message(message)
        if isinstance(body, PublicMessage):
            unverified = body.unprotect(self.given["membership_key"], self.context)
        else:
            assert isinstance(body, PrivateMessage)
            unverified, _ = body.unprotect(self.given["sender_data_secret"], self.keys)
        return unverified.verify(self.tree, self.context).authenticated.content.content

    def sign(self, content: Content, wire: WireFormat) -> AuthenticatedContent:
        framed = FramedContent(self.context.group_id, self.context.epoch, Sender.member(1), content)
        signed = AuthenticatedContent.sign(framed, self.context, self.key, wire)
        return signed.with_confirmation(bytes(32)) if isinstance(content, Commit) else signed


@pytest.fixture
def scene(vectors: Callable[[str], list[dict[str, Any]]]) -> Scene:
    return Scene(vectors("message-protection")[0])


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("proposal", ContentType.PROPOSAL),
        ("commit", ContentType.COMMIT),
        ("application", ContentType.APPLICATION),
    ],
)
def test_messages_are_those_of_the_official_vectors(
    scene: Scene, name: str, kind: ContentType
) -> None:
    # The vectors give application data without the length it has inside a message.
    raw = scene.given[name]
    content = raw if name == "application" else decode(lambda r: read_content(r, kind), raw)
    assert scene.open(scene.given[f"{name}_priv"]) == content
    signed = scene.sign(content, WireFormat.PRIVATE_MESSAGE)
    message, _ = PrivateMessage.protect(signed, scene.given["sender_data_secret"], scene.keys)
    assert scene.open(b"\x00\x01\x00\x02" + message.encode()) == content
    if name != "application":
        assert encode_content(content) == raw
        assert scene.open(scene.given[f"{name}_pub"]) == content
        signed = scene.sign(content, WireFormat.PUBLIC_MESSAGE)
        public = PublicMessage.protect(signed, scene.given["membership_key"], scene.context)
        assert scene.open(b"\x00\x01\x00\x01" + public.encode()) == content


def test_verified_content_is_made_by_verifying_only(scene: Scene) -> None:
    signed = scene.sign(b"x", WireFormat.PRIVATE_MESSAGE)
    with pytest.raises(TypeError):
        VerifiedContent(signed, object())
    verified = UnverifiedContent(signed).verify(scene.tree, scene.context)
    assert (verified.authenticated, verified.sender) == (signed, 1)


def test_a_signature_is_bound_to_wire_format_group_state_sender_and_content(scene: Scene) -> None:
    signed = scene.sign(b"x", WireFormat.PRIVATE_MESSAGE)
    for bent in (
        replace(signed, wire_format=WireFormat.PUBLIC_MESSAGE),
        replace(signed, content=replace(signed.content, content=b"y")),
        replace(signed, content=replace(signed.content, authenticated_data=b"y")),
        replace(signed, auth=replace(signed.auth, signature=b"")),
    ):
        with pytest.raises(AuthenticationError):
            UnverifiedContent(bent).verify(scene.tree, scene.context)
    other = replace(scene.context, extensions={1: b""})
    with pytest.raises(AuthenticationError):
        UnverifiedContent(signed).verify(scene.tree, other)


def test_content_of_another_epoch_or_from_outside_is_refused(scene: Scene) -> None:
    signed = scene.sign(b"x", WireFormat.PRIVATE_MESSAGE)
    for change in (
        {"epoch": 0},
        {"group_id": b""},
        {"sender": Sender(SenderType.EXTERNAL, 1)},
        {"sender": Sender(SenderType.NEW_MEMBER_COMMIT, 1)},
        {"sender": Sender.member(0)},
    ):
        bent = replace(signed, content=replace(signed.content, **change))
        with pytest.raises(InvalidError):
            UnverifiedContent(bent).verify(scene.tree, scene.context)


@pytest.mark.parametrize("kind", list(SenderType))
def test_senders_of_every_kind_are_read_back(kind: SenderType) -> None:
    indexed = kind in (SenderType.MEMBER, SenderType.EXTERNAL)
    sender = Sender(kind, 7 if indexed else 0)
    assert decode(Sender.read, sender.encode()) == sender


def test_content_is_read_back(scene: Scene) -> None:
    for content in (b"", b"text", Remove(3), Commit((Remove(3),))):
        signed = scene.sign(content, WireFormat.PRIVATE_MESSAGE)
        read = decode(AuthenticatedContent.read, signed.encode())
        assert read == signed
        assert read.reference == signed.reference
