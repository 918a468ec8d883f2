"""`sotto identity`: this device's key, and the keys of the people it knows."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from tui.cli import report
from tui.cli.commands import COMMANDS
from tui.cli.exits import Exit
from tui.cli.options import STANDARD

MAX_KEY_FILE = 64 * 1024


@click.group("identity", help=COMMANDS["identity"], no_args_is_help=False)
def command() -> None:
    """Group what can be done with keys."""


@command.command(
    "show", help="Print your name, fingerprint, allowed_signers line and where the key is."
)
def show() -> int:
    """Print who this device is, and where its key is."""
    from rooms import own_identity
    from rooms.known_people import Pin
    from rooms.settings import Settings

    settings = Settings.load()
    identity = own_identity.describe(settings)
    print(settings.name)
    print(identity.fingerprint)
    print(Pin(settings.name, identity.public_blob).line())
    print(f"# {identity.source}")
    return Exit.DONE


@command.command(
    "use",
    help="""Take part with the key WHICH: the path of a private key file, agent:FINGERPRINT for
    one in ssh-agent, or own for the one this device made.""",
)
@click.argument("which")
def use(which: str) -> int:
    """Choose the identity, once it has shown that it can sign."""
    from msgspec.structs import replace

    from rooms import own_identity
    from rooms.settings import OWN_IDENTITY, Settings, keep
    from tui.cli.unlock import ask

    choice = own_identity.normal(which)
    settings = replace(Settings.load(), identity=choice)
    identity = own_identity.load(settings, ask)
    identity.proven_key(os.urandom(16), settings.name)
    keep("identity", None if choice == OWN_IDENTITY else choice)
    print(f"{settings.name} {identity.fingerprint}")
    return Exit.DONE


@command.command("pin", help="Know NAME by the public key in FILE, or - for standard input.")
@click.argument("name")
@click.argument("file")
def pin(name: str, file: str) -> int:
    """Pin a key that came by a way the person trusts; a name's other keys are forgotten."""
    from rooms.events import utc_now
    from rooms.known_people import FIRST_SEEN, KnownPeople, Pin, key_of
    from rooms.people_file import PeopleFile
    from rooms.text import clean_name

    day = utc_now().date().isoformat()
    public_blob = key_of(_read(file))
    entered = Pin(clean_name(name), public_blob).noting(FIRST_SEEN + day)

    def change(people: KnownPeople) -> bool:
        if people.state(entered.name, public_blob) in ("known", "verified"):
            return True
        people.forget(entered.name)
        return people.put(entered)

    if not PeopleFile.own().change(change):
        report.complain("too many people are known", "forget some: sotto identity forget NAME")
        return Exit.PERSON
    print(f"{entered.name} {entered.fingerprint}")
    return Exit.DONE


@command.command("forget", help="Forget NAME: whoever comes with it next is new.")
@click.argument("name")
def forget(name: str) -> int:
    """Forget a name and its keys."""
    from rooms.people_file import PeopleFile
    from rooms.text import clean_name

    gone = PeopleFile.own().change(lambda people: people.forget(clean_name(name)))
    if not gone:
        report.complain(f"nobody is known as {clean_name(name)}", "names are written as they are")
        return Exit.PERSON
    for person in gone:
        print(f"{person.name} {person.fingerprint}")
    return Exit.DONE


def _read(file: str) -> str:
    """Return the beginning of a file that is text. Raises `click.ClickException`."""
    try:
        if file == STANDARD:
            data = sys.stdin.buffer.read(MAX_KEY_FILE)
        else:
            with Path(file).open("rb") as opened:
                data = opened.read(MAX_KEY_FILE)
    except OSError as error:
        raise click.ClickException(f"{file} cannot be read: {error.strerror}") from error
    return data.decode(errors="replace")
