"""The call inside a real SSH session: a terminal here, the application and the keys over there."""

from __future__ import annotations

import getpass
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sounddevice
from terminal import Terminal, assert_restored, processes_of_home

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class FarMachine:
    """A machine one logs in to: this one again, with another configuration."""

    home: Path
    login: str
    """The `ssh` command without the far command."""

    def join(self, *options: str) -> str:
        """Return what a person types to join a call there, with the link given later."""
        there = f"{sys.executable} -m tui.cli join - {' '.join(options)}"
        return f"{self.login} '{there}'"


@pytest.fixture
def far(tmp_path: Path, require: Callable[[str], None]) -> Iterator[FarMachine]:
    """A running sshd with throw-away keys."""
    require("ssh")
    sshd = shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin")
    if sshd is None:
        require("sshd")
    folder = tmp_path / "far"
    folder.mkdir(mode=0o700)
    for name in ("host", "person"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / name],
                       check=True)  # fmt: skip
    port = free_port()
    host_key = (folder / "host.pub").read_text()
    (folder / "known").write_text(f"[127.0.0.1]:{port} {host_key}")
    (folder / "sshd_config").write_text(f"""
ListenAddress 127.0.0.1
Port {port}
HostKey {folder}/host
AuthorizedKeysFile {folder}/person.pub
PidFile none
StrictModes no
PermitRootLogin yes
SetEnv SOTTO_CONFIG_DIR={folder} PYTHONPATH={ROOT}
""")
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # it starts nowhere else as root
    daemon = subprocess.Popen([str(sshd), "-D", "-e", "-f", folder / "sshd_config"],
                              stderr=subprocess.DEVNULL)  # fmt: skip
    wait_for(lambda: answers(port))
    yield FarMachine(
        folder,
        f"ssh -tt -F none -o UserKnownHostsFile={folder}/known -o IdentitiesOnly=yes"
        f" -i {folder}/person -p {port} {getpass.getuser()}@127.0.0.1",
    )
    daemon.terminate()
    daemon.wait()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def answers(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def wait_for(holds: Callable[[], bool], patience: float = 20.0) -> None:
    deadline = time.monotonic() + patience
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.fixture
def host(sotto: Callable[..., Any]) -> Any:
    """A host on this side, with a face."""
    return sotto("call", "--headless", "--jsonl", "--listen", "127.0.0.1", "--admit", "all",
                 "--name", "Hana", "--audio-in", "speech", "--audio-out", "none",
                 "--video-in", "testsrc", "--video")  # fmt: skip


def join(terminal: Terminal, far: FarMachine, host: Any) -> None:
    """Join over SSH as a person does: log in, then paste the link where it is asked for."""
    link = host.expect("hosting")["link"]
    terminal.type(far.join("--name", "Faraway"))
    terminal.press("Enter")
    terminal.shows("Link:")
    terminal.type(link)
    terminal.press("Enter")
    terminal.shows("2 in the room")


def test_a_call_over_ssh(terminal: Terminal, far: FarMachine, host: Any) -> None:
    join(terminal, far, host)
    terminal.shows("▀{8}")  # a picture: no placeholder has so many half blocks in a row
    if not sounddevice.query_devices():  # as on most machines one logs in to
        terminal.shows("No microphone")
        assert terminal.screen.count("No microphone") == 1

    terminal.press("Enter")
    terminal.type("hello from afar")
    terminal.press("Enter")
    host.expect("chat", lambda chat: chat["text"] == "hello from afar")
    host.write("and hello back")
    terminal.shows("and hello back")
    terminal.press("Escape")

    for width, height in ((160, 48), (80, 24)):
        terminal.resize(width, height)
        wait_for(lambda w=width, h=height: status_ends_at(terminal, w, h))

    terminal.press("q")
    host.expect("participant_left")
    terminal.shows("Connection to 127.0.0.1 closed")
    assert_restored(terminal, 0)
    assert processes_of_home(far.home) == []


def status_ends_at(terminal: Terminal, width: int, height: int) -> bool:
    """Whether the far side draws its last row on the terminal's last row, up to its end."""
    rows = terminal.screen.splitlines()
    return len(rows) == height and len(rows[-1]) >= width - 2 and rows[-1].endswith("q leave")


def test_a_lost_connection_ends_the_far_side_and_leaves_nothing(
    terminal: Terminal, far: FarMachine, host: Any
) -> None:
    join(terminal, far, host)
    assert processes_of_home(far.home)
    client = subprocess.run(["pgrep", "-f", f"ssh -tt .*{far.home}/known"], check=True,
                            capture_output=True, text=True)  # fmt: skip
    os.kill(int(client.stdout.split()[0]), signal.SIGKILL)
    assert host.expect("participant_left")["reason"] == "left"  # it said goodbye
    wait_for(lambda: processes_of_home(far.home) == [])


@pytest.mark.slow
def test_a_script_whose_connection_was_lost_does_not_stay_over_there(
    far: FarMachine, host: Any
) -> None:
    """Without a terminal nothing is signalled: only that nobody reads any more."""
    there = f"{sys.executable} -m tui.cli tail - --name Faraway --events chat"
    client = subprocess.Popen([*far.login.replace("-tt", "-T").split(), there],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # fmt: skip
    assert client.stdin is not None
    client.stdin.write(host.expect("hosting")["link"].encode() + b"\n")
    client.stdin.flush()
    host.expect("participant_joined", lambda event: event["participant"]["name"] == "Faraway")
    client.kill()
    client.communicate()
    assert host.expect("participant_left")["reason"] == "left"
    wait_for(lambda: processes_of_home(far.home) == [])
