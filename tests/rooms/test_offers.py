"""What a knock offers: one person, one MLS key, a KeyPackage for each suite."""

from __future__ import annotations

from dataclasses import replace

import pytest

from e2ee.errors import KeysError
from e2ee.identity import DeviceIdentity
from e2ee.link import Link, host_hash, room_keys
from e2ee.lobby import PADDED_SIZES, seal_knock
from e2ee.mls.cipher_suite import CLASSIC, HYBRID, SUITES
from e2ee.mls.codec import u16
from e2ee.mls.key_package import KeyPackageBundle
from rooms.errors import PolicyError
from rooms.membership import new_bundles
from rooms.offers import read_offers, seal_offers
from rooms.replacing import Place, encode_places

NOW = 1_800_000_000.0
IDENTITY = DeviceIdentity.generate()
KEYS = room_keys(Link("rooms.example", bytes(16), host_hash(IDENTITY.public_blob)).secret)


def knock(*messages: bytes) -> bytes:
    return seal_knock(KEYS.lobby_key, KEYS.room_id, messages)


def of_suite(bundle: KeyPackageBundle, suite: int) -> bytes:
    """Change what a KeyPackage says of its suite; the signature fits."""
    changed = replace(bundle.key_package, cipher_suite=suite).signed(bundle.signing_key)
    return bundle.message[:4] + changed.encoded


def test_a_knock_offers_every_suite_we_have() -> None:
    bundles = new_bundles(IDENTITY, "Ada", KEYS, now=NOW)
    offers = read_offers(KEYS, seal_offers(KEYS, bundles), now=NOW)
    assert offers.credential.name == "Ada"
    assert offers.signature_key == bundles[0].key_package.signature_key
    assert offers.key_packages == {
        suite.id: bundle.message for suite, bundle in zip(SUITES, bundles, strict=True)
    }


def test_the_length_of_a_name_does_not_show_in_a_knock() -> None:
    sizes = {
        len(seal_offers(KEYS, new_bundles(IDENTITY, name, KEYS, now=NOW)))
        for name in ("A", "x" * 64)
    }
    assert sizes == {PADDED_SIZES[2] + 28}


def test_a_suite_of_a_later_version_is_passed_over() -> None:
    classic, other = (
        new_bundles(IDENTITY, "Ada", KEYS, now=NOW, suites=[suite])[0]
        for suite in (CLASSIC, CLASSIC)
    )
    offers = read_offers(KEYS, knock(of_suite(other, 0xFEED), classic.message), now=NOW)
    assert set(offers.key_packages) == {CLASSIC.id}
    with pytest.raises(PolicyError):
        read_offers(KEYS, knock(of_suite(other, 0xFEED)), now=NOW)


def test_attack_a_knock_offers_two_people_or_two_keys() -> None:
    assert HYBRID is not None
    for second in (IDENTITY, DeviceIdentity.generate()):
        one = new_bundles(IDENTITY, "Ada", KEYS, now=NOW, suites=[CLASSIC])[0]
        two = new_bundles(second, "Ada", KEYS, now=NOW, suites=[HYBRID])[0]
        with pytest.raises(PolicyError):
            read_offers(KEYS, knock(one.message, two.message), now=NOW)


def test_attack_one_suite_is_offered_twice() -> None:
    message = new_bundles(IDENTITY, "Ada", KEYS, now=NOW)[0].message
    with pytest.raises(PolicyError):
        read_offers(KEYS, knock(message, message), now=NOW)


@pytest.mark.parametrize("place", [0, 1])
def test_every_offer_is_verified_not_only_the_first(place: int) -> None:
    bundles = new_bundles(IDENTITY, "Ada", KEYS, now=NOW)
    messages = [bundle.message for bundle in bundles]
    messages[place] = messages[place][:-1] + bytes([messages[place][-1] ^ 1])
    with pytest.raises(KeysError):
        read_offers(KEYS, knock(*messages), now=NOW)


@pytest.mark.parametrize("content", [b"", b"junk", u16(1) + u16(5)])
def test_what_is_no_key_package_is_refused(content: bytes) -> None:
    with pytest.raises(KeysError):
        read_offers(KEYS, knock(content), now=NOW)


def placed(bundle: KeyPackageBundle, leaf: int) -> bytes:
    """Have a KeyPackage ask for a leaf, with a signature that nobody made."""
    extensions = encode_places([Place(leaf, bytes(64))])
    changed = replace(bundle.key_package, extensions=extensions).signed(bundle.signing_key)
    return bundle.message[:4] + changed.encoded


def test_a_knock_may_ask_for_a_place() -> None:
    bundles = new_bundles(IDENTITY, "Ada", KEYS, now=NOW)
    offers = read_offers(KEYS, knock(*(placed(bundle, 3) for bundle in bundles)), now=NOW)
    assert offers.places == (Place(3, bytes(64)),)
    with pytest.raises(PolicyError, match="different places"):
        read_offers(KEYS, knock(placed(bundles[0], 3), bundles[1].message), now=NOW)
