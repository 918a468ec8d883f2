"""What a knock offers: one person, and a KeyPackage for each cipher suite that person can do. Pure.

The order of the KeyPackages says nothing; whoever admits takes the one of the room's suite.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from e2ee import lobby
from e2ee.identity import Credential, read_credential
from e2ee.link import RoomKeys
from e2ee.mls.cipher_suite import SUITES
from e2ee.mls.key_package import KeyPackageBundle, decode_key_package
from rooms.errors import PolicyError
from rooms.replacing import Place, read_places

_OURS = frozenset(suite.id for suite in SUITES)


@dataclass(frozen=True, slots=True)
class Offers:
    """A verified person, the MLS key it knocks with, and KeyPackage messages by suite.

    `places` are those in the room of which it asks to have one back; they are not checked yet.
    """

    credential: Credential
    signature_key: bytes
    key_packages: Mapping[int, bytes] = field(repr=False)
    places: tuple[Place, ...] = ()


def seal_offers(keys: RoomKeys, bundles: Sequence[KeyPackageBundle]) -> bytes:
    """Return the knock that offers KeyPackages of ours, one a suite. Raises `KeysError`."""
    messages = [bundle.message for bundle in bundles]
    return lobby.seal_knock(keys.lobby_key, keys.room_id, messages)


def read_offers(keys: RoomKeys, sealed: bytes, *, now: float) -> Offers:
    """Open a knock and verify every KeyPackage in it of a suite we have; `now` in Unix seconds.

    Those of other suites are passed over: a later version may offer more than we know.
    Raises `KeysError`, or `PolicyError` if there is none of ours, two of one suite, or if they
    are not all of one person with one MLS signature key who asks for the same places.
    """
    messages = lobby.open_knock(keys.lobby_key, keys.room_id, sealed)
    packages = [(decode_key_package(message), message) for message in messages]
    ours = {package.cipher_suite: (package, message) for package, message in packages}
    if len(ours) != len(packages):
        raise PolicyError("a knock offers one cipher suite twice")
    known = [found for suite, found in ours.items() if suite in _OURS]
    if len({(package.signature_key, package.identity) for package, _ in known}) != 1:
        raise PolicyError("a knock offers nobody, or more than one")
    for package, _ in known:
        package.verify(int(now))
    first = known[0][0]
    credential = read_credential(
        first.identity, signature_key=first.signature_key, room_id=keys.room_id
    )
    places = {read_places(package.extensions) for package, _ in known}
    if len(places) != 1:
        raise PolicyError("a knock asks for different places")
    by_suite = {package.cipher_suite: message for package, message in known}
    return Offers(credential, first.signature_key, by_suite, places.pop())
