from __future__ import annotations

import msgspec
import pytest

from rooms.roles import RULES as RULES_THERE_ARE
from tui.keys import perform
from tui.moderation import RULES


@pytest.fixture
def room(call, someone):
    call.join()
    call.arrive(someone(1, "Ada"))
    return call


def test_every_rule_there_is_has_words() -> None:
    assert set(RULES) == set(RULES_THERE_ARE)


def test_a_room_is_locked_and_unlocked_once(room) -> None:
    said = [perform(room, line) for line in ("/lock", "/lock", "/unlock", "/unlock")]
    assert said == ["", "The room is locked already.", "", "The room is not locked."]
    assert room.intents == [("lock", True), ("lock", False)]


def test_a_cohost_is_made_and_dismissed_by_name(room) -> None:
    said = [perform(room, line) for line in ("/cohost ada", "/cohost Ada", "/dismiss Ada")]
    assert said == ["", "Ada is a cohost already.", ""]
    assert room.intents == [("appoint", 1), ("dismiss", "SHA256:Ada")]
    assert perform(room, "/dismiss Ada") == "Ada is no cohost."
    assert "Nobody" in perform(room, "/cohost Grace")


def test_a_cohost_who_is_not_here_is_dismissed_by_key(room) -> None:
    state = room.moderation.state
    room.moderation.state = msgspec.structs.replace(state, cohosts=["SHA256:far", "SHA256:Ada"])
    assert perform(room, "/policy").endswith("Cohosts: SHA256:far (not here), Ada.")
    assert perform(room, "/dismiss SHA256:far") == ""
    assert room.intents == [("dismiss", "SHA256:far")]


def test_rules_are_listed_in_plain_words_and_changed(room) -> None:
    lines = perform(room, "/policy").splitlines()
    assert lines[0] == "The room is not locked: hosts and cohosts let people in."
    assert lines[1] == "chat on: everybody may write"
    assert lines[2] == "recording off: only hosts and cohosts may record"
    assert lines[-2:] == [
        "Only chat has an effect so far; the rest is not built.",
        "There are no cohosts.",
    ]
    assert perform(room, "/policy chat off") == ""
    assert perform(room, "/policy Chat OFF").startswith("It is so already: only hosts")
    for wrong in ("chat", "chat maybe", "shouting on", "chat on off"):
        assert perform(room, f"/policy {wrong}").startswith("Say /policy RULE on, or off.")
    assert room.intents == [("allow", "chat", False)]


def test_a_locked_room_says_so_in_its_rules(room) -> None:
    perform(room, "/lock")
    assert perform(room, "/policy").startswith("The room is locked:")


@pytest.mark.parametrize(
    ("role", "line", "answer"),
    [
        ("member", "/lock", "Only a host or a cohost can lock the room."),
        ("member", "/unlock", "Only a host or a cohost can unlock the room."),
        ("member", "/remove Ada", "Only a host or a cohost can remove somebody."),
        ("member", "/policy chat off", "Only a host or a cohost changes the rules."),
        ("member", "/cohost Ada", "Only the host makes cohosts."),
        ("cohost", "/cohost Ada", "Only the host makes cohosts."),
        ("cohost", "/dismiss Ada", "Only the host dismisses cohosts."),
        ("cohost", "/remove Hana", "A cohost cannot remove a host."),
    ],
)
def test_what_a_role_does_not_allow_is_said_in_one_line(
    room, someone, role: str, line: str, answer: str
) -> None:
    room.arrive(someone(2, "Hana", role="host"))
    room.moderation.role = role
    assert perform(room, line) == answer
    assert room.intents == []


def test_who_is_removed_has_to_be_here(room) -> None:
    assert "Nobody" in perform(room, "/remove Grace")
    assert "Nobody" in perform(room, "/remove Me")
    assert perform(room, "/remove ada") == "Removing Ada."
    assert room.intents == [("remove", 1)]


@pytest.mark.parametrize("line", ["/lock", "/unlock", "/policy", "/policy chat off"])
def test_there_are_no_rules_outside_a_room(call, line: str) -> None:
    call.moderation.state = None
    assert perform(call, line) == "You are not in the room."
    assert call.intents == []
