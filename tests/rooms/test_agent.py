"""ssh-agent: a real one signs for every type of key, and a bad one is refused in clear words."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from e2ee import sshsig
from e2ee.identity import DeviceIdentity, proof_message, read_credential
from e2ee.ssh_wire import join_strings
from rooms.agent import MAX_MESSAGE, SOCKET_VARIABLE, Agent
from rooms.errors import AgentMissingError, AgentRefusedError, KeyNotInAgentError
from rooms.known_people import key_text

MLS_KEY, ROOM = bytes(range(32)), bytes(range(16))
KINDS = {
    "ed25519": ("-t", "ed25519"),
    "p256": ("-t", "ecdsa", "-b", "256"),
    "p384": ("-t", "ecdsa", "-b", "384"),
    "p521": ("-t", "ecdsa", "-b", "521"),
    "rsa": ("-t", "rsa", "-b", "2048"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_ssh_keygen_accepts_the_proof_a_real_agent_signs(kind: str, ssh_agent, tmp_path) -> None:
    public_blob = ssh_agent.add(*KINDS[kind])
    identity = Agent.running().find(sshsig.fingerprint(public_blob))
    proof = identity.prove(MLS_KEY, ROOM, "Ada")
    read = read_credential(proof, signature_key=MLS_KEY, room_id=ROOM)
    assert read.public_blob == public_blob
    allowed, signature = tmp_path / "allowed", tmp_path / "proof.sig"
    verify = ("ssh-keygen", "-Y", "verify", "-I", "ada", "-n", "sottovoce", "-f", allowed, "-s")
    allowed.write_text(f"ada {key_text(public_blob)}\n")
    signature.write_text(sshsig.armor(sshsig.split_strings(proof, 3)[2]))
    done = subprocess.run(
        [*verify, signature],
        input=proof_message(signature_key=MLS_KEY, room_id=ROOM, name="Ada"),
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_a_real_agent_lists_what_can_be_an_identity(ssh_agent) -> None:
    blobs = [ssh_agent.add(*KINDS["ed25519"]), ssh_agent.add(*KINDS["p256"])]
    ssh_agent.add("-t", "rsa", "-b", "1024")
    assert sorted(Agent.running().keys()) == sorted(blobs)


def test_a_key_the_agent_does_not_hold_is_said_so(ssh_agent) -> None:
    with pytest.raises(KeyNotInAgentError, match="SHA256:none"):
        Agent.running().find("SHA256:none")


def test_an_agent_that_lost_the_key_refuses_in_clear_words(ssh_agent) -> None:
    identity = Agent.running().find(sshsig.fingerprint(ssh_agent.add(*KINDS["ed25519"])))
    ssh_agent.remove_all()
    with pytest.raises(AgentRefusedError, match="refused to sign"):
        identity.sign(b"data")


def test_without_an_agent_it_is_said_so(monkeypatch, tmp_path: Path) -> None:
    monkeypatch.delenv(SOCKET_VARIABLE, raising=False)
    with pytest.raises(AgentMissingError) as caught:
        Agent.running()
    assert "ssh-agent" in caught.value.hint
    for path in (tmp_path / "missing", tmp_path / ("x" * 200), tmp_path):
        with pytest.raises(AgentMissingError):
            Agent(path).keys()


Answer = Callable[[bytes], Agent]


@pytest.fixture
def answering(tmp_path: Path) -> Iterator[Answer]:
    """Make an agent that says one thing, whatever it is asked, and hangs up."""
    server = socket.socket(socket.AF_UNIX)
    server.bind(str(tmp_path / "agent"))
    server.listen()
    threads = []

    def make(answer: bytes) -> Agent:
        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(answer)

        threads.append(threading.Thread(target=serve))
        threads[-1].start()
        return Agent(tmp_path / "agent")

    yield make
    for thread in threads:
        thread.join()
    server.close()


KEY = DeviceIdentity.generate()
LISTS = {
    "nothing": b"",
    "half a length": b"\0\0",
    "an empty message": bytes(4),
    "a failure": join_strings(b"\5"),
    "half a message": join_strings(b"\x0c" + bytes(4))[:-1],
    "a length beyond all bounds": (MAX_MESSAGE + 1).to_bytes(4, "big") + bytes(10),
    "fewer keys than said": join_strings(b"\x0c" + (2).to_bytes(4, "big") + join_strings(b"", b"")),
    "more keys than anybody has": join_strings(b"\x0c" + b"\xff\xff\xff\xff"),
    "half a count": join_strings(b"\x0c\0\0"),
}


@pytest.mark.parametrize("name", LISTS)
def test_list_of_a_broken_agent_is_refused(name: str, answering: Answer) -> None:
    with pytest.raises(AgentRefusedError):
        answering(LISTS[name]).keys()


def test_signature_of_another_key_or_over_other_data_is_refused(answering: Answer) -> None:
    for wrong in (DeviceIdentity.generate().sign(b"data"), KEY.sign(b"other"), b"", b"junk"):
        with pytest.raises(AgentRefusedError, match="none that others take"):
            answering(join_strings(b"\x0e" + join_strings(wrong))).sign(KEY.public_blob, b"data")
    answer = join_strings(b"\x0e" + join_strings(KEY.sign(b"data")))
    assert answering(answer).sign(KEY.public_blob, b"data") == KEY.sign(b"data")


def test_an_agent_that_does_not_answer_is_not_waited_for_forever(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("rooms.agent.LIST_TIMEOUT", 0.05)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "agent"))
        server.listen()
        with pytest.raises(AgentRefusedError, match="does not answer"):
            Agent(tmp_path / "agent").keys()


def test_attack_an_agent_that_trickles_is_not_waited_for_either(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("rooms.agent.LIST_TIMEOUT", 0.1)

    def trickle(server: socket.socket) -> None:
        connection, _ = server.accept()
        with connection, contextlib.suppress(OSError):  # until the other end has enough
            connection.sendall(MAX_MESSAGE.to_bytes(4, "big"))
            for _ in range(500):
                time.sleep(0.01)
                connection.sendall(b"x")

    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "agent"))
        server.listen()
        thread = threading.Thread(target=trickle, args=[server])
        thread.start()
        with pytest.raises(AgentRefusedError, match="does not answer"):
            Agent(tmp_path / "agent").keys()
        thread.join()
