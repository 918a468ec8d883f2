"""What the MLS tests share: the official vectors, and people who form groups."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from e2ee.mls.group import Group, StagedCommit
from e2ee.mls.key_package import KeyPackageBundle, SigningKey, new_key_package

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

    def trio(self) -> tuple[Group, Group, Group]:
        host = self.found()
        ann, bob = self.admit(host, "ann", "bob")
        return host, ann, bob


@pytest.fixture
def people() -> People:
    return People()


@pytest.fixture
def any_lifetime(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take KeyPackages of any lifetime: many in the vectors are valid for all time."""
    monkeypatch.setattr("e2ee.mls.leaf_node.MAX_KEY_PACKAGE_LIFETIME", 1 << 64)
