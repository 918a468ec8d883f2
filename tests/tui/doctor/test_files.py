from __future__ import annotations

import os
from pathlib import Path

import pytest

from e2ee.identity import DeviceIdentity
from rooms.errors import SettingsError
from rooms.known_people import Pin
from rooms.settings import Settings
from tui.ctl.errors import NoSocketError
from tui.ctl.seats import Seat
from tui.doctor import files
from tui.doctor.finding import Case


def test_of_nothing_nothing_is_wrong_and_nothing_is_made(home: Path, states) -> None:
    checks = (files.settings, files.identity, files.people, files.rooms, files.calls)
    assert [states(check(Case())) for check in checks] == [["ok"]] * 5
    assert states(files.folders(Case())) == ["ok", "ok"]
    assert list(home.iterdir()) == []


def test_settings_that_cannot_be_read_fail(home: Path) -> None:
    (home / "settings.toml").write_text("nmae = 'Ada'\n")
    with pytest.raises(SettingsError, match="nmae"):
        list(files.settings(Case()))


@pytest.mark.parametrize(("mode", "state"), [(0o700, "ok"), (0o755, "warn"), (0o770, "fail")])
def test_a_folder_of_ours_is_ours_alone(home: Path, mode: int, state: str) -> None:
    home.chmod(mode)
    finding = next(iter(files.folders(Case())))
    assert finding.state == state
    assert finding.hint == ("" if state == "ok" else f"run: chmod 700 {home}")


def test_what_is_no_folder_fails(home: Path) -> None:
    home.rmdir()
    home.touch()
    assert next(iter(files.folders(Case()))).what == f"{home} is no folder"


def test_the_key_is_shown_by_its_fingerprint(home: Path) -> None:
    mine = Settings().own_identity()
    (finding,) = files.identity(Case())
    assert (finding.state, mine.fingerprint in finding.what) == ("ok", True)
    (home / "identity").chmod(0o644)
    with pytest.raises(SettingsError, match="read by others"):
        list(files.identity(Case()))


def test_people_others_can_write_are_nobody_s_friends(home: Path, states) -> None:
    file = home / "known_people"
    line = Pin("Ada", DeviceIdentity.generate().public_blob).line()
    file.write_text(f"# friends\n{line}\n")
    assert states(files.people(Case())) == ["ok"]
    file.write_text(f"{line}\nAda ssh-ed25519\n")
    assert states(files.people(Case())) == ["warn"]
    file.chmod(0o666)
    assert states(files.people(Case())) == ["fail"]


def test_a_list_of_rooms_that_is_damaged_fails(home: Path) -> None:
    with open(os.open(home / "rooms.json", os.O_CREAT | os.O_WRONLY, 0o600), "w") as file:
        file.write("{")
    with pytest.raises(SettingsError, match="damaged"):
        list(files.rooms(Case()))


def test_running_calls_are_counted(home: Path) -> None:
    seat = Seat.take()
    (finding,) = files.calls(Case())
    assert finding.what == "calls of yours that run here: 1"
    (home / "run").chmod(0o755)
    with pytest.raises(NoSocketError):
        list(files.calls(Case()))
    seat.close()
