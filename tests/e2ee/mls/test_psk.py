"""Pre-shared keys, against the official vectors and against misuse."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from e2ee.errors import InvalidError, MalformedError, UnknownKeyError
from e2ee.mls.codec import decode
from e2ee.mls.constants import ResumptionPskUsage
from e2ee.mls.psk import (
    ExternalPsk,
    ResumptionPsk,
    check_psk_ids,
    external_psks,
    find_psks,
    psk_secret,
    read_psk_id,
)

RESUMPTION = ResumptionPsk(ResumptionPskUsage.APPLICATION, b"group", 7, bytes(32))


def test_psk_secrets_are_those_of_the_official_vectors(
    vectors: Callable[[str], list[dict[str, Any]]],
) -> None:
    for case in vectors("psk_secret"):
        psks = [
            (
                ExternalPsk(bytes.fromhex(psk["psk_id"]), bytes.fromhex(psk["psk_nonce"])),
                bytes.fromhex(psk["psk"]),
            )
            for psk in case["psks"]
        ]
        assert psk_secret(psks).hex() == case["psk_secret"]


@pytest.mark.parametrize("psk", [ExternalPsk(b"id", bytes(32)), RESUMPTION])
def test_ids_are_read_back(psk: ExternalPsk | ResumptionPsk) -> None:
    assert decode(read_psk_id, psk.encode()) == psk


def test_an_id_of_no_known_type_is_refused() -> None:
    with pytest.raises(MalformedError):
        decode(read_psk_id, b"\x03" + ExternalPsk(b"id", bytes(32)).encode()[1:])


def test_the_order_of_keys_and_every_id_count() -> None:
    first, second = ExternalPsk.fresh(b"a"), ExternalPsk.fresh(b"b")
    pairs = [(first, b"1"), (second, b"2")]
    secrets = {psk_secret(pairs), psk_secret(pairs[::-1]), psk_secret(pairs[:1])}
    secrets.add(psk_secret([(RESUMPTION, b"1"), (second, b"2")]))
    assert len(secrets) == 4


def test_a_key_that_is_not_held_is_refused() -> None:
    lookup = external_psks({b"a": b"secret"})
    psk = ExternalPsk.fresh(b"a")
    assert find_psks([psk], lookup) == [(psk, b"secret")]
    for other in (ExternalPsk.fresh(b"b"), RESUMPTION):
        with pytest.raises(UnknownKeyError, match="we do not have"):
            find_psks([psk, other], lookup)


def test_one_use_twice_and_a_short_nonce_are_refused() -> None:
    psk = ExternalPsk.fresh(b"a")
    check_psk_ids([psk, ExternalPsk.fresh(b"a")])
    with pytest.raises(InvalidError, match="twice"):
        check_psk_ids([psk, psk])
    with pytest.raises(InvalidError, match="nonce"):
        check_psk_ids([ExternalPsk(b"a", bytes(31))])
