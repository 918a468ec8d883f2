"""`sotto robot`: one robot of the demo, started by `sotto demo` only.

The link is the first line of standard input; the robot leaves when standard input is closed.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator

import click

from e2ee.identity import DeviceIdentity
from tui.cli import backend
from tui.cli.options import CallOptions
from tui.conduct import Limits, Outcome, RunningCall, Stop
from tui.headless import Headless
from tui.lines import lines, read_line
from tui.robot import Robot


@click.command("robot", hidden=True, help="A robot of the demo.")
@click.option("--name", required=True)
@click.option("--seed", type=int, required=True)
def command(name: str, seed: int) -> int:
    """Take part in a demo."""
    link = read_line()
    outcome = asyncio.run(_take_part(link, name, seed))
    return int(outcome.code)


async def _take_part(link: str, name: str, seed: int) -> Outcome:
    options = CallOptions(
        name, headless=True, bot=True, audio_in=f"speech:{seed}", video_in=f"testsrc:{seed}"
    )

    @contextlib.asynccontextmanager
    async def opener() -> AsyncIterator[RunningCall]:
        # An identity that lives as long as the demo: a robot is nobody to remember.
        call = backend.join(link, options, DeviceIdentity.generate(), remember=False)
        living = asyncio.create_task(Robot(name, seed).live(call))
        try:
            yield call
        finally:
            living.cancel()
            await asyncio.wait([living])

    stop = Stop()
    watching = asyncio.create_task(_until_input_ends(stop))
    try:
        with stop.on_signals():
            face = Headless(log=sys.stderr, events=sys.stdout)
            return await face.run(opener, Limits(), stop)
    finally:
        watching.cancel()


async def _until_input_ends(stop: Stop) -> None:
    async for _ in lines():
        pass
    stop.ask(Outcome())
