"""SSHSIG: what OpenSSH signs we accept, what we sign OpenSSH accepts, and nothing else."""

from __future__ import annotations

import base64
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from needing import need

from e2ee import sshsig
from e2ee.errors import AuthenticationError, KeysError, MalformedError
from e2ee.identity import DeviceIdentity

KEY = DeviceIdentity(Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
BLOB = KEY.public_blob


def signed_by(identity: DeviceIdentity) -> bytes:
    return sshsig.sign(identity.public_blob, identity.sign, b"message", b"sottovoce")


SIGNATURE = signed_by(KEY)


def check(signature: bytes, message: bytes = b"message", namespace: bytes = b"sottovoce") -> None:
    sshsig.verify(signature, message, namespace, BLOB)


def test_a_signature_verifies() -> None:
    check(SIGNATURE)


def test_signature_over_another_message_or_namespace_is_refused() -> None:
    for message, namespace in ((b"other", b"sottovoce"), (b"message", b"git")):
        with pytest.raises(AuthenticationError):
            check(SIGNATURE, message, namespace)


def test_signature_of_another_key_is_refused() -> None:
    with pytest.raises(AuthenticationError):
        check(signed_by(DeviceIdentity.generate()))


def test_foreign_signature_under_our_key_blob_is_refused() -> None:
    other = DeviceIdentity.generate()
    forged = signed_by(other).replace(other.public_blob, BLOB)
    with pytest.raises(AuthenticationError):
        check(forged)


def test_flipped_bit_anywhere_in_a_signature_is_refused() -> None:
    for position in range(len(SIGNATURE) * 8):
        changed = bytearray(SIGNATURE)
        changed[position // 8] ^= 1 << position % 8
        with pytest.raises(KeysError):
            check(bytes(changed))


def test_truncated_or_extended_signature_is_refused() -> None:
    for length in range(len(SIGNATURE)):
        with pytest.raises(MalformedError):
            check(SIGNATURE[:length])
    with pytest.raises(MalformedError):
        check(SIGNATURE + b"\0")


def test_unknown_hash_and_key_type_are_refused() -> None:
    def blob(algorithm: bytes, signature_type: bytes) -> bytes:
        parts = sshsig.join_strings(
            BLOB, b"sottovoce", b"", algorithm, sshsig.join_strings(signature_type, bytes(64))
        )
        return sshsig.MAGIC + sshsig.VERSION + parts

    for signature in (blob(b"md5", b"ssh-ed25519"), blob(b"sha512", b"ssh-dss")):
        with pytest.raises(MalformedError):
            check(signature)


@given(st.binary(max_size=200))
def test_random_bytes_raise_only_keys_errors(data: bytes) -> None:
    for signature in (data, sshsig.MAGIC + sshsig.VERSION + data):
        with pytest.raises(KeysError):
            check(signature)
        with pytest.raises(KeysError):
            sshsig.verify(SIGNATURE, b"message", b"sottovoce", data)


@pytest.fixture
def ssh_keygen() -> str:
    need("ssh-keygen")
    return "ssh-keygen"


def run(*command: str | Path, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(command, input=stdin, capture_output=True, check=False)


def test_ssh_keygen_accepts_our_signature(ssh_keygen: str, tmp_path: Path) -> None:
    allowed, signature = tmp_path / "allowed", tmp_path / "message.sig"
    allowed.write_text(f"ada ssh-ed25519 {base64.b64encode(BLOB).decode()}\n")
    signature.write_text(sshsig.armor(SIGNATURE))
    verify = [ssh_keygen, "-Y", "verify", "-f", allowed, "-I", "ada", "-s", signature]
    accepted = run(*verify, "-n", "sottovoce", stdin=b"message")
    assert accepted.returncode == 0, accepted.stderr
    assert run(*verify, "-n", "sottovoce", stdin=b"other").returncode != 0
    assert run(*verify, "-n", "git", stdin=b"message").returncode != 0


def test_we_accept_what_ssh_keygen_signs(ssh_keygen: str, tmp_path: Path) -> None:
    key = tmp_path / "id"
    run(ssh_keygen, "-q", "-t", "ed25519", "-N", "", "-f", key)
    signed = run(ssh_keygen, "-Y", "sign", "-f", key, "-n", "sottovoce", stdin=b"message")
    signature = base64.b64decode(b"".join(signed.stdout.splitlines()[1:-1]))
    identity = DeviceIdentity.from_openssh(key.read_bytes())
    sshsig.verify(signature, b"message", b"sottovoce", identity.public_blob)
    listed = run(ssh_keygen, "-l", "-f", key).stdout.decode().split()
    assert identity.fingerprint == listed[1]
