"""The check command: lint, format, types, import contracts and the twin-test rule, side by side.

Run with the interpreter of an environment that has the `dev` extra: `python tests/check.py`.
Exits 0 when everything holds; prints what does not, and only that.
"""

from __future__ import annotations

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("tui", "rooms", "media", "e2ee")
SNAPSHOTS = Path("tests/tui/snapshots")
"""What whole screens look like: no module's twins."""
BIN = Path(sys.executable).parent

TOOLS: dict[str, list[str]] = {
    "ruff check": [str(BIN / "ruff"), "check", "."],
    "ruff format": [str(BIN / "ruff"), "format", "--check", "--quiet", "."],
    "mypy --strict": [str(BIN / "mypy")],
    "import-linter": [str(BIN / "lint-imports"), "--no-logo"],
}


def run_tool(item: tuple[str, list[str]]) -> tuple[str, int, str, float]:
    """Run one tool from the root; return its name, exit code, output and seconds."""
    name, command = item
    start = time.monotonic()
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return name, done.returncode, done.stdout + done.stderr, time.monotonic() - start


def missing_twins() -> list[str]:
    """Return every module without its test file, and every test file without its module."""
    problems = []
    expected = set()
    for package in PACKAGES:
        for module in sorted((ROOT / package).rglob("*.py")):
            if module.name in {"__init__.py", "__main__.py"}:
                continue
            relative = module.relative_to(ROOT)
            twin = Path("tests") / relative.with_name(f"test_{relative.name}")
            expected.add(twin)
            if not (ROOT / twin).exists():
                problems.append(f"{relative} has no twin {twin}")
        for test in sorted((ROOT / "tests" / package).rglob("*.py")):
            relative = test.relative_to(ROOT)
            if SNAPSHOTS in relative.parents:
                continue
            if relative.name.startswith("test_") and relative not in expected:
                problems.append(f"{relative} has no module of that name")
        problems += [
            f"{path.relative_to(ROOT)}: no __init__.py under tests"
            for path in (ROOT / "tests").rglob("__init__.py")
            if package == PACKAGES[0]
        ]
    return problems


def main() -> int:
    """Run everything; return the exit code."""
    failed = False
    with ThreadPoolExecutor() as pool:
        for name, code, output, seconds in pool.map(run_tool, TOOLS.items()):
            print(f"{'ok  ' if code == 0 else 'FAIL'} {name} ({seconds:.1f} s)", flush=True)
            if code != 0:
                failed = True
                print(output)
    twins = missing_twins()
    print(f"{'FAIL' if twins else 'ok  '} twin tests")
    for line in twins:
        print(f"  {line}")
    return 1 if failed or twins else 0


if __name__ == "__main__":
    sys.exit(main())
