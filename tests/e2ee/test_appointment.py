"""Appointments: what a proof says, and what it does not prove."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from e2ee.appointment import appoint, appointment_message, check_appointment
from e2ee.errors import AuthenticationError, KeysError
from e2ee.identity import DeviceIdentity
from e2ee.link import host_hash
from e2ee.mls.signing_key import SigningKey
from e2ee.sshsig import join_strings, split_strings

ROOM, OTHER_ROOM = bytes(16), bytes([1]) * 16
HOST, KEY = DeviceIdentity.generate(), SigningKey.generate()
COHOST = DeviceIdentity.generate().public_blob
EXPECTED = host_hash(HOST.public_blob)


def proof(
    host: DeviceIdentity = HOST,
    key: SigningKey = KEY,
    *,
    credential_room: bytes = ROOM,
    room: bytes = ROOM,
    cohost: bytes = COHOST,
) -> bytes:
    credential = host.prove(KEY.public, credential_room, "Hana")
    return appoint(credential, key, room_id=room, cohost=cohost)


def check(proof: bytes, cohost: bytes = COHOST) -> None:
    check_appointment(proof, room_id=ROOM, cohost=cohost, expected_host=EXPECTED)


def test_the_hosts_appointment_holds() -> None:
    check(proof())


def test_the_message_is_as_written_down() -> None:
    assert appointment_message(room_id=ROOM, cohost=b"blob") == (
        b"sottovoce cohost" + bytes([0, 0, 0, 16]) + ROOM + bytes([0, 0, 0, 4]) + b"blob"
    )


def test_attack_an_appointment_of_another_room() -> None:
    for forged in (
        proof(credential_room=OTHER_ROOM, room=OTHER_ROOM),
        proof(room=OTHER_ROOM),
        proof(credential_room=OTHER_ROOM),
    ):
        with pytest.raises(AuthenticationError):
            check(forged)


def test_attack_an_appointment_by_another_host() -> None:
    with pytest.raises(AuthenticationError, match="not by the host"):
        check(proof(DeviceIdentity.generate()))


def test_attack_an_appointment_of_somebody_else() -> None:
    with pytest.raises(AuthenticationError):
        check(proof(), DeviceIdentity.generate().public_blob)


def test_attack_a_member_signs_an_appointment_with_the_hosts_credential() -> None:
    """Every member has the host's credential; what it says of the key is signed, too."""
    thief = SigningKey.generate()
    signature = thief.sign(appointment_message(room_id=ROOM, cohost=COHOST))
    credential, public, _ = split_strings(proof(), 3)
    for key in (public, thief.public):
        with pytest.raises(AuthenticationError):
            check(join_strings(credential, key, signature))


def test_attack_an_appointment_with_any_byte_changed() -> None:
    made = proof()
    for position in range(len(made)):
        forged = bytearray(made)
        forged[position] ^= 1
        with pytest.raises(KeysError):
            check(bytes(forged))


@given(st.binary(max_size=200))
def test_whatever_comes_as_a_proof_only_our_errors_escape(junk: bytes) -> None:
    with pytest.raises(KeysError):
        check(junk)


@pytest.mark.parametrize("key", [b"", bytes(31), b"\xff" * 32])
def test_a_key_that_is_none_is_refused(key: bytes) -> None:
    credential = HOST.prove(key, ROOM, "Hana")  # a host may sign any bytes as its key
    with pytest.raises(KeysError):
        check(join_strings(credential, key, bytes(64)))
