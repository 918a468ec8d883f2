"""Who is in the room."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from e2ee.identity import Credential
from e2ee.link import host_hash
from rooms.known_people import KnownPeople, Pin
from rooms.policy import Appointment, Policy, RoomState
from rooms.roster import Appearance, Roster

HANA = Credential("Hana", b"hana's key", "SHA256:" + "h" * 43)
ADA = Credential("Ada", b"ada's key", "SHA256:" + "a" * 43)
EVE = Credential("Ηana", b"eve's key", "SHA256:" + "e" * 43)  # a Greek letter first


@pytest.fixture
def roster() -> Roster:
    state = RoomState(hosts=(HANA.public_blob,), cohosts=(Appointment(EVE.public_blob, b"proof"),))
    roster = Roster(me=1, state=state, link_host=host_hash(HANA.public_blob))
    roster.add(1, ADA, 2)
    roster.add(0, HANA)
    return roster


def test_people_are_listed_by_leaf_with_role_and_state_of_their_key(roster: Roster) -> None:
    roster.add(2, EVE)
    assert [(p.leaf, p.role, p.key_state, p.me) for p in roster.participants()] == [
        (0, "host", "known", False),
        (1, "member", "known", True),
        (2, "cohost", "new", False),
    ]
    assert len(roster) == 3
    assert 2 in roster
    assert 3 not in roster


def test_who_never_spoke_or_fell_silent_unnumbered_is_missing(roster: Roster) -> None:
    hana = roster[0]
    assert hana.is_missing
    hana.is_heard()
    assert not hana.is_missing
    hana.confirmed = False
    assert hana.is_missing  # the server's word that it is gone would name a number we do not know
    roster.claim(0, 7)
    assert not hana.is_missing
    hana.leaving = "lost"
    assert not hana.is_missing


def test_one_key_may_be_here_more_than_once(roster: Roster) -> None:
    roster.add(2, ADA, 3)
    assert roster.leaves_of(ADA.public_blob) == {1, 2}
    roster.remove(1)
    assert roster.leaves_of(ADA.public_blob) == {2}
    roster.remove(2)
    assert roster.leaves_of(ADA.public_blob) == frozenset()


def test_names_that_look_alike_show_their_keys_while_both_are_here(roster: Roster) -> None:
    assert roster.name(0) == "Hana"
    assert roster.name_of_stranger(EVE) == "Ηana (eeeeeeee)"
    assert roster.name(0) == "Hana"  # asking changes nothing
    roster.add(2, EVE)
    assert (roster.name(0), roster.name(2)) == ("Hana (hhhhhhhh)", "Ηana (eeeeeeee)")
    assert roster.remove(2).credential == EVE
    assert roster.name(0) == "Hana"


def test_a_hostile_name_is_cleaned_whatever_let_it_in(roster: Roster) -> None:
    roster.add(2, Credential("E\x1b[31mve\u202e\u200b", b"k", "SHA256:x"))
    assert roster.name(2) == "Eve"
    assert roster.participant(2).name == "Eve"


def test_a_participant_number_belongs_to_whom_it_was_given_first(roster: Roster) -> None:
    assert roster.claim(0, 1)
    assert roster.claim(0, 1)
    assert not roster.claim(0, 2)  # Ada's
    assert not roster.claim(0, 3)  # not a second one
    assert not roster.claim(1, 1)  # Hana's
    assert (roster.leaf_of(1), roster.leaf_of(2), roster.leaf_of(3)) == (0, 1, None)


def test_a_leaf_that_is_given_again_starts_anew(roster: Roster) -> None:
    roster[1].appearance = Appearance(muted=False)
    roster[1].leaving = "lost"
    roster.remove(1)
    roster.add(1, EVE)
    assert roster[1].appearance.muted
    assert roster[1].leaving == "removed"
    assert roster[1].participant is None


def test_people_are_known_as_they_were_pinned_and_the_link_keeps_its_host_known() -> None:
    state = RoomState(hosts=(HANA.public_blob,))
    pins = [Pin("Ada", b"ada's key"), Pin("Bob", b"bob's key", "verified=2026-11-05")]
    roster = Roster(
        me=9, state=state, link_host=host_hash(HANA.public_blob), known=KnownPeople(pins)
    )
    bob = Credential("Bob", b"bob's key", "SHA256:" + "b" * 43)
    cat = Credential("Cat", b"cat's key", "SHA256:" + "c" * 43)
    states = [roster.key_state(who) for who in (HANA, ADA, bob, cat)]
    assert states == ["known", "known", "verified", "new"]


def test_attack_a_link_of_somebody_elses_key_does_not_make_it_known_under_a_known_name() -> None:
    """Whoever sends a link chooses the host in it."""
    state = RoomState(hosts=(EVE.public_blob,))
    known = KnownPeople([Pin("Hana", HANA.public_blob)])
    roster = Roster(me=9, state=state, link_host=host_hash(EVE.public_blob), known=known)
    roster.add(0, EVE)
    assert roster.participant(0).key_state == "changed"


def test_meeting_people_pins_the_new_and_tells_of_the_changed(roster: Roster) -> None:
    roster.known.put(Pin("Hana", b"another key"))
    roster.add(2, Credential("Bob", b"bob's key", "SHA256:" + "b" * 43))
    (changed,) = roster.meet([0, 1, 2])
    assert (changed.leaf, changed.name, changed.new) == (0, "Hana", HANA.fingerprint)
    assert changed.old == Pin("Hana", b"another key").fingerprint
    assert [pin.name for pin in roster.known.news] == ["Bob"]  # and never ourselves
    assert roster.participant(2).key_state == "new"


def test_over_another_connection_only_what_people_said_of_themselves_stays(roster: Roster) -> None:
    roster[0].appearance = Appearance(False, True, True)
    again = Roster(me=1, state=roster.state, link_host=roster.link_host)
    again.add(0, roster[0].credential)
    again.add(1, EVE)
    assert again.take_over(roster) == {0}
    assert (again[0].appearance, again[0].participant) == (Appearance(False, True, True), None)
    assert again[1].appearance == Appearance()


def test_a_server_that_lost_the_room_leaves_nobody_with_a_number(roster: Roster) -> None:
    roster[0].leaving = "left"
    for leaf in roster:
        roster[leaf].lose_connection(was_here=True)
    assert [(roster[leaf].participant, roster[leaf].leaving) for leaf in (0, 1)] == [
        (None, "left"),
        (None, "lost"),
    ]


def test_a_changed_key_is_told_once_of_a_person_however_often_they_come(roster: Roster) -> None:
    roster.known.put(Pin("Hana", b"another key"))
    assert [change.leaf for change in roster.meet([0])] == [0]
    assert roster.meet([0]) == []
    roster.remove(0)
    roster.add(3, HANA)
    assert roster.meet([3]) == []
    assert roster.participant(3).key_state == "changed"  # and is seen all the same
    again = Roster(me=1, state=roster.state, link_host=roster.link_host, known=roster.known)
    again.add(4, HANA)
    again.add(5, Credential("Hana", b"a third key", "SHA256:" + "t" * 43))
    again.take_over(roster)
    assert [change.leaf for change in again.meet([4, 5])] == [5]  # another key is other news


def test_rules_bind_those_without_a_role(roster: Roster) -> None:
    roster.state = replace(roster.state, policy=Policy(chat=False, share=False))
    assert [roster.may(leaf, "chat") for leaf in (0, 1)] == [True, False]
    assert roster.may(1, "recording")
    assert roster.may(1, "chat", RoomState(hosts=(HANA.public_blob,)))


def test_whose_pictures_a_rule_hides_is_told(roster: Roster) -> None:
    for leaf in (0, 1):
        roster[leaf].appearance = Appearance(camera=True)
    before, roster.state = roster.state, replace(roster.state, policy=Policy(share=False))
    assert [(event.leaf, event.on) for event in roster.cameras_changed(before)] == [(1, False)]
    assert [person.camera for person in roster.participants()] == [True, False]
    assert roster.cameras_changed(roster.state) == []
    hidden, roster.state = roster.state, before
    assert [(event.leaf, event.on) for event in roster.cameras_changed(hidden)] == [(1, True)]
