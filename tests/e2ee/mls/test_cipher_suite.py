"""Cipher suites as values: which there are here, and a whole group's life in the hybrid one."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import Any

import pytest

from e2ee.errors import InvalidError, KeysError, UnknownKeyError
from e2ee.mls.cipher_suite import CLASSIC, HYBRID, SUITES, CipherSuite, find_hybrid, suite_of
from e2ee.mls.group import ApplicationMessage, Group
from e2ee.mls.key_package import KeyPackageBundle, SigningKey, new_key_package, read_key_package

assert HYBRID is not None, "the tests need a `cryptography` that has ML-KEM"


def bundle(name: str, suite: CipherSuite, now: int) -> KeyPackageBundle:
    return new_key_package(
        SigningKey.generate(),
        name.encode(),
        now=now,
        extensions_supported=(0xF0A0,),
        suite=suite,
    )


def found(suite: CipherSuite, now: int) -> Group:
    return Group.create(
        group_id=b"room",
        signing_key=SigningKey.generate(),
        identity=b"host",
        extensions={0xF0A0: b"state"},
        now=now,
        suite=suite,
    )


def test_the_best_suite_comes_first() -> None:
    assert SUITES == (HYBRID, CLASSIC)
    assert [suite.name for suite in SUITES] == ["post-quantum", "classic"]
    assert HYBRID is not None
    assert 0xF000 <= HYBRID.id <= 0xFFFF
    for suite in SUITES:
        assert suite_of(suite.id) is suite
    with pytest.raises(InvalidError, match="cipher suite"):
        suite_of(2)


def test_without_ml_kem_there_is_no_hybrid(monkeypatch: pytest.MonkeyPatch) -> None:
    assert find_hybrid() == HYBRID
    monkeypatch.setitem(sys.modules, "e2ee.mls.hybrid_hpke", None)
    assert find_hybrid() is None


@pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.name)
def test_people_come_speak_renew_and_go_in_either_suite(people: Any, suite: CipherSuite) -> None:
    host, now = found(suite, people.now), people.now
    groups = [host]
    for names in (["ann", "bob"], ["cat"], ["dan"]):
        bundles = [bundle(name, suite, now) for name in names]
        adds = [item.message for item in bundles]
        pending = host.commit(adds=adds, psks=people.psks, path=len(names) == 1, now=now)
        host.merge(pending)
        for other in groups[1:]:
            people.follow(other, pending.message)
        groups += [
            Group.join(pending.welcome, item, psks=people.psks, required_psk=b"link")
            for item in bundles
        ]
        people.agree(*groups)
    _, ann, bob, cat, dan = groups
    update = bob.propose_update()
    for group in (host, ann, cat, dan):
        received = group.process(update, now=now)
        group.hold(received)
    pending = ann.commit(proposals=[received.reference], removes=[dan.leaf], now=now)
    ann.merge(pending)
    for group in (host, bob, cat, dan):
        people.follow(group, pending.message)
    people.agree(host, ann, bob, cat)
    assert {group.suite for group in (host, ann, bob, cat)} == {suite}
    heard = cat.process(bob.protect(b"hello"), now=now)
    assert heard == ApplicationMessage(bob.leaf, b"hello")


def test_a_key_package_of_another_suite_is_not_added(people: Any) -> None:
    for suite, other in (SUITES, SUITES[::-1]):
        host = found(suite, people.now)
        message = bundle("ann", other, people.now).message
        with people.refused(host, InvalidError, "another cipher suite"):
            host.commit(adds=[message], now=people.now)


def test_a_key_package_that_changes_its_suite_is_refused(people: Any) -> None:
    for suite, other in (SUITES, SUITES[::-1]):
        package = bundle("ann", suite, people.now).key_package
        changed = replace(package, cipher_suite=other.id)
        message = bundle("ann", suite, people.now).message[:4] + changed.encoded
        with pytest.raises(KeysError):
            read_key_package(message, now=people.now)


def test_who_offers_both_suites_joins_by_a_welcome_of_either(people: Any) -> None:
    for suite in SUITES:
        host, offers = found(suite, people.now), [bundle("a", s, people.now) for s in SUITES]
        chosen = next(o for o in offers if o.key_package.cipher_suite == suite.id)
        pending = host.commit(adds=[chosen.message], psks=people.psks, now=people.now)
        host.merge(pending)
        guest = Group.join(pending.welcome, *offers, psks=people.psks, required_psk=b"link")
        people.agree(host, guest)
        with pytest.raises(UnknownKeyError):
            Group.join(
                pending.welcome,
                bundle("b", suite, people.now),
                psks=people.psks,
                required_psk=b"link",
            )


def test_a_group_begun_again_uses_no_epoch_twice(people: Any) -> None:
    host = found(SUITES[0], people.now)
    for _ in range(3):
        host.merge(host.commit(path=True, now=people.now))
    before = host.epoch, host.members, host.extensions, host.export("media", b"", 16)
    host.restart(CLASSIC, now=people.now)
    assert host.suite is CLASSIC
    assert host.epoch == before[0] + 1
    assert (host.members, host.extensions) == before[1:3]
    assert host.export("media", b"", 16) != before[3]
    guest = bundle("ann", CLASSIC, people.now)
    pending = host.commit(adds=[guest.message], psks=people.psks, now=people.now)
    host.merge(pending)
    people.agree(host, Group.join(pending.welcome, guest, psks=people.psks, required_psk=b"link"))


def test_a_group_with_members_keeps_its_suite(people: Any) -> None:
    host, _, _ = people.trio()
    for suite in SUITES:
        with people.refused(host, InvalidError, "keeps its cipher suite"):
            host.restart(suite, now=people.now)
