"""Size of a fresh virtual environment with everything a call needs, by package.

Run: `python tests/bench/bench_size.py`. The floor is the codecs' wheel (PyAV) alone.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def mebibytes(folder: Path) -> float:
    """Return what a folder takes on the disk, as `du` counts it."""
    blocks = {f.lstat().st_ino: f.lstat().st_blocks for f in folder.rglob("*")}
    return sum(blocks.values()) * 512 / 2**20


def main() -> None:
    """Install as the README says and print the size."""
    with tempfile.TemporaryDirectory() as place:
        environment = Path(place) / "venv"
        subprocess.run(
            [sys.executable, "-m", "venv", "--without-pip", str(environment)], check=True
        )
        subprocess.run(
            [sys.executable, "-m", "pip", "--python", str(environment), "install", "-q", str(ROOT)],
            check=True,
        )
        total = mebibytes(environment)
        packages = next(environment.glob("lib/python*/site-packages"))
        sizes = {folder.name: mebibytes(folder) for folder in packages.iterdir() if folder.is_dir()}
        codecs = sizes["av"] + sizes["av.libs"]
        print(f"PyAV with its codecs      {codecs:7.0f} MiB   floor")
        print(f"fresh environment         {total:7.0f} MiB   {total / codecs:.1f} x (<= 250)")
        for name, size in sorted(sizes.items(), key=lambda item: -item[1])[:6]:
            print(f"  {name:24}{size:7.0f} MiB")


if __name__ == "__main__":
    main()
