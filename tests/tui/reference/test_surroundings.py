from __future__ import annotations

import re
from pathlib import Path

from rooms.folders import config_folder, state_folder
from tui.reference.surroundings import CONFIG, ENVIRONMENT, STATE

ROOT = Path(__file__).resolve().parents[3]


def test_every_variable_of_ours_is_written_down() -> None:
    sources = (
        path
        for package in ("tui", "rooms", "media", "e2ee")
        for path in (ROOT / package).rglob("*.py")
    )
    read = {
        name
        for path in sources
        for name in re.findall(r"\"(SOTTO_[A-Z]+(?:_[A-Z]+)*)\"", path.read_text())
    }
    assert read <= set(ENVIRONMENT)
    assert {"SOTTO_LINK", "SOTTO_CONFIG_DIR"} <= read


def test_the_folders_are_where_they_are(monkeypatch, tmp_path: Path) -> None:
    for name in ("SOTTO_CONFIG_DIR", "XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert str(config_folder()) == CONFIG.replace("~", str(tmp_path))
    assert str(state_folder()) == STATE.replace("~", str(tmp_path))
