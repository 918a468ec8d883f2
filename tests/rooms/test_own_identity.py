"""Which key is the identity: own, in a file, in an agent; what cannot be used says why."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from e2ee import sshsig
from e2ee.identity import DeviceIdentity
from rooms import own_identity
from rooms.agent import AgentIdentity
from rooms.errors import AgentMissingError, KeyFileError, KeyNotInAgentError
from rooms.folders import FOLDER_VARIABLE
from rooms.own_identity import describe, load, normal
from rooms.settings import Settings


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path / "config"))
    return tmp_path


def nobody(path: str) -> bytes:
    raise AssertionError(f"asked for the passphrase of {path}")


def key_file(folder: Path, data: bytes | None = None, mode: int = 0o600) -> Path:
    path = folder / "id"
    path.write_bytes(data if data is not None else DeviceIdentity.generate().to_openssh())
    path.chmod(mode)
    return path


def test_a_choice_is_made_whole() -> None:
    assert normal("own") == "own"
    assert normal("agent:SHA256:abc") == normal("agent:abc") == "agent:SHA256:abc"
    assert normal("~/id") == str(Path.home() / "id")
    assert normal("id") == str(Path.cwd() / "id")


def test_without_a_choice_it_is_this_devices_own() -> None:
    settings = Settings()
    assert load(settings, nobody).public_blob == settings.own_identity().public_blob
    assert describe(settings).source == "this device's own key"


def test_a_key_file_is_used(folder: Path) -> None:
    path = key_file(folder)
    settings = Settings(identity=str(path))
    identity = load(settings, nobody)
    assert identity.public_blob == DeviceIdentity.from_openssh(path.read_bytes()).public_blob
    assert describe(settings).fingerprint == identity.fingerprint
    assert str(path) in describe(settings).source


def test_a_public_key_is_told_from_its_private_one(folder: Path) -> None:
    with pytest.raises(KeyFileError, match="is a public key") as caught:
        load(Settings(identity=f"{folder}/id.pub"), nobody)
    assert caught.value.hint.endswith(f"{folder}/id")


def test_the_passphrase_of_an_encrypted_file_is_asked_for_and_not_to_show_it(
    folder: Path,
) -> None:
    path = key_file(folder)
    command = ["ssh-keygen", "-q", "-p", "-a", "1", "-P", "", "-N", "correct horse", "-f"]
    subprocess.run([*command, str(path)], check=True, stdout=subprocess.DEVNULL)
    settings, asked = Settings(identity=str(path)), []

    def ask(path: str) -> bytes:
        asked.append(path)
        return b"correct horse"

    shown = describe(settings)
    assert load(settings, ask).fingerprint == shown.fingerprint
    assert asked == [str(path)]
    with pytest.raises(KeyFileError) as caught:
        load(settings, lambda _: b"wrong horse")
    assert "passphrase" in caught.value.hint
    assert "horse" not in str(caught.value) + caught.value.hint


@pytest.mark.parametrize(
    ("data", "mode", "said"),
    [
        (None, 0o644, "read by others"),
        (b"hello", 0o600, "not a private key"),
        (b"", 0o600, "not a private key"),
    ],
)
def test_a_file_that_cannot_be_used_says_why(
    folder: Path, data: bytes | None, mode: int, said: str
) -> None:
    settings = Settings(identity=str(key_file(folder, data, mode)))
    for use in (describe, lambda settings: load(settings, nobody)):
        with pytest.raises(KeyFileError, match=said) as caught:
            use(settings)
        assert caught.value.hint


def test_a_missing_file_says_so(folder: Path) -> None:
    with pytest.raises(KeyFileError, match="cannot be read"):
        load(Settings(identity=str(folder / "missing")), nobody)


def test_a_key_in_a_real_agent_is_used(ssh_agent) -> None:
    public_blob = ssh_agent.add("-t", "ed25519")
    settings = Settings(identity=f"agent:{sshsig.fingerprint(public_blob)}")
    identity = load(settings, nobody)
    assert isinstance(identity, AgentIdentity)
    assert identity.public_blob == describe(settings).public_blob == public_blob
    ssh_agent.remove_all()
    with pytest.raises(KeyNotInAgentError):
        load(settings, nobody)


def test_without_an_agent_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    with pytest.raises(AgentMissingError):
        load(Settings(identity=own_identity.AGENT + "abc"), nobody)
