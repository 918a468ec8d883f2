"""Cameras as the kernel lists them, in folders that stand for its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from media.video import cameras


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    dev, names = tmp_path / "dev", tmp_path / "names"
    dev.mkdir()
    for number, name in {0: "Lid camera\n", 1: "Lid camera\n", 2: "Lamp", 10: "Lamp"}.items():
        (dev / f"video{number}").touch()
        (names / f"video{number}").mkdir(parents=True)
        (names / f"video{number}" / "name").write_text(name)
    (dev / "video3").touch()
    monkeypatch.setattr(cameras, "_DEV", dev)
    monkeypatch.setattr(cameras, "_NAMES", names)
    return dev


def test_the_files_of_a_camera_are_one_camera(machine: Path) -> None:
    assert {name: [path.name for path in paths] for name, paths in cameras.found().items()} == {
        "Lid camera": ["video0", "video1"],
        "Lamp": ["video2", "video10"],
        "video3": ["video3"],
    }


def test_one_is_found_by_its_name_and_all_without(machine: Path) -> None:
    assert cameras.find("Lamp") == [machine / "video2", machine / "video10"]
    assert cameras.find("Lid") == []
    assert [path.name for path in cameras.find(None)] == [
        "video0", "video1", "video2", "video10", "video3",
    ]  # fmt: skip
