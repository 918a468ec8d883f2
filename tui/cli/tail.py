"""`sotto tail`: what happens in a room and what is written there, as JSON lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from tui.cli.commands import COMMANDS
from tui.cli.errands import Errand, hold
from tui.cli.link_argument import WayIn, link_argument
from tui.cli.options import FOR, NAME, TIMEOUT, UNTIL, CallOptions

if TYPE_CHECKING:
    from rooms.events import AnyEvent


@click.command(
    "tail",
    help=f"""{COMMANDS["tail"]}

    One object a line, as of sotto join --headless --jsonl. Ends well when its reader does.""",
    epilog="""\b
    Examples:
      sotto tail LINK --events chat | jq -r '"\\(.name): \\(.text)"'
      sotto tail LINK --events participant_joined,participant_left --for 3600""",
)
@link_argument
@click.option(
    "--events",
    "names",
    metavar="NAME,...",
    callback=lambda _context, _option, value: _known(value),
    help="Only these events. Default: all.",
)
@NAME
@TIMEOUT
@FOR
@UNTIL
def command(way: WayIn, *, names: frozenset[str], **limits: Any) -> int:
    """Write events as JSON lines."""

    def wanted(event: AnyEvent) -> bool:
        return not names or event.__struct_config__.tag in names

    options = CallOptions(**limits)
    return hold(Errand(way, options, wanted=wanted, writes=True))


def _known(value: str | None) -> frozenset[str]:
    """Return the names of events in a list of them. Raises `click.BadParameter`."""
    from typing import get_args

    from rooms.events import AnyEvent

    names = frozenset(filter(None, (name.strip() for name in (value or "").split(","))))
    known = {event.__struct_config__.tag for event in get_args(AnyEvent)}
    if names - known:
        raise click.BadParameter(
            f"no event is called {', '.join(sorted(names - known))}; there are "
            f"{', '.join(sorted(known))}"
        )
    return names
