"""`sotto send`: write lines into a room and leave when they are delivered."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator

import click

from tui.cli.commands import COMMANDS
from tui.cli.errands import Errand, hold
from tui.cli.link_argument import WayIn, link_and
from tui.cli.options import NAME, SECONDS, STANDARD, CallOptions
from tui.conduct import RunningCall
from tui.lines import lines


@click.command(
    "send",
    help=f"""{COMMANDS["send"]}

    TEXT is one message. Without it, or with -, each line of standard input is one, read as fast as
    they are delivered. Empty lines are left out; what is too long becomes several messages.""",
    epilog="""\b
    Examples:
      sotto send LINK "The build is green."
      make 2>&1 | sotto send LINK -""",
)
@link_and("text", "TEXT|-")
@click.option("--reply-to", default="", metavar="ID", help="The `id` of the line that is answered.")
@click.option("--jsonl", is_flag=True, help="What was delivered, as JSON lines on stdout.")
@NAME
@click.option(
    "--timeout",
    type=SECONDS,
    metavar="S",
    help="Give up (exit code 124) after S seconds outside the room, or with nothing delivered.",
)
def command(
    way: WayIn,
    *,
    text: str | None,
    reply_to: str,
    jsonl: bool,
    name: str | None,
    timeout: float | None,
) -> int:
    """Write lines into a room and leave."""
    if text is None or text == STANDARD:
        if way.reads_input:
            raise click.UsageError("the link and the lines to send both come from standard input")
        if sys.stdin.isatty() and text is None:
            raise click.UsageError("there is no TEXT, and standard input is a terminal")
        texts: AsyncIterator[str] = lines()
    else:
        texts = _one(text)
    from rooms.events import AnyEvent, ChatReceived
    from tui.delivery import Delivery

    async def work(call: RunningCall) -> None:
        await Delivery(call, reply_to=reply_to, patience=timeout).send(texts)

    def delivered(event: AnyEvent) -> bool:
        return isinstance(event, ChatReceived) and event.mine

    options = CallOptions(name=name, headless=True, timeout=timeout)
    return hold(Errand(way, options, work, wanted=delivered if jsonl else None, writes=jsonl))


async def _one(text: str) -> AsyncIterator[str]:
    yield text
