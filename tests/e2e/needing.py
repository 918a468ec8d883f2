"""Programs that tests run beside our own: missing, they are a reason to skip, and in CI to fail."""

from __future__ import annotations

import os
import shutil

import pytest


def need(*programs: str) -> None:
    """Skip with a reason where one of them is missing; fail instead in CI, which installs them."""
    for program in programs:
        if shutil.which(program) is None:
            (pytest.fail if os.environ.get("CI") else pytest.skip)(f"{program} is not installed")
