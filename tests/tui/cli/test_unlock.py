"""The key to take part with: its passphrase is asked for on the terminal, without echo."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from e2ee.identity import DeviceIdentity
from rooms.settings import Settings, keep
from tui.cli.group import run
from tui.cli.unlock import unlock

PASSPHRASE = "correct horse"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SOTTO_CONFIG_DIR", str(tmp_path / "config"))
    return tmp_path


@pytest.fixture
def encrypted(home: Path) -> Path:
    path = home / "id"
    command = ["ssh-keygen", "-q", "-t", "ed25519", "-a", "1", "-N", PASSPHRASE, "-f", str(path)]
    subprocess.run(command, check=True)
    return path


def on_a_terminal(arguments: list[str], typed: str) -> tuple[int, str]:
    """Run `sotto` with a terminal of its own and pipes for the rest; return code and terminal."""
    master, slave = pty.openpty()
    process = subprocess.Popen(
        ["setsid", "--ctty", sys.executable, "-m", "tui.cli", *arguments],
        stdin=slave,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    shown = b""
    while b"Passphrase" not in shown:
        shown += os.read(master, 1024)
    os.write(master, f"{typed}\n".encode())
    process.communicate(timeout=30)
    os.set_blocking(master, False)
    shown += os.read(master, 1024)
    os.close(slave)
    os.close(master)
    return process.returncode, shown.decode()


def test_the_own_key_needs_nothing_and_loads_nothing() -> None:
    code = (
        "import sys; from tui.cli.unlock import unlock; assert unlock() is None; "
        "sys.exit(str({'cryptography', 'msgspec'} & set(sys.modules) or 0))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr.strip() in {"", "0"}


def test_a_chosen_key_is_made_ready(home: Path) -> None:
    mine = DeviceIdentity.generate()
    (home / "id").write_bytes(mine.to_openssh())
    (home / "id").chmod(0o600)
    keep("identity", str(home / "id"))
    identity = unlock()
    assert identity is not None
    assert identity.public_blob == mine.public_blob


def test_a_passphrase_is_asked_for_on_the_terminal_and_not_echoed(encrypted: Path) -> None:
    code, shown = on_a_terminal(["identity", "use", str(encrypted)], PASSPHRASE)
    assert code == 0
    assert str(encrypted) in shown
    assert PASSPHRASE not in shown
    assert Settings.load().identity == str(encrypted)


def test_a_wrong_passphrase_changes_nothing(encrypted: Path) -> None:
    code, _ = on_a_terminal(["identity", "use", str(encrypted)], "wrong")
    assert code == 1
    assert Settings.load().identity == "own"


def test_without_a_terminal_it_is_said_so_before_anybody_is_called(encrypted: Path) -> None:
    keep("identity", str(encrypted))
    done = subprocess.run(
        [sys.executable, "-m", "tui.cli", "call", "--headless"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        start_new_session=True,
        check=False,
    )
    assert done.returncode == 1
    assert "no terminal to ask" in done.stderr
    assert len(done.stderr.splitlines()) == 2


def test_an_identity_that_cannot_be_used_ends_the_command_in_two_lines(capsys, monkeypatch) -> None:
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    for choice, said in (
        ("/missing/key", "cannot be read"),
        ("~nobody-of-this-name/key", "cannot be read"),
        ("agent:abc", "no ssh-agent"),
    ):
        keep("identity", choice)
        for command in (["call", "--headless"], ["join", "https://h/r/#x", "--headless"]):
            assert run(command) == 1
            error = capsys.readouterr().err
            assert said in error
            assert len(error.splitlines()) <= 2
