from __future__ import annotations

import subprocess
import sys


def test_whoever_decides_about_colours_need_not_load_numpy() -> None:
    code = "import sys, media.cells.depth; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
