"""The file of known people."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from e2ee.identity import DeviceIdentity
from e2ee.spoken_words import SPOKEN_WORDS
from rooms import people_file
from rooms.errors import SettingsError
from rooms.known_people import KnownPeople, Pin
from rooms.people_file import PeopleFile

KEY, OTHER = (DeviceIdentity.generate().public_blob for _ in range(2))
DAY = "2026-11-05"


@pytest.fixture
def kept(tmp_path: Path) -> PeopleFile:
    return PeopleFile(tmp_path / "state" / "known_people")


def test_people_are_kept_private_with_the_day_they_were_met(kept: PeopleFile) -> None:
    assert kept.load().pins == []
    kept.keep([Pin("Ada", KEY)], DAY)
    assert kept.load().pins == [Pin("Ada", KEY, f"first-seen={DAY}")]
    assert stat.S_IMODE(kept.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(kept.path.parent.stat().st_mode) == 0o700


def test_who_was_verified_is_noted_without_losing_what_was_written_by_hand(
    kept: PeopleFile,
) -> None:
    kept.keep([Pin("Ada", KEY)], DAY)
    kept.path.write_text("# friends\n" + kept.path.read_text().strip() + " the tall one\n")
    kept.keep([Pin("Ada", KEY).noting(f"verified={DAY}")], DAY)
    text = kept.path.read_text()
    assert text.startswith("# friends\n")
    assert text.endswith(f"first-seen={DAY} the tall one verified={DAY}\n")


def test_attack_a_name_pinned_meanwhile_is_not_given_a_second_key(kept: PeopleFile) -> None:
    kept.keep([Pin("Ada", KEY)], DAY)
    kept.keep([Pin("Ada", OTHER), Pin("Аda", OTHER)], DAY)
    assert [pin.public_blob for pin in kept.load().pins] == [KEY]


def test_two_calls_that_meet_people_at_once_lose_nobody(kept: PeopleFile) -> None:
    names = list(SPOKEN_WORDS[:16])
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda name: kept.keep([Pin(name, KEY)], DAY), names))
    assert sorted(pin.name for pin in kept.load().pins) == names


def test_a_change_that_fails_changes_nothing(kept: PeopleFile) -> None:
    def fail(people: KnownPeople) -> None:
        people.forget("Ada")
        raise ValueError

    kept.keep([Pin("Ada", KEY)], DAY)
    with pytest.raises(ValueError):
        kept.change(fail)
    assert len(kept.load().pins) == 1


def test_a_file_that_is_too_long_is_refused(
    kept: PeopleFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept.keep([Pin("Ada", KEY)], DAY)
    monkeypatch.setattr(people_file, "MAX_FILE", 10)
    with pytest.raises(SettingsError, match="too long"):
        kept.load()


def test_a_place_that_cannot_be_used_is_said_plainly(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(SettingsError, match="cannot be kept"):
        PeopleFile(tmp_path / "file" / "known_people").keep([], DAY)
    (tmp_path / "known_people").mkdir()
    with pytest.raises(SettingsError, match="cannot be read"):
        PeopleFile(tmp_path / "known_people").load()


def test_the_file_is_in_the_state_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOTTO_CONFIG_DIR", str(tmp_path))
    assert PeopleFile.own().path == tmp_path / "known_people"
