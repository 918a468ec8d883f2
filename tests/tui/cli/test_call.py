from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from e2ee.identity import DeviceIdentity
from e2ee.sshsig import fingerprint
from rooms.known_people import key_text
from tui.cli.exits import Exit
from tui.cli.group import run

CALL = ("call", "--headless", "--listen", "127.0.0.1")


def test_the_link_alone_is_printed_and_never_logged(sotto) -> None:
    host = sotto(*CALL, "--for", "0.3")
    assert host.wait() == Exit.DONE
    link = host.out.read_text()
    assert link.startswith("https://127.0.0.1:")
    assert len(link.splitlines()) == 1
    assert "#" not in host.err.read_text()


def test_a_code_is_printed_beside_it_when_asked_for(sotto) -> None:
    host = sotto(*CALL, "--qr", "--for", "0.3")
    assert host.wait() == Exit.DONE
    assert "▀" in host.err.read_text()


def test_plain_lines_draw_no_code(capsys) -> None:
    assert run(["call", "--plain", "--qr"]) == Exit.USAGE
    assert "/link" in capsys.readouterr().err


def test_who_knocks_is_let_in_or_not_by_typed_commands(sotto) -> None:
    host = sotto(*CALL, "--jsonl", "--name", "Ada")
    link = host.expect("hosting")["link"]
    guest = sotto("join", "-", "--headless", "--jsonl", "--name", "Grace", stdin=link)
    assert host.expect("knock")["name"] == "Grace"
    host.write("/admit Grace")
    assert [p["name"] for p in guest.expect("joined")["participants"]] == ["Ada", "Grace"]
    guest.write("hello from a script")
    assert host.expect("chat")["text"] == "hello from a script"
    stranger = sotto("join", "-", "--headless", "--name", "Mallory", stdin=link)
    host.expect("knock", 2)
    host.write("/refuse")
    assert stranger.wait() == Exit.REFUSED
    host.write("/remove Grace")
    assert guest.wait() == Exit.REMOVED
    assert len(stranger.err.read_text().splitlines()) <= 3


def test_a_key_in_a_real_agent_is_admitted_and_others_are_asked_about(
    sotto, ssh_agent, tmp_path: Path
) -> None:
    public_blob = ssh_agent.add("-t", "ed25519")
    keys = tmp_path / "authorized_keys"
    keys.write_text(f"# friends\n{key_text(public_blob)} grace@home\n")
    keys.chmod(0o600)
    host = sotto(*CALL, "--jsonl", "--name", "Ada", "--admit-keys", str(keys))
    link = host.expect("hosting")["link"]
    settings = tmp_path / "process1" / "config" / "settings.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text(f'identity = "agent:{fingerprint(public_blob)}"\n')
    friend = sotto("join", "-", "--headless", "--jsonl", "--name", "Grace", stdin=link)
    assert [p["name"] for p in friend.expect("joined")["participants"]] == ["Ada", "Grace"]
    joined = host.expect("participant_joined")["participant"]
    assert joined["fingerprint"] == fingerprint(public_blob)
    # The same name with another key is one who asks like everybody.
    stranger = sotto("join", "-", "--headless", "--name", "Grace", stdin=link)
    assert host.expect("knock", 2)["fingerprint"] != fingerprint(public_blob)
    host.write("/refuse")
    assert stranger.wait() == Exit.REFUSED


def test_a_file_of_keys_that_cannot_be_read_for_certain_opens_no_room(
    tmp_path: Path, capsys
) -> None:
    keys = tmp_path / "keys"
    keys.write_text(f"cert-authority {key_text(DeviceIdentity.generate().public_blob)}\n")
    keys.chmod(0o600)
    for file, said in ((keys, "line 1 has options"), (tmp_path / "missing", "cannot be read")):
        assert run(["call", "--headless", "--admit-keys", str(file)]) == Exit.PERSON
        assert said in capsys.readouterr().err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_is_a_clean_leave_and_leaves_no_process(sotto, number: signal.Signals) -> None:
    host = sotto(*CALL, "--jsonl")
    host.expect("joined")
    os.kill(host.process.pid, number)
    assert host.wait() == Exit.INTERRUPTED
    assert host.events[-1]["event"] == "ended"
    assert host.group_is_gone()
    assert "Traceback" not in host.err.read_text()


def test_another_server_and_an_address_to_listen_on_exclude_each_other(capsys) -> None:
    assert run(["call", "--server", "h:1", "--port", "5"]) == Exit.USAGE
    assert "--server" in capsys.readouterr().err
    assert run(["call", "--headless", "--server", "not an address"]) == Exit.USAGE
    assert "not a server's address" in capsys.readouterr().err


def test_what_is_no_address_to_listen_on_is_a_usage_error(capsys) -> None:
    for command in ("call", "serve"):
        assert run([command, "--listen", "nonsense"]) == Exit.USAGE
        said = capsys.readouterr().err
        assert "'nonsense' is not an IP address" in said
        assert f"hint: sotto {command} --help" in said
