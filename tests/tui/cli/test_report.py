from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import IO

import pytest

from rooms.errors import RefusedError
from tui.cli import report
from tui.cli.exits import Exit


def raised(error: Exception) -> Exception:
    try:
        raise error
    except Exception as caught:
        return caught


def test_an_expected_error_is_two_lines(capsys) -> None:
    assert report.expected(RefusedError("a host said no", hint="ask them")) == 4
    assert capsys.readouterr().err == "sotto: a host said no\nhint: ask them\n"


def test_without_a_hint_it_is_one(capsys) -> None:
    report.complain("it broke")
    assert capsys.readouterr().err == "sotto: it broke\n"


def test_a_mistake_of_ours_repeats_nothing_it_was_given(
    capsys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(report.DEBUG, raising=False)
    assert report.unexpected(raised(ValueError("https://h/r/#secret"))) == 1
    printed = capsys.readouterr().err
    assert "internal error: ValueError in test_report.py:" in printed
    assert "secret" not in printed
    assert "Traceback" not in printed


def test_the_traceback_is_there_for_whoever_asks(capsys, monkeypatch) -> None:
    monkeypatch.setenv(report.DEBUG, "1")
    report.unexpected(raised(ValueError("details")))
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        ("--help",),
        ("--version",),
        ("serve", "--listen", "127.0.0.1"),
        ("call", "--listen", "127.0.0.1", "--headless"),
        ("call", "--listen", "127.0.0.1", "--headless", "--jsonl"),
    ],
)
def test_a_full_disk_is_one_line(arguments: tuple[str, ...], tmp_path: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        done = run_into(full, tmp_path, *arguments)
    said = done.stderr.decode().splitlines()
    assert said[-1] == "sotto: standard output cannot be written"
    assert [line for line in said if "error" in line or "Exception" in line] == []
    assert done.returncode == Exit.PERSON


@pytest.mark.parametrize("arguments", [("--help",), ("devices",), ("completion", "bash")])
def test_a_reader_that_has_enough_is_no_failure(arguments: tuple[str, ...], tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as pipe:
        done = run_into(pipe, tmp_path, *arguments)
    assert done.stderr == b""
    assert done.returncode == Exit.DONE


@pytest.mark.parametrize("arguments", [("devices",), ("tail", "https://h/r/#x")])
def test_a_closed_output_is_one_line(arguments: tuple[str, ...], tmp_path: Path) -> None:
    done = run_into(None, tmp_path, *arguments)
    assert done.stderr == b"sotto: standard output cannot be written\n"
    assert done.returncode == Exit.PERSON


def run_into(
    out: IO[bytes] | None, tmp_path: Path, *arguments: str
) -> subprocess.CompletedProcess[bytes]:
    """Run `sotto` into a file, or with its standard output closed."""
    sotto = [sys.executable, "-m", "tui.cli", *arguments]
    return subprocess.run(
        sotto if out else ["sh", "-c", '"$@" >&-', "sh", *sotto],
        stdin=subprocess.DEVNULL,
        stdout=out,
        stderr=subprocess.PIPE,
        env={**os.environ, "SOTTO_CONFIG_DIR": str(tmp_path)},
        timeout=60,
        check=False,
    )


def test_what_the_terminal_cannot_spell_is_printed_all_the_same(tmp_path: Path) -> None:
    code = "from tui.cli import report; report.answer('Zoë plays at 80%.')"
    env = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, env=env, check=True)
    assert done.stdout == b"Zo? plays at 80%.\n"
