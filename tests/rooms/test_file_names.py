"""Names of files that others chose."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rooms.file_names import MAX_BYTES, NAMELESS, clean_file_name
from rooms.member_wire import MAX_FILE_NAME


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("report.pdf", "report.pdf"),
        ("my  photos of\ttoday.tar.gz", "my photos of today.tar.gz"),
        ("Übergrößen – 日本.txt", "Übergrößen – 日本.txt"),
        ("../../etc/passwd", "passwd"),
        ("/etc/passwd", "passwd"),
        ("C:\\Windows\\system.ini", "system.ini"),
        ("..\\..\\x", "x"),
        ("~/.ssh/authorized_keys", "authorized_keys"),
        (".bashrc", "bashrc"),
        ("-rf", "rf"),
        ("--help", "help"),
        ("~root", "root"),
        ("..", NAMELESS),
        (".", NAMELESS),
        ("/", NAMELESS),
        ("a/..", NAMELESS),
        ("", NAMELESS),
        ("\x00", NAMELESS),
        ("trailing. . ", "trailing"),
        ("gif\u202efdp.exe", "giffdp.exe"),
        ("x\x1b[2J.txt", "x.txt"),
        ("two\nlines.txt", "two lines.txt"),
    ],
)
def test_what_remains_is_one_visible_name_in_no_folder(given: str, kept: str) -> None:
    assert clean_file_name(given) == kept


def test_a_long_name_keeps_its_ending() -> None:
    shown = clean_file_name("x" * 500 + ".pdf")
    assert shown == "x" * (MAX_FILE_NAME - 4) + ".pdf"
    wide = clean_file_name("語" * 120 + ".tar")
    assert wide.endswith("語.tar")
    assert len(wide.encode()) <= MAX_BYTES


@settings(max_examples=200, deadline=None, derandomize=True, database=None)
@given(st.text(max_size=400))
def test_attack_whatever_is_given_no_name_leads_elsewhere(text: str) -> None:
    name = clean_file_name(text)
    assert name
    assert "/" not in name
    assert "\\" not in name
    assert name[0] not in ".-~ "
    assert all(char.isprintable() for char in name)
    assert len(name) <= MAX_FILE_NAME
    assert len(name.encode()) <= MAX_BYTES
    assert clean_file_name(name) == name
