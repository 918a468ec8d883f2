"""Credentials: basic, and nothing else."""

from __future__ import annotations

import pytest

from e2ee.errors import MalformedError
from e2ee.mls.codec import decode
from e2ee.mls.credential import Credential


def test_a_basic_credential_is_read_back() -> None:
    credential = Credential(b"ann")
    assert decode(Credential.read, credential.encode()) == credential


@pytest.mark.parametrize("encoded", ["000200", "000303616e6e", "0001"])
def test_an_x509_an_unknown_and_a_cut_credential_are_refused(encoded: str) -> None:
    with pytest.raises(MalformedError):
        decode(Credential.read, bytes.fromhex(encoded))
