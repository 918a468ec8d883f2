"""What every test shares."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

# No deadline: a loaded machine is no bug. The same examples every time, so that a commit either
# passes or does not; SOTTO_FUZZ=1 looks for new ones.
settings.register_profile(
    "sottovoce",
    deadline=None,
    derandomize="SOTTO_FUZZ" not in os.environ,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("sottovoce")
