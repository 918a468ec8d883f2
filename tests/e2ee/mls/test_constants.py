"""Numbers on the wire, as the registry of RFC 9420 has them."""

from __future__ import annotations

from e2ee.mls import constants


def test_defaults_are_every_extension_and_proposal_of_the_rfc() -> None:
    assert {1, 2, 3, 4, 5} == constants.DEFAULT_EXTENSIONS
    assert {1, 2, 3, 4, 5, 6, 7} == constants.DEFAULT_PROPOSALS


def test_a_secret_holds_a_key_and_a_nonce() -> None:
    assert constants.HASH_LENGTH >= constants.KEY_LENGTH + constants.NONCE_LENGTH
