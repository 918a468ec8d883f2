from __future__ import annotations

import io
from pathlib import Path

import pytest

from e2ee import sshsig
from e2ee.identity import DeviceIdentity
from rooms.known_people import Pin, key_text
from rooms.people_file import PeopleFile
from rooms.settings import Settings
from tui.cli.group import run

ADA, EVE = DeviceIdentity.generate(), DeviceIdentity.generate()


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SOTTO_CONFIG_DIR", str(tmp_path))
    (tmp_path / "settings.toml").write_text('name = "Hana"\n')
    return tmp_path


def key_file(home: Path, identity: DeviceIdentity) -> str:
    path = home / "key.pub"
    path.write_text(f"{key_text(identity.public_blob)} somebody@home\n")
    return str(path)


def state(name: str, identity: DeviceIdentity) -> str:
    return PeopleFile.own().load().state(name, identity.public_blob)


def test_show_prints_name_fingerprint_and_a_line_for_others(capsys) -> None:
    assert run(["identity", "show"]) == 0
    name, fingerprint, line, source = capsys.readouterr().out.splitlines()
    assert source == "# this device's own key"
    mine = Settings.load().own_identity()
    assert (name, fingerprint) == ("Hana", mine.fingerprint)
    assert line == f'Hana namespaces="sottovoce" {key_text(mine.public_blob)}'


def use(which: str) -> int:
    return run(["identity", "use", which])


def test_a_key_file_is_used_until_the_own_key_is_used_again(home: Path, capsys) -> None:
    path = home / "id"
    path.write_bytes(ADA.to_openssh())
    path.chmod(0o600)
    assert use(str(path)) == 0
    assert capsys.readouterr().out == f"Hana {ADA.fingerprint}\n"
    assert run(["identity", "show"]) == 0
    _, fingerprint, _, source = capsys.readouterr().out.splitlines()
    assert (fingerprint, source) == (ADA.fingerprint, f"# the key file {path}")
    assert use("own") == 0
    assert (home / "settings.toml").read_text() == 'name = "Hana"\n'


def test_a_key_in_a_real_agent_is_used(ssh_agent, capsys) -> None:
    fingerprint = sshsig.fingerprint(ssh_agent.add("-t", "ecdsa", "-b", "256"))
    assert use(f"agent:{fingerprint}") == 0
    run(["identity", "show"])
    assert "# a key in ssh-agent" in capsys.readouterr().out
    assert Settings.load().identity == f"agent:{fingerprint}"


def test_what_cannot_sign_is_not_used(home: Path, ssh_agent, capsys) -> None:
    for which in (key_file(home, ADA), str(home / "missing"), "agent:SHA256:none"):
        assert use(which) == 1
        assert len(capsys.readouterr().err.splitlines()) == 2
    assert (home / "settings.toml").read_text() == 'name = "Hana"\n'


def test_a_pinned_key_is_known_and_a_forgotten_one_is_new(home: Path, capsys) -> None:
    assert run(["identity", "pin", "Ada", key_file(home, ADA)]) == 0
    assert ADA.fingerprint in capsys.readouterr().out
    assert (state("Ada", ADA), state("Ada", EVE)) == ("known", "changed")
    assert run(["identity", "forget", "Ada"]) == 0
    assert state("Ada", EVE) == "new"
    assert run(["identity", "forget", "Ada"]) == 1


def test_pinning_a_new_key_takes_the_old_one_out(home: Path) -> None:
    run(["identity", "pin", "Ada", key_file(home, ADA)])
    run(["identity", "pin", "Ada", key_file(home, EVE)])
    assert (state("Ada", ADA), state("Ada", EVE)) == ("changed", "known")


def test_pinning_a_verified_key_again_does_not_make_it_less(home: Path) -> None:
    PeopleFile.own().change(lambda people: people.verify("Ada", ADA.public_blob, "2026-11-05"))
    run(["identity", "pin", "Ada", key_file(home, ADA)])
    assert state("Ada", ADA) == "verified"


def test_what_somebody_shows_can_be_piped_in(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = f"{Pin('Ada', ADA.public_blob).line()}\n# this device's own key\n"
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(shown.encode())))
    assert run(["identity", "pin", "Ada", "-"]) == 0
    assert state("Ada", ADA) == "known"


def test_what_is_no_key_is_refused_and_changes_nothing(home: Path, capsys) -> None:
    (home / "no.pub").write_text("hello\n")
    assert run(["identity", "pin", "Ada", str(home / "no.pub")]) != 0
    assert run(["identity", "pin", "Ada", str(home / "missing.pub")]) == 1
    assert "sotto: " in capsys.readouterr().err
    assert not PeopleFile.own().path.exists()


def test_without_a_command_it_says_what_is_missing_in_two_lines(capsys) -> None:
    assert run(["identity"]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 2
