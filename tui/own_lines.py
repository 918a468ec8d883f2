"""Settings and data usage in lines, and a setting changed by a line."""

from __future__ import annotations

from collections.abc import Iterator

from rooms.errors import SettingsError
from tui.ports import LedgerPort, SettingsPort, in_words
from tui.preferences import PREFERENCES, PRIVACY, SINCE, Choice, Preference


def privacy(settings: SettingsPort) -> str:
    """Say for each setting of privacy what it is, its name and value, and what it costs."""
    lines = [_line(each, each.current(settings.now)) for each in PRIVACY]
    return "\n".join([*lines, "To change one: /set NAME VALUE. /set NAME says what it may be."])


def change(settings: SettingsPort, argument: str) -> str:
    """Change a setting (`NAME VALUE`), say what one may be (`NAME`), or which there are."""
    name, _, value = argument.partition(" ")
    preference = PREFERENCES.get(name.lower())
    if preference is None:
        return f"Say /set NAME VALUE. The names are {', '.join(PREFERENCES)}."
    if not value:
        return "\n".join(_choices(preference, settings))
    choice = preference.typed(value)
    if choice is None:
        return f"{preference.name} may be {', '.join(each.typed for each in preference.choices)}."
    try:
        settings.keep(preference.name, choice.value)
    except SettingsError as error:
        return f"{error.message}. {error.hint}".strip()
    since = SINCE[preference.since]
    return f"{_line(preference, choice)}{f' This counts {since}.' if since else ''}"


def usage(ledger: LedgerPort) -> str:
    """Say every address that was contacted, why, how much, and what it could read."""
    return "\n".join(
        f"{line.address}, {line.purpose}: {in_words(line.sent)} sent, "
        f"{in_words(line.received)} received; it can read {line.reads}."
        for line in ledger.snapshot()
    )


def _line(preference: Preference, choice: Choice) -> str:
    return f"{preference.title}: {_said(choice)} ({preference.name} {choice.typed})"


def _choices(preference: Preference, settings: SettingsPort) -> Iterator[str]:
    yield _line(preference, preference.current(settings.now))
    yield from (f"{choice.typed}: {_said(choice)}" for choice in preference.choices)


def _said(choice: Choice) -> str:
    return f"{choice.words}; it costs: {choice.costs}." if choice.costs else f"{choice.words}."
