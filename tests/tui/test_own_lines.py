from __future__ import annotations

from tui.own_lines import change, privacy, usage
from tui.preferences import PRIVACY


def test_every_setting_of_privacy_is_a_line(settings) -> None:
    *lines, last = privacy(settings).split("\n")
    assert len(lines) == len(PRIVACY)
    assert lines[2] == (
        "Microphone as you come in: on; it costs: you are heard as soon as you are let in. "
        "(microphone_on on)"
    )
    assert "/set NAME VALUE" in last


def test_a_setting_is_changed_and_says_from_when(settings) -> None:
    assert change(settings, "microphone_on off") == (
        "Microphone as you come in: off, until you turn it on. (microphone_on off) "
        "This counts from the next call."
    )
    assert settings.now.microphone_on is False
    assert change(settings, "Notify NOTHING") == "Notifications: none. (notify nothing)"
    assert settings.now.notify == "nothing"


def test_what_is_not_understood_says_what_there_is(settings) -> None:
    assert change(settings, "bell loud") == "bell may be on, off."
    assert "share_level" in change(settings, "")
    assert change(settings, "keep_chat").split("\n")[1:] == [
        "off: forgotten.",
        "on: kept on this machine; it costs: whoever reads your disk reads it, too.",
    ]


def test_a_file_that_cannot_be_written_is_said(settings) -> None:
    settings.refused = "bell"
    said = change(settings, "bell off")
    assert said == "the settings file cannot be written. look at its owner"


def test_data_usage_says_who_could_read_what(ledger) -> None:
    assert usage(ledger).split("\n")[0] == (
        "192.0.2.7:4433, signalling: 12.3 kB sent, 67.9 kB received; "
        "it can read who, when and how much."
    )
