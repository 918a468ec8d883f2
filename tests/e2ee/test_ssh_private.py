"""Private key files: what ssh-keygen makes is read and signed with; what is not is said so."""

from __future__ import annotations

import base64
import subprocess
from pathlib import Path

import pytest
from needing import need

from e2ee import ssh_private
from e2ee.errors import MalformedError
from e2ee.identity import DeviceIdentity
from e2ee.ssh_keys import check_signature
from e2ee.ssh_wire import join_strings

KINDS = {
    "ed25519": ("-t", "ed25519"),
    "p256": ("-t", "ecdsa", "-b", "256"),
    "p384": ("-t", "ecdsa", "-b", "384"),
    "p521": ("-t", "ecdsa", "-b", "521"),
    "rsa": ("-t", "rsa", "-b", "2048"),
}


def keygen(folder: Path, *arguments: str, passphrase: str = "") -> bytes:
    need("ssh-keygen")
    command = ["ssh-keygen", "-q", *arguments, "-N", passphrase, "-f", str(folder / "id")]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    return (folder / "id").read_bytes()


def public_blob(folder: Path) -> bytes:
    return base64.b64decode((folder / "id.pub").read_text().split()[1])


@pytest.mark.parametrize("kind", KINDS)
def test_a_key_file_of_each_type_signs(kind: str, tmp_path: Path) -> None:
    data = keygen(tmp_path, *KINDS[kind])
    key = ssh_private.load(data)
    assert ssh_private.public_part(data) == (public_blob(tmp_path), False)
    assert ssh_private.public_blob(key) == public_blob(tmp_path)
    check_signature(public_blob(tmp_path), ssh_private.sign(key, b"data"), b"data")
    assert ssh_private.load(data, b"not needed").public_key() == key.public_key()


def test_an_encrypted_key_file_shows_its_public_key_and_opens_with_the_passphrase(
    tmp_path: Path,
) -> None:
    data = keygen(tmp_path, "-t", "ed25519", "-a", "1", passphrase="correct horse")
    assert ssh_private.public_part(data) == (public_blob(tmp_path), True)
    key = ssh_private.load(data, b"correct horse")
    assert ssh_private.public_blob(key) == public_blob(tmp_path)
    for wrong in (b"wrong", b"", None):
        with pytest.raises(MalformedError) as caught:
            ssh_private.load(data, wrong)
        assert caught.value.__context__ is None
        assert "passphrase" in caught.value.hint


def test_attack_a_key_file_whose_passphrase_takes_years_to_stretch() -> None:
    salt = join_strings(bytes(16)) + (2**32 - 1).to_bytes(4, "big")
    content = b"openssh-key-v1\0" + join_strings(b"aes256-ctr", b"bcrypt", salt)
    content += (1).to_bytes(4, "big") + join_strings(DeviceIdentity.generate().public_blob, b"")
    body = base64.b64encode(content).decode()
    text = f"-----BEGIN OPENSSH PRIVATE KEY-----\n{body}\n-----END OPENSSH PRIVATE KEY-----\n"
    for read in (ssh_private.public_part, lambda data: ssh_private.load(data, b"passphrase")):
        with pytest.raises(MalformedError, match="takes too long"):
            read(text.encode())


def test_a_weak_rsa_key_is_no_identity(tmp_path: Path) -> None:
    data = keygen(tmp_path, "-t", "rsa", "-b", "1024")
    with pytest.raises(MalformedError, match="2048"):
        ssh_private.load(data)


def test_an_older_format_or_a_public_key_is_said_so(tmp_path: Path) -> None:
    old = keygen(tmp_path, "-t", "rsa", "-b", "2048", "-m", "PEM")
    for data in (old, (tmp_path / "id.pub").read_bytes(), b"", b"\xff" * 100):
        with pytest.raises(MalformedError) as caught:
            ssh_private.load(data)
        assert "ssh-keygen -p" in caught.value.hint


def test_a_key_of_another_type_is_not_even_parsed() -> None:
    content = b"openssh-key-v1\0" + join_strings(b"none", b"none", b"") + (1).to_bytes(4, "big")
    content += join_strings(join_strings(b"ssh-dss", b"p", b"q", b"g", b"y"))
    body = base64.b64encode(content).decode()
    text = f"-----BEGIN OPENSSH PRIVATE KEY-----\n{body}\n-----END OPENSSH PRIVATE KEY-----\n"
    with pytest.raises(MalformedError, match="not supported"):
        ssh_private.load(text.encode())


def test_damaged_key_file_raises_only_keys_errors() -> None:
    good = DeviceIdentity.generate().to_openssh().splitlines()
    content = base64.b64decode(b"".join(good[1:-1]))
    for cut in range(0, len(content), 3):
        body = base64.b64encode(content[:cut])
        with pytest.raises(MalformedError):
            ssh_private.load(b"\n".join([good[0], body, good[-1]]))
