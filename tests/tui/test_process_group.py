from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from tui.process_group import ProcessGroup

SLEEPS = ("sleep", "600")


def is_gone(number: int) -> bool:
    """Wait until a process runs no more."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            state = Path(f"/proc/{number}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except OSError:
            return True
        if state == "Z":
            return True
        time.sleep(0.02)
    return False


async def started(path: Path) -> int:
    while not path.exists() or not path.read_text().strip():
        await asyncio.sleep(0.01)
    return int(path.read_text())


async def test_a_program_gets_its_input_and_its_words_come_as_they_are(tmp_path) -> None:
    out = tmp_path / "out"
    async with ProcessGroup() as group:
        code = (
            "import sys, os;"
            "open(sys.argv[1], 'w').write(sys.stdin.read() + os.environ['WHO'] + sys.argv[2]);"
            "sys.exit(3)"
        )
        command = (sys.executable, "-c", code, str(out), "$(touch x); *")
        assert await group.run(command, b"input ", {"WHO": "Ada "}) == 3
    assert out.read_text() == "input Ada $(touch x); *"


async def test_a_program_need_not_read_what_it_gets() -> None:
    async with ProcessGroup() as group:
        assert await group.run(("true",), b"x" * 1_000_000, {"PATH": os.environ["PATH"]}) == 0


async def test_a_program_that_is_none_cannot_be_started(tmp_path) -> None:
    async with ProcessGroup() as group:
        with pytest.raises(OSError):
            await group.run((str(tmp_path / "none"),), b"", {})


async def test_at_its_end_nothing_of_it_is_left_not_even_what_was_put_in_the_background(
    tmp_path,
) -> None:
    number = tmp_path / "number"
    env = {"PATH": os.environ["PATH"]}
    script = f"trap '' TERM; sleep 600 & echo $! > {number}; wait"
    async with ProcessGroup() as group:
        running = asyncio.create_task(group.run(("sh", "-c", script), b"", env))
        child = await started(number)
        group.terminate()
        await asyncio.sleep(0)
    assert await running == -signal.SIGKILL
    assert is_gone(child)


def test_a_process_that_is_killed_takes_its_group_along(tmp_path) -> None:
    number = tmp_path / "number"
    program = f"""
        import asyncio, os
        from tui.process_group import ProcessGroup

        async def main():
            async with ProcessGroup() as group:
                command = ("sh", "-c", "echo $$ > {number}; exec sleep 600")
                await group.run(command, b"", dict(os.environ))

        asyncio.run(main())
    """
    process = subprocess.Popen([sys.executable, "-c", textwrap.dedent(program)])
    child = asyncio.run(started(number))
    process.kill()
    process.wait()
    assert is_gone(child)
