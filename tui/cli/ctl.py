"""`sotto ctl`: what a running call is asked from a shell, a script or a window manager.

`tui.cli.plain` asks, without click; here is how it is used, for help, manuals and completion.
"""

from __future__ import annotations

from typing import Final

import click

from tui.actions.talk import REACT
from tui.cli import plain
from tui.cli.commands import COMMANDS
from tui.ctl.acts import ACTS
from tui.ctl.typed import FOLLOWED, VERBS

OWN: Final = {
    "status": ("", "how the call stands"),
    "who": ("", "who is here, and who knocks"),
    "verify": ("[same|different]", "show the code to compare, or say what came of it"),
    "say": ("TEXT|-", "write to the room"),
    "talk": ("on|off", "be heard while a key is held"),
    "events": ("[KIND...]", "what happens from now on, a line of JSON each"),
    "observe": ("[PROPERTY...]", "what is true now, and what changes, likewise"),
}
"""Arguments and help of the verbs that are no actions; those of actions are the actions' own."""
FIXED: Final = {
    "mute": "be heard no more",
    "unmute": "be heard again",
    "toggle": "mute, or unmute, whichever it is not",
}
"""Help of the verbs that are an action with an argument of their own."""


def usages() -> dict[str, tuple[str, str]]:
    """Return each verb's arguments and its help."""
    acts = {
        name: (action.argument if fixed is None else "", FIXED.get(name, action.help))
        for name, (action, fixed) in ACTS.items()
    }
    return OWN | acts


class Verbs(click.Group):
    """A command for each verb, after the call that is meant, if one is named."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the verbs, in the order of the tables."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command of a verb."""
        usage = usages().get(cmd_name)
        return _verb(cmd_name, *usage) if usage else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the verb after the name of a call."""
        named = args[0] not in VERBS and len(args) > 1
        return super().resolve_command(ctx, args[named:])


def _verb(name: str, argument: str, text: str) -> click.Command:
    params: list[click.Parameter] = []
    if argument:
        params.append(click.Argument(["words"], nargs=-1, metavar=argument))
    if name in ("say", REACT.id):
        params.append(
            click.Option(["--reply-to"], metavar="ID", help="The id of the line that is meant.")
        )
    if name not in FOLLOWED:
        params.append(
            click.Option(["--json", "as_json"], is_flag=True, help="The answer as a line of JSON.")
        )
    return click.Command(name, params=params, help=f"{text[0].upper()}{text[1:]}.")


@click.group(
    "ctl",
    cls=Verbs,
    subcommand_metavar="[CALL] VERB [ARGUMENT...]",
    help=f"""{COMMANDS["ctl"]}

    CALL is its number, or your name in it; with one call running it is not needed, nor if
    {plain.CALL} names one. NAME is somebody's name, or '#' and the number of a knock or a
    participant. After --, and in the text of say and reply, nothing is an option.""",
)
def command() -> None:
    """Be there for help: what asks is `tui.cli.plain.ctl`."""
