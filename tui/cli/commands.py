"""The commands of `sotto` as one table: the overview, `--help` and the loader derive from it.

Imports nothing, so that `sotto --help` costs little more than starting Python.
"""

PROGRAM = "sotto"
SUMMARY = "Private conferencing in the terminal: talk, see and write; only the room can read it."

COMMANDS = {
    "demo": "Hold a call with two robots on this machine.",
    "call": "Open a room and get a link for others.",
    "join": "Join a room by its link.",
    "verify": "Show the verification code of a running call, or say if it matches.",
    "ctl": "Ask a running call something, or have it do something.",
    "rooms": "List your rooms; rename or forget one.",
    "devices": "List microphones, loudspeakers and cameras.",
    "doctor": "Check devices, terminal, keys, files and network, with what to do.",
    "send": "Write lines into a room and leave when they are delivered.",
    "listen": "Write what is heard in a room to a file or a pipe.",
    "speak": "Play sound into a room and leave when it was heard.",
    "tail": "Write what happens in a room as JSON lines.",
    "serve": "Run the server alone.",
    "identity": "Show or choose your key; know or forget the keys of others.",
    "completion": "Print the completion of commands and options for bash, zsh or fish.",
}
"""Name to one-line help, in the order shown. Each lives in `tui.cli.<name>` as `command`."""

EXITS = {
    0: "done",
    1: "an error a person can fix",
    2: "wrong usage",
    3: "the network or the server failed",
    4: "refused by a host, not allowed, or a wrong passcode",
    5: "the host's or the server's key is not the link's",
    6: "the room is missing, full or locked, or nobody answered",
    7: "a device or file cannot be used",
    8: "removed by a host",
    124: "time was up",
    130: "interrupted",
}
"""What each of `tui.cli.exits.Exit` means."""

DEFAULT = "home"
"""What `sotto` alone is where a screen can be drawn; elsewhere it prints the overview."""

HIDDEN = (DEFAULT, "robot")
"""Commands the product starts itself."""

PLAIN = ("verify", "ctl")
"""Commands that only ask a running call: `tui.cli.plain` carries them out without click, if it
can. Each lives there as a function of its name."""


def overview() -> str:
    """Return the text of `sotto --help`."""
    width = max(map(len, COMMANDS)) + 2
    lines = [f"  {name:<{width}}{text}" for name, text in COMMANDS.items()]
    return "\n".join(
        [
            f"Usage: {PROGRAM} COMMAND [OPTIONS]",
            "",
            f"  {SUMMARY}",
            "",
            "Commands:",
            *lines,
            "",
            "Options:",
            "  --version  Show the version and end; with --json, all versions as JSON.",
            "  --help     Show this text; after a command, its options.",
            "",
            "Exit codes:",
            *(f"  {code:>3}  {text}" for code, text in EXITS.items()),
        ]
    )


def version() -> str:
    """Return the text of `sotto --version`."""
    from importlib.metadata import version as installed

    return f"{PROGRAM} {installed('sottovoce')}"
