"""`sotto send`: write lines into a room and leave when they are delivered."""

from __future__ import annotations

from collections.abc import AsyncIterator

import click

from tui.cli.commands import COMMANDS
from tui.cli.errands import Errand, check_input, hold
from tui.cli.link_argument import WayIn, link_and
from tui.cli.options import NAME, SECONDS, STANDARD, CallOptions
from tui.conduct import RunningCall
from tui.lines import lines


@click.command(
    "send",
    help=f"""{COMMANDS["send"]}

    TEXT is one message. Without it, or with -, each line of standard input is one, read as fast as
    they are delivered. Empty lines are left out; what is too long becomes several messages.

    With --file, files follow what is said; standard input is read only if TEXT is -.""",
    epilog="""\b
    Examples:
      sotto send LINK "The build is green."
      sotto send LINK "The report:" --file report.pdf
      make 2>&1 | sotto send LINK -""",
)
@link_and("text", "TEXT|-")
@click.option("--reply-to", default="", metavar="ID", help="The `id` of the line that is answered.")
@click.option(
    "--file",
    "files",
    multiple=True,
    metavar="PATH",
    help="Send a file of at most 10 MiB, encrypted, to everybody in the room; may be repeated.",
)
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
    files: tuple[str, ...],
    jsonl: bool,
    name: str | None,
    timeout: float | None,
) -> int:
    """Write lines into a room and leave."""
    texts: AsyncIterator[str]
    if text is None and files:
        texts = _said()
    elif text is None or text == STANDARD:
        check_input(way, "TEXT", typed=text == STANDARD)
        texts = lines()
    else:
        texts = _said(text)
    from rooms.events import AnyEvent, ChatReceived, FileDone
    from rooms.own_files import check_to_send
    from tui.delivery import Delivery
    from tui.file_delivery import FileDelivery

    for file in files:
        check_to_send(file)

    async def work(call: RunningCall) -> None:
        await Delivery(call, reply_to=reply_to, patience=timeout).send(texts)
        await FileDelivery(call, patience=timeout).send(files)

    def delivered(event: AnyEvent) -> bool:
        return isinstance(event, ChatReceived | FileDone) and event.mine

    options = CallOptions(name=name, timeout=timeout)
    return hold(Errand(way, options, work, wanted=delivered if jsonl else None, writes=jsonl))


async def _said(*texts: str) -> AsyncIterator[str]:
    for text in texts:
        yield text
