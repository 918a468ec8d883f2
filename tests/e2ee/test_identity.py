"""Identities and credentials: one name, one key, one room, one MLS key; nothing transferable."""

from __future__ import annotations

import base64
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given
from hypothesis import strategies as st
from needing import need

from e2ee import sshsig
from e2ee.errors import AuthenticationError, KeysError, MalformedError
from e2ee.identity import (
    MAX_NAME,
    NAMESPACE,
    DeviceIdentity,
    proof_message,
    read_credential,
    tidy_name,
)
from e2ee.ssh_keys import key_type

ADA = DeviceIdentity.generate()
MLS_KEY = bytes(range(32))
ROOM = bytes(16)
PROOF = ADA.prove(MLS_KEY, ROOM, "Ada")


def test_a_credential_names_its_owner() -> None:
    credential = read_credential(PROOF, signature_key=MLS_KEY, room_id=ROOM)
    assert (credential.name, credential.fingerprint) == ("Ada", ADA.fingerprint)
    assert credential.public_blob == ADA.public_blob


def test_credential_shown_in_another_room_is_refused() -> None:
    with pytest.raises(AuthenticationError):
        read_credential(PROOF, signature_key=MLS_KEY, room_id=bytes(15) + b"\1")


def test_credential_stolen_for_another_mls_key_is_refused() -> None:
    with pytest.raises(AuthenticationError):
        read_credential(PROOF, signature_key=bytes(32), room_id=ROOM)


def test_credential_with_another_name_or_key_is_refused() -> None:
    name, blob, signature = sshsig.split_strings(PROOF, 3)
    mallory = DeviceIdentity.generate().public_blob
    for parts in ((b"Eve", blob, signature), (name, mallory, signature)):
        with pytest.raises(AuthenticationError):
            read_credential(sshsig.join_strings(*parts), signature_key=MLS_KEY, room_id=ROOM)


def test_unsigned_credential_is_refused() -> None:
    name, blob, signature = sshsig.split_strings(PROOF, 3)
    for unsigned in (b"", signature[:-64], signature[:-64] + bytes(64)):
        with pytest.raises(KeysError):
            read_credential(
                sshsig.join_strings(name, blob, unsigned), signature_key=MLS_KEY, room_id=ROOM
            )


def test_signature_made_for_another_purpose_is_refused() -> None:
    message = proof_message(signature_key=MLS_KEY, room_id=ROOM, name="Ada")
    signature = sshsig.sign(ADA.public_blob, ADA.sign, message, b"git")
    forged = sshsig.join_strings(b"Ada", ADA.public_blob, signature)
    with pytest.raises(AuthenticationError):
        read_credential(forged, signature_key=MLS_KEY, room_id=ROOM)


BAD_NAMES = [
    "",
    " Ada",
    "Ada  Lovelace",
    "Ada\n",
    "\x1b[31mAda",
    "Ada\x00",
    "Ada\u202eadA",
    "A\u200bda",
    "\u2066Ada\u2069",
    "A\u0308da",  # not NFC: the same name could be spelled twice
    "é" * MAX_NAME,
    "Ada\ue000",
]


@pytest.mark.parametrize("name", BAD_NAMES)
def test_name_with_escapes_overrides_or_invisible_characters_is_refused(name: str) -> None:
    with pytest.raises(MalformedError):
        ADA.prove(MLS_KEY, ROOM, name)
    message = proof_message(signature_key=MLS_KEY, room_id=ROOM, name=name)
    signature = sshsig.sign(ADA.public_blob, ADA.sign, message, NAMESPACE)
    forged = sshsig.join_strings(name.encode(), ADA.public_blob, signature)
    with pytest.raises(MalformedError):
        read_credential(forged, signature_key=MLS_KEY, room_id=ROOM)


def test_name_that_is_not_text_is_refused() -> None:
    _, blob, signature = sshsig.split_strings(PROOF, 3)
    with pytest.raises(MalformedError, match="not text"):
        read_credential(
            sshsig.join_strings(b"\xff", blob, signature), signature_key=MLS_KEY, room_id=ROOM
        )


@given(st.text(max_size=100))
def test_a_tidied_name_is_valid_or_empty(text: str) -> None:
    name = tidy_name(text)
    if name:
        ADA.prove(MLS_KEY, ROOM, name)


def test_tidy_name_keeps_what_can_be_kept() -> None:
    assert tidy_name(" Ada\t  \x1b[1mL\u202eovelace ") == "Ada [1mL ovelace"


def test_an_identity_survives_the_disk() -> None:
    again = DeviceIdentity.from_openssh(ADA.to_openssh())
    assert again.public_blob == ADA.public_blob


def test_key_file_that_is_damaged_or_of_another_format_is_refused() -> None:
    other = ADA.private_key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    for data in (b"", b"hello", ADA.to_openssh()[:200], other):
        with pytest.raises(MalformedError) as caught:
            DeviceIdentity.from_openssh(data)
        assert caught.value.hint
        assert caught.value.__cause__ is None


def test_secrets_are_hidden_in_repr() -> None:
    assert repr(ADA) == "DeviceIdentity()"


@given(st.binary(max_size=300))
def test_random_bytes_raise_only_keys_errors(data: bytes) -> None:
    for identity in (data, sshsig.join_strings(b"Ada", ADA.public_blob, data)):
        with pytest.raises(KeysError):
            read_credential(identity, signature_key=MLS_KEY, room_id=ROOM)


KINDS = {
    "ed25519": DeviceIdentity.generate,
    "p256": lambda: DeviceIdentity(ec.generate_private_key(ec.SECP256R1())),
    "p384": lambda: DeviceIdentity(ec.generate_private_key(ec.SECP384R1())),
    "p521": lambda: DeviceIdentity(ec.generate_private_key(ec.SECP521R1())),
    "rsa": lambda: DeviceIdentity(rsa.generate_private_key(65537, 2048)),
}


@pytest.mark.parametrize("kind", KINDS)
def test_ssh_keygen_accepts_our_proof(kind: str, tmp_path: Path) -> None:
    need("ssh-keygen")
    identity = KINDS[kind]()
    proof = identity.prove(MLS_KEY, ROOM, "Ada")
    read = read_credential(proof, signature_key=MLS_KEY, room_id=ROOM)
    assert read.public_blob == identity.public_blob
    _, blob, signature = sshsig.split_strings(proof, 3)
    allowed, file = tmp_path / "known_people", tmp_path / "proof.sig"
    allowed.write_text(f"ada {key_type(blob).decode()} {base64.b64encode(blob).decode()}\n")
    file.write_text(sshsig.armor(signature))
    done = subprocess.run(
        ["ssh-keygen", "-Y", "verify", "-f", allowed, "-I", "ada", "-n", "sottovoce", "-s", file],
        input=proof_message(signature_key=MLS_KEY, room_id=ROOM, name="Ada"),
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_the_longest_credential_is_small() -> None:
    longest = DeviceIdentity(rsa.generate_private_key(65537, 4096))
    proof = longest.prove(MLS_KEY, ROOM, "x" * MAX_NAME)
    assert len(longest.public_blob) < 1024
    assert len(proof) < 2048
    read_credential(proof, signature_key=MLS_KEY, room_id=ROOM)
