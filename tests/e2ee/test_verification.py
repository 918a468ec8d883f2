"""Verification codes."""

from __future__ import annotations

import hashlib

import pytest

from e2ee.identity import DeviceIdentity
from e2ee.mls.group import Group, StagedCommit
from e2ee.mls.key_package import SigningKey, new_key_package
from e2ee.spoken_words import SPOKEN_WORDS
from e2ee.verification import verification_code

NOW = 1_800_000_000
AUTHENTICATOR = bytes(range(32))
PEOPLE = {0: b"hana's key", 3: b"ada's key"}
CODE = verification_code(AUTHENTICATOR, PEOPLE)


def test_a_code_is_thirty_digits_or_nine_words() -> None:
    assert [len(group) for group in CODE.digits] == [5] * 6
    assert "".join(CODE.digits).isdecimal()
    assert len(CODE.words) == 9
    assert set(CODE.words) <= set(SPOKEN_WORDS)


def test_a_second_client_computes_the_same() -> None:
    """As docs/protocol.md says it, in other words."""
    people = b"\0\0\0\0" + b"\0\0\0\x0ahana's key" + b"\0\0\0\3" + b"\0\0\0\x09ada's key"
    password = b"\0\0\0\x20" + AUTHENTICATOR + people
    salt = b"sottovoce verification code"
    out = hashlib.scrypt(password, salt=salt, n=32768, r=8, p=1, maxmem=2**26, dklen=48)
    groups = [int.from_bytes(out[i : i + 5], "big") for i in range(0, 30, 5)]
    words = [int.from_bytes(out[i : i + 2], "big") for i in range(30, 48, 2)]
    assert CODE.digits == tuple(str(group % 100_000).zfill(5) for group in groups)
    assert CODE.words == tuple(SPOKEN_WORDS[word % 1024] for word in words)


def test_the_order_in_which_people_are_listed_does_not_matter() -> None:
    assert verification_code(AUTHENTICATOR, dict(reversed(PEOPLE.items()))) == CODE


@pytest.mark.parametrize(
    ("authenticator", "people"),
    [
        (bytes(32), PEOPLE),
        (AUTHENTICATOR, {0: b"hana's key"}),
        (AUTHENTICATOR, {**PEOPLE, 4: b"eve's key"}),
        (AUTHENTICATOR, {0: b"hana's key", 3: b"eve's key"}),
        (AUTHENTICATOR, {0: b"ada's key", 3: b"hana's key"}),
        (AUTHENTICATOR, {0: b"hana's key", 2: b"ada's key"}),
    ],
    ids=["epoch", "gone", "added", "another key", "swapped", "another leaf"],
)
def test_any_change_makes_another_code(authenticator: bytes, people: dict[int, bytes]) -> None:
    other = verification_code(authenticator, people)
    assert other.digits != CODE.digits
    assert other.words != CODE.words


def test_a_code_is_not_in_its_repr() -> None:
    assert repr(CODE) == "VerificationCode()"


def _identities(group: Group) -> dict[int, bytes]:
    return {member.leaf: member.identity for member in group.members}


def test_members_of_a_real_group_agree_and_every_epoch_has_its_own_code() -> None:
    hana, ada = DeviceIdentity.generate().public_blob, DeviceIdentity.generate().public_blob
    host = Group.create(
        group_id=b"room", signing_key=SigningKey.generate(), identity=hana, extensions={}, now=NOW
    )
    bundle = new_key_package(SigningKey.generate(), ada, now=NOW)
    pending = host.commit(adds=[bundle.message], now=NOW)
    host.merge(pending)
    assert pending.welcome is not None
    guest = Group.join(pending.welcome, bundle, psks={}, required_psk=None)
    codes = [verification_code(one.epoch_authenticator, _identities(one)) for one in (host, guest)]
    assert codes[0] == codes[1]

    update = host.commit(path=True, now=NOW)
    host.merge(update)
    staged = guest.process(update.message, now=NOW)
    assert isinstance(staged, StagedCommit)
    guest.apply(staged)
    later = [verification_code(one.epoch_authenticator, _identities(one)) for one in (host, guest)]
    assert later[0] == later[1]
    assert later[0] != codes[0]
