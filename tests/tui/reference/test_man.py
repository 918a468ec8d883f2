from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from needing import need

from tui.cli import commands
from tui.reference.man import _text, pages, write
from tui.reference.tree import program

KEPT = Path(__file__).resolve().parents[3] / "docs" / "man"
PROGRAM = program()
PAGES = pages(PROGRAM)
AGAIN = "make them again: python -m tui.reference.man docs/man"


def test_the_pages_that_are_kept_are_those_of_the_commands() -> None:
    assert {path.name for path in KEPT.iterdir()} == set(PAGES), AGAIN
    for name, text in PAGES.items():
        assert (KEPT / name).read_text() == text, AGAIN


def test_there_is_one_of_each_command() -> None:
    assert set(PAGES) == {"sotto.1", *(f"sotto-{name}.1" for name in commands.COMMANDS)}


def test_a_page_that_is_no_more_goes(tmp_path: Path) -> None:
    (tmp_path / "sotto-dance.1").touch()
    write(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == set(PAGES)


def test_no_text_is_a_request_of_roff() -> None:
    assert _text(".so /etc/passwd") == "\\&.so /etc/passwd"
    assert _text("'it' \\fB -x ~/a") == "\\(aqit\\(aq \\efB \\-x \\(ti/a"


@pytest.mark.parametrize("name", PAGES)
def test_it_is_set_without_a_warning_and_says_everything(name: str, tmp_path: Path) -> None:
    need("groff")
    path = tmp_path / name
    path.write_text(PAGES[name])
    done = subprocess.run(
        ["groff", "-man", "-ww", "-Tutf8", "-Kutf8", "-P-cbou", "-rLL=1000n", path],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stderr == ""
    shown = " ".join(done.stdout.split())
    command = next(one for one in PROGRAM.all() if f"{'-'.join(one.path)}.1" == name)
    for one in command.all() if command.path != ("sotto",) else [command]:
        assert all(" ".join(text.split()) in shown for text in one.text if command is not one)
        for option in one.options:
            assert all(flag in shown for flag in option.all_flags)
            assert option.help in shown
    assert "EXIT STATUS" in shown
