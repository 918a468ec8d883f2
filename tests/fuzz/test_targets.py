"""Every reader of hostile bytes: no exception but ours, nothing unbounded, no change on refusal."""

from __future__ import annotations

import functools
import os
import re
import subprocess
import sys
from pathlib import Path

import fuzz_targets as targets
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

HERE = Path(__file__).parent

SECONDS = 3 if os.environ.get("SOTTO_SHORT") else 120
"""Coverage-guided fuzzing of each target."""
each_target = pytest.mark.parametrize("name", targets.TARGETS)


@functools.cache
def seeds(name: str) -> list[bytes]:
    return targets.TARGETS[name].seeds()


def mutated(seed: bytes, edits: list[tuple[int, int, bytes]]) -> bytes:
    """Cut pieces out of a real input and put others in."""
    for place, cut, piece in edits:
        at = place % (len(seed) + 1)
        seed = seed[:at] + piece + seed[at + cut :]
    return seed


edits = st.lists(
    st.tuples(st.integers(0, 4096), st.integers(0, 4), st.binary(max_size=4)), max_size=4
)


@each_target
def test_real_inputs_pass(name: str) -> None:
    assert seeds(name)
    for seed in seeds(name):
        assert len(seed) <= targets.MAX_INPUT
        targets.TARGETS[name].run(seed)


@each_target
@settings(max_examples=40)
@given(data=st.binary(max_size=200), choice=st.integers(0, 20), edits=edits)
def test_hostile_bytes_raise_nothing_but_ours(
    name: str, data: bytes, choice: int, edits: list[tuple[int, int, bytes]]
) -> None:
    real = seeds(name)[choice % len(seeds(name))]
    for hostile in (data, mutated(real, edits), real[: choice * len(real) // 20]):
        targets.TARGETS[name].run(hostile)


def test_a_change_by_a_refusal_is_noticed() -> None:
    class Holder:
        value = 0

    holder = Holder()
    holder.value = 1

    def refuse_too_late() -> None:
        with targets.unchanged(holder):
            holder.value = 2
            raise targets.KeysError("refused")

    with pytest.raises(AssertionError, match="changed"):
        refuse_too_late()


def fuzz(name: str, seconds: int, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, HERE / "coverage_guided.py", name, str(seconds), folder],
        capture_output=True,
        text=True,
        timeout=seconds + 120,
        check=False,
    )


@pytest.mark.slow
@each_target
def test_guided_by_coverage_nothing_is_found(name: str, tmp_path: Path) -> None:
    pytest.importorskip("atheris", reason="atheris has no build for this Python")
    done = fuzz(name, SECONDS, tmp_path)
    assert done.returncode == 0, done.stderr[-4000:]
    executed = re.search(r"number_of_executed_units: (\d+)", done.stderr)
    assert executed is not None, done.stderr[-4000:]
    assert int(executed.group(1)) > len(seeds(name))


@pytest.mark.slow
def test_guided_by_coverage_a_planted_fault_is_found(tmp_path: Path) -> None:
    pytest.importorskip("atheris", reason="atheris has no build for this Python")
    done = fuzz("planted", 60, tmp_path)
    assert done.returncode != 0
    assert "the planted fault" in done.stdout + done.stderr
