"""Fuzz one target guided by coverage: `python coverage_guided.py TARGET SECONDS FOLDER`.

`FOLDER` gets the corpus and what made a target fail; the exit code is 0 if nothing did. Memory is
bounded by the system, so a reader that takes what a length field claims is found out.
"""

from __future__ import annotations

import resource
import sys
from pathlib import Path

import atheris

ADDRESS_SPACE = 3 << 30
"""Bytes of address space: everything loaded takes about a third."""
RESIDENT_MB = 600
"""Resident memory above which a run counts as failed."""
SECONDS_AN_INPUT = 10

root = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(root), str(Path(__file__).parent)]
with atheris.instrument_imports(include=["e2ee", "rooms", "media", "fuzz_targets"]):
    import fuzz_targets as targets


def main() -> None:
    """Run until the time is up or a target fails."""
    name, seconds, folder = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
    target = {**targets.TARGETS, "planted": targets.PLANTED}[name]
    corpus = folder / name
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(target.seeds()):
        (corpus / f"seed-{number}").write_bytes(seed)
    options = [
        f"-max_total_time={seconds}",
        f"-max_len={targets.MAX_INPUT}",
        f"-rss_limit_mb={RESIDENT_MB}",
        f"-timeout={SECONDS_AN_INPUT}",
        f"-artifact_prefix={folder}/{name}-",
        "-print_final_stats=1",
        str(corpus),
    ]
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    atheris.Setup([sys.argv[0], *options], target.run)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
