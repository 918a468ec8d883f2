"""Plays a session: real processes, each person in a home of their own, nothing left behind."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from needing import need
from sessions import Order, Run, Step, Talk, agree, filled, fits

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 30.0
"""Seconds anything may take on a loaded machine."""
MARK = "SOTTO_TEST_SESSION"
"""An environment variable that all processes of one session have, their children included."""
_KEPT = ("LANG", "LC_ALL", "TZ", "CI")


@dataclass
class Background:
    """A process that goes on; its output is in files, of which `read` lines were looked at."""

    process: subprocess.Popen[bytes]
    files: dict[str, Path]
    read: dict[str, int]

    def lines(self, sign: str) -> list[str]:
        """Return the whole lines that it has written."""
        return self.files[sign].read_text(errors="replace").rpartition("\n")[0].splitlines()


class Stage:
    """What a session has about it while it is played."""

    def __init__(self, folder: Path, name: str = "session") -> None:
        self.folder, self.name = folder, name
        self.variables: dict[str, str] = {"EXAMPLES": str(ROOT / "examples")}
        self.environment: dict[str, str] = {}
        self.running: dict[str, Background] = {}
        self.mark = uuid.uuid4().hex
        self._count = 0
        (folder / "bin").mkdir()
        (folder / "tmp").mkdir()
        program = folder / "bin" / "sotto"
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m tui.cli "$@"\n')
        program.chmod(0o755)

    def play(self, steps: Sequence[Step], *, ended: bool = True) -> None:
        """Do every step in order; then all that was started has to be `ended`.

        Raises AssertionError where something is not as expected.
        """
        for step in steps:
            match step:
                case Order():
                    self._order(step)
                case Run() if step.process:
                    self._start(step)
                case Run():
                    self._run(step)
                case Talk():
                    self._talk(step)
        for name, one in self.running.items():
            assert not ended or one.process.poll() is not None, f"{self.name}: {name} is not ended"

    def close(self) -> None:
        """End what a session that failed has left."""
        for one in self.running.values():
            with contextlib.suppress(ProcessLookupError):
                os.killpg(one.process.pid, signal.SIGKILL)
            one.process.wait()
            assert one.process.stdin is not None
            with contextlib.suppress(OSError):
                one.process.stdin.close()

    def left_behind(self) -> list[str]:
        """Return what is there and should not be: processes, sockets, temporary files."""
        left = [f"process {command}" for command in processes(self.mark).values()]
        sockets = [str(path) for path in self.folder.glob("*/runtime/**/*") if path.is_socket()]
        return [*left, *sockets, *map(str, (self.folder / "tmp").iterdir())]

    # --- steps ---

    def _order(self, step: Order) -> None:
        match step.word, step.arguments:
            case "env", [*assigned]:
                name, _, value = " ".join(assigned).partition("=")
                self.environment[name] = filled(value, self.variables)
            case "kill", [name, number]:
                os.killpg(self.running[name].process.pid, signal.Signals[f"SIG{number}"])
            case "close", [name]:
                stdin = self.running[name].process.stdin
                assert stdin is not None
                stdin.close()
            case "needs", [program]:
                need(program)
            case "slow", _:
                pass
            case _:
                raise AssertionError(self._where(step, "this cannot be done"))

    def _run(self, step: Run) -> None:
        done = subprocess.run(
            self._words(step),
            input="".join(f"{filled(line, self.variables)}\n" for line in step.typed),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
            **self._how(step.who),
        )
        shown = f"{done.stdout}--- standard error:\n{done.stderr}--- exit code {done.returncode}"
        for expected, text in ((step.out, done.stdout), (step.err, done.stderr)):
            found = agree(expected, text.splitlines(), self.variables)
            assert found is not None, self._where(
                step, f"{expected} is expected, there is:\n{shown}"
            )
            self.variables.update(found)
        assert done.returncode == step.code, self._where(
            step, f"? {step.code} is expected:\n{shown}"
        )

    def _start(self, step: Run) -> None:
        self._count += 1
        files = {sign: self.folder / f"{self._count}{sign}" for sign in ">!"}
        with files[">"].open("wb") as out, files["!"].open("wb") as err:
            process = subprocess.Popen(
                self._words(step),
                stdin=subprocess.PIPE,
                stdout=out,
                stderr=err,
                start_new_session=True,
                **self._how(step.who),
            )
        self.running[step.process] = Background(process, files, dict.fromkeys(">!", 0))

    def _talk(self, step: Talk) -> None:
        one = self.running[step.process]
        match step.sign:
            case "<":
                assert one.process.stdin is not None
                one.process.stdin.write(f"{filled(step.text, self.variables)}\n".encode())
                one.process.stdin.flush()
            case "?":
                code = one.process.wait(PATIENCE)
                words = f"it ended with {code}:\n{self._all(one)}"
                assert code == int(step.text), self._where(step, words)
            case sign:
                wanted = partial(self._comes, one, sign, step.text)
                assert _soon(wanted, one.process), self._where(
                    step, f"never came:\n{self._all(one)}"
                )

    def _comes(self, one: Background, sign: str, expected: str) -> bool:
        for number, line in enumerate(one.lines(sign)[one.read[sign] :], one.read[sign] + 1):
            found = fits(expected, line, self.variables)
            if found is not None:
                one.read[sign] = number
                self.variables.update(found)
                return True
        return False

    # --- what they need ---

    def _words(self, step: Run) -> list[str]:
        return [filled(word, self.variables) for word in step.words]

    def _how(self, who: str) -> dict[str, object]:
        """Return where somebody's command runs: at home, and with nothing of the tester's own."""
        home = self.folder / who
        home.mkdir(exist_ok=True)
        environment = {
            **{name: os.environ[name] for name in _KEPT if name in os.environ},
            "PATH": os.pathsep.join([str(self.folder / "bin"), os.environ["PATH"]]),
            "PYTHONPATH": str(ROOT),
            "HOME": str(home),
            "USER": who,
            "LOGNAME": who,
            "XDG_RUNTIME_DIR": str(home / "runtime"),
            "TMPDIR": str(self.folder / "tmp"),
            MARK: self.mark,
            **self.environment,
        }
        return {"cwd": home, "env": environment}

    def _all(self, one: Background) -> str:
        return "\n".join(path.read_text(errors="replace") for path in one.files.values())

    def _where(self, step: Step, words: str) -> str:
        return f"{self.name}, line {step.line}: {words}"


def _soon(wanted: partial[bool], process: subprocess.Popen[bytes]) -> bool:
    """Wait for something of a process; what it has written counts after its end, too."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        ended = process.poll() is not None
        if wanted():
            return True
        if ended:
            return False
        time.sleep(0.02)
    return False


def processes(mark: str) -> dict[int, str]:
    """Return the command lines of processes with a mark, by their ids; zombies have none."""
    found = {}
    for path in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if f"{MARK}={mark}".encode() in (path / "environ").read_bytes().split(b"\0"):
                found[int(path.name)] = (path / "cmdline").read_text().replace("\0", " ")
    return found
