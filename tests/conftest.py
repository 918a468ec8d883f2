"""What every test shares."""

from __future__ import annotations

import base64
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# No deadline: a loaded machine is no bug. The same examples every time, so that a commit either
# passes or does not; SOTTO_FUZZ=1 looks for new ones.
settings.register_profile(
    "sottovoce",
    deadline=None,
    derandomize="SOTTO_FUZZ" not in os.environ,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("sottovoce")

# What is ignored stays so in every process a test starts, as nohup wants it: not here, where
# signals are sent, whatever started us (a shell has what it runs in the background ignore Ctrl-C).
for number, action in (
    (signal.SIGHUP, signal.SIG_DFL),
    (signal.SIGINT, signal.default_int_handler),
):
    if signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, action)


class SshAgent:
    """A real ssh-agent; the only one the test knows."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.socket, self.keys = folder, folder / "socket", 0
        self.process = subprocess.Popen(
            ["ssh-agent", "-D", "-a", self.socket], stdout=subprocess.DEVNULL
        )
        deadline = time.monotonic() + 10
        while not self.socket.exists():
            assert time.monotonic() < deadline
            time.sleep(0.01)

    def add(self, *kind: str) -> bytes:
        """Put a new key of a kind (as ssh-keygen's options) in the agent only; return its blob."""
        self.keys += 1
        file = self.folder / f"key{self.keys}"
        command = ["ssh-keygen", "-q", *kind, "-N", "", "-C", "test", "-f", str(file)]
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
        self._ssh_add(str(file))
        file.unlink()
        return base64.b64decode(file.with_name(f"{file.name}.pub").read_text().split()[1])

    def remove_all(self) -> None:
        """Take all keys out."""
        self._ssh_add("-D")

    def _ssh_add(self, argument: str) -> None:
        environment = {**os.environ, "SSH_AUTH_SOCK": str(self.socket)}
        subprocess.run(["ssh-add", "-q", argument], check=True, env=environment)


@pytest.fixture
def ssh_agent(monkeypatch: pytest.MonkeyPatch) -> Iterator[SshAgent]:
    """Run a real ssh-agent, known by SSH_AUTH_SOCK here and to processes the test starts."""
    if not all(map(shutil.which, ("ssh-agent", "ssh-add", "ssh-keygen"))):
        pytest.skip("OpenSSH's client is not installed")
    # Not in tmp_path: a socket's path has to be short.
    with tempfile.TemporaryDirectory(prefix="sotto-") as folder:
        agent = SshAgent(Path(folder))
        monkeypatch.setenv("SSH_AUTH_SOCK", str(agent.socket))
        yield agent
        agent.process.terminate()
        agent.process.wait()
