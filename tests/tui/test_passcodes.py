from __future__ import annotations

from tui.passcodes import passcode


def test_the_passcode_is_shown_or_made_anew(call) -> None:
    assert passcode(call, "") == passcode(call, "NEW") == ""
    assert call.intents == [("ask passcode",), ("renew passcode",)]
    assert passcode(call, "acorn") == "Say /passcode, or /passcode new."


def test_members_have_none(call) -> None:
    call.moderation.role = "cohost"
    assert "Only the host" in passcode(call, "new")
    assert call.intents == []
