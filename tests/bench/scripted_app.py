"""The real application in a scripted call, for benchmarks of the face."""

from __future__ import annotations

import asyncio
import contextlib
import runpy
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import Any

TESTS = Path(__file__).parent.parent / "tui"


def run(people: int, during: Callable[[Any, Any], Coroutine[Any, Any, None]]) -> None:
    """Run the application in a call of so many, all with cameras, beside `during(call, app)`."""
    sys.path.insert(0, str(TESTS))
    from scripted import own

    from tui.app import SottoApp
    from tui.conduct import Limits

    script = runpy.run_path(str(TESTS / "conftest.py"))
    call = script["ScriptedCall"]()
    call.participants = [
        script["person"](leaf, f"Person {leaf}", muted=False, camera=True)
        for leaf in range(1, people)
    ]

    @contextlib.asynccontextmanager
    async def opener() -> AsyncIterator[Any]:
        task = asyncio.create_task(during(call, app))
        yield call
        task.cancel()

    app = SottoApp(opener, Limits(), own=own())
    app.run()
    if app.failure:
        raise app.failure
