from __future__ import annotations

from pathlib import Path

import pytest

from tui.path_completion import complete_path


@pytest.fixture(autouse=True)
def disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("report-1.pdf", "report-2.pdf", "a note.txt", ".hidden", "bad\x1bname"):
        (tmp_path / name).touch()
    (tmp_path / "folder" / "deep").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize(
    ("begun", "completed"),
    [
        ("rep", "report-"),
        ("report-2", "report-2.pdf"),
        ("a", "a note.txt"),
        ("a no", "a note.txt"),
        ("fo", "folder/"),
        ("folder/", "folder/deep/"),
        ("~/fo", "~/folder/"),
        (".h", ".hidden"),
        ("bad", "bad"),
        ("missing", "missing"),
        ("missing/x", "missing/x"),
        ("x\0/y", "x\0/y"),
        ("", ""),
    ],
)
def test_a_path_is_completed_as_far_as_it_is_clear(begun: str, completed: str) -> None:
    assert complete_path(begun) == completed


def test_a_whole_path_is_completed(disk: Path) -> None:
    assert complete_path(f"{disk}/report-1") == f"{disk}/report-1.pdf"
