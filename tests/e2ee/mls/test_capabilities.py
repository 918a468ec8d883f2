"""Capabilities: who can be in which group."""

from __future__ import annotations

from dataclasses import replace

import pytest

from e2ee.errors import InvalidError, MalformedError
from e2ee.mls.capabilities import Capabilities, RequiredCapabilities
from e2ee.mls.codec import decode
from e2ee.mls.constants import ExtensionType

OURS = Capabilities.ours((0xF0A0, ExtensionType.REQUIRED_CAPABILITIES))


def required(**lists: tuple[int, ...]) -> dict[int, bytes]:
    return {ExtensionType.REQUIRED_CAPABILITIES: RequiredCapabilities(**lists).encode()}


def test_ours_are_read_back_and_list_no_default() -> None:
    assert decode(Capabilities.read, OURS.encode()) == OURS
    assert OURS.extensions == (0xF0A0,)
    assert OURS.proposals == ()


@pytest.mark.parametrize(
    "extensions",
    [
        {},
        {0xF0A0: b""},
        required(extensions=(0xF0A0, 1), proposals=(1, 7), credentials=(1,)),
    ],
)
def test_a_group_we_can_be_in(extensions: dict[int, bytes]) -> None:
    OURS.check_group(extensions)


@pytest.mark.parametrize(
    "extensions",
    [
        {0xF0A1: b""},
        required(extensions=(0xF0A1,)),
        required(proposals=(8,)),
        required(credentials=(2,)),
    ],
)
def test_a_group_that_requires_more_is_refused(extensions: dict[int, bytes]) -> None:
    with pytest.raises(InvalidError):
        OURS.check_group(extensions)


@pytest.mark.parametrize("lacks", ["versions", "cipher_suites", "credentials"])
def test_a_client_without_our_profile_is_refused(lacks: str) -> None:
    with pytest.raises(InvalidError):
        replace(OURS, **{lacks: (0x0A0A,)}).check_group({})


def test_required_capabilities_that_do_not_decode_are_refused() -> None:
    with pytest.raises(MalformedError):
        OURS.check_group({ExtensionType.REQUIRED_CAPABILITIES: b"\x01"})


def test_a_list_of_odd_length_is_refused() -> None:
    with pytest.raises(MalformedError):
        decode(Capabilities.read, b"\x03\x00\x01\x00" + bytes(4))
