"""Joining as the official passive client does, and refusing what a server could build."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from e2ee.mls.commit import Commit
from e2ee.mls.epoch import Epoch
from e2ee.mls.joining import join
from e2ee.mls.key_package import KeyPackage, KeyPackageBundle
from e2ee.mls.message import decode_message
from e2ee.mls.private_message import PrivateMessage
from e2ee.mls.proposal_list import SentProposal
from e2ee.mls.psk import ExternalPsk, PskId
from e2ee.mls.public_message import PublicMessage
from e2ee.mls.ratchet_tree import RatchetTree
from e2ee.mls.signing_key import SigningKey
from e2ee.mls.staging import stage_commit
from e2ee.mls.welcome import Welcome


class PassiveClient:
    """One who joins and follows, as the vectors describe; knows resumption PSKs too."""

    def __init__(self, case: dict[str, Any]) -> None:
        self.external = {
            bytes.fromhex(p["psk_id"]): bytes.fromhex(p["psk"]) for p in case["external_psks"]
        }
        self.past: dict[int, bytes] = {}
        key_package, welcome = (
            decode_message(bytes.fromhex(case[k])) for k in ("key_package", "welcome")
        )
        assert isinstance(key_package, KeyPackage)
        assert isinstance(welcome, Welcome)
        init, encryption, signature = (
            bytes.fromhex(case[k]) for k in ("init_priv", "encryption_priv", "signature_priv")
        )
        bundle = KeyPackageBundle(key_package, init, encryption, SigningKey(signature))
        tree = case["ratchet_tree"] and RatchetTree.decode(bytes.fromhex(case["ratchet_tree"]))
        lifetime = key_package.leaf_node.lifetime
        assert lifetime is not None
        self.now = lifetime.not_before
        self.enter(join(welcome, bundle, self.lookup, required_psk=None, tree=tree))
        assert self.authenticator == case["initial_epoch_authenticator"]

    def enter(self, epoch: Epoch) -> None:
        self.epoch = epoch
        self.past[epoch.context.epoch] = epoch.secrets.resumption_psk

    @property
    def authenticator(self) -> str:
        return self.epoch.secrets.epoch_authenticator.hex()

    def lookup(self, psk: PskId) -> bytes | None:
        if isinstance(psk, ExternalPsk):
            return self.external.get(psk.psk_id)
        return self.past.get(psk.epoch)

    def follow(self, given: dict[str, Any]) -> None:
        for proposal in given["proposals"]:
            self.receive(bytes.fromhex(proposal))
        self.receive(bytes.fromhex(given["commit"]))
        assert self.authenticator == given["epoch_authenticator"]

    def receive(self, data: bytes) -> None:
        message = decode_message(data)
        assert isinstance(message, PublicMessage | PrivateMessage)
        verified, self.epoch = self.epoch.open(message)
        content = verified.authenticated.content.content
        if isinstance(content, Commit):
            following = stage_commit(self.epoch, verified, self.lookup, self.now).next
            assert following is not None
            self.enter(following)
        else:
            assert not isinstance(content, bytes)
            reference = verified.authenticated.reference
            self.epoch = self.epoch.holding(reference, SentProposal(content, verified.sender))


@pytest.mark.usefixtures("any_lifetime")
@pytest.mark.parametrize("name", ["passive-client-welcome", "passive-client-handling-commit"])
def test_the_official_passive_client_joins_and_follows(
    vectors: Callable[[str], list[dict[str, Any]]], name: str
) -> None:
    for case in vectors(name):
        client = PassiveClient(case)
        for epoch in case["epochs"]:
            client.follow(epoch)
