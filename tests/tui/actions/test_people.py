from __future__ import annotations

import msgspec
import pytest

from tui.actions import people
from tui.errors import UnsureError
from tui.keys import perform


@pytest.fixture
def room(call, someone):
    call.join()
    call.arrive(someone(1, "Ada"))
    return call


def test_admitting_takes_the_first_knock_a_number_or_a_name(call, knocker) -> None:
    for number, name in enumerate(("Ada", "Grace", "Alan"), 1):
        call.knocked(knocker(number, name))
    people.admit(call, "grace")
    people.admit(call, "#3")
    people.refuse(call, "")
    assert call.intents == [("admit", 2), ("admit", 3), ("refuse", 1)]
    assert perform(call, "/admit") == "Nobody is knocking."


def test_all_who_wait_are_let_in_by_a_second_line_that_names_them(call, knocker) -> None:
    assert perform(call, "/admit all") == "Nobody is knocking."
    call.knocked(knocker(4, "Ada"))
    call.knocked(knocker(6, "Grace"))
    call.knocked(knocker(7, "Noor", "changed"))
    said = perform(call, "/admit all")
    assert said == "To let in Ada, Grace, type /admit #4 #6."
    call.knocked(knocker(8, "Mallory"))
    assert "Ada" in perform(call, "/admit #4 #6")
    assert call.intents == [("admit", 4), ("admit", 6)]
    assert perform(call, "/admit #4 #6") == "None of them is knocking."
    assert perform(call, "/admit #6 #8 #8") == "#6 is not knocking.\nLetting Mallory in."
    assert call.intents[2:] == [("admit", 8)]


def test_changed_keys_are_not_admitted_with_all_others(call, knocker) -> None:
    call.knocked(knocker(7, "Noor", "changed"))
    with pytest.raises(UnsureError, match="one by one"):
        people.admit_all(call, "")


def test_two_who_knock_with_one_name_are_not_mistaken_for_each_other(call, knocker) -> None:
    call.knocked(knocker(1, "Ada"))
    call.knocked(knocker(2, "Ada"))
    assert "Several" in perform(call, "/admit Ada")
    assert call.intents == []


def test_volume_is_a_percentage_within_bounds(call, someone) -> None:
    call.join()
    call.arrive(someone(1, "Ada Lovelace"))
    people.volume(call, "Ada Lovelace 50%")
    people.volume(call, "#1 9000")
    for wrong in ("loud", "nan", "9" * 400, "9" * 5000):
        assert "how loud" in perform(call, f"/volume Ada Lovelace {wrong}")
    assert call.intents == [("volume", 1, 0.5), ("volume", 1, 4.0)]


def test_a_volume_out_of_reach_says_what_it_became(call, someone) -> None:
    call.participants = [someone(1, "Ada")]
    assert people.volume(call, "Ada 5000") == "Ada plays at 400%, the most there is."
    assert people.volume(call, "Ada -5") == "Ada plays at 0%, the least there is."
    assert people.volume(call, "Ada 400") == "Ada plays at 400%."


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


def test_who_is_removed_has_to_be_here(room) -> None:
    assert "Nobody" in perform(room, "/remove Grace")
    assert "Nobody" in perform(room, "/remove Me")
    assert perform(room, "/remove ada") == "Removing Ada."
    assert room.intents == [("remove", 1)]


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


def test_a_step_louder_or_softer_starts_where_it_was_and_stays_in_bounds(room) -> None:
    for line in ("/louder Ada", "/volume Ada 390", "/louder Ada", "/softer Ada"):
        perform(room, line)
    gains = [intent[2] for intent in room.intents]
    assert gains == [1.25, 3.9, 4.0, 3.75]
    assert "Nobody" in perform(room, "/louder Grace")
