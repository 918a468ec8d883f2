from __future__ import annotations

import pytest

from rooms.events import Reconnected
from tui.one_voice import OneVoice


@pytest.fixture
def complaints() -> list[str]:
    return []


def heard(call) -> set[int]:
    """Return the leaves that are not turned down."""
    others = {person.leaf for person in call.participants if not person.me}
    return {leaf for leaf in others if call.volume(leaf) > 0}


@pytest.mark.parametrize("name", ["Ada", "ada", "SHA256:Ada"])
def test_one_is_heard_and_no_other(call, someone, complaints, name: str) -> None:
    call.participants = [someone(1, "Ada", fingerprint="SHA256:Ada"), someone(2, "Bo")]
    call.join()
    OneVoice(call, name, complaints.append)
    assert heard(call) == {1}
    call.arrive(someone(3, "Cy"))
    assert heard(call) == {1}
    assert complaints == []


def test_who_is_not_there_yet_is_waited_for(call, someone, complaints) -> None:
    call.participants = [someone(1, "Bo")]
    call.join()
    OneVoice(call, "Ada", complaints.append)
    assert heard(call) == set()
    call.arrive(someone(2, "Ada"))
    assert heard(call) == {2}


def test_attack_somebody_takes_the_name_and_is_heard_in_its_place(
    call, someone, complaints
) -> None:
    call.participants = [someone(1, "Ada", fingerprint="SHA256:first")]
    call.join()
    OneVoice(call, "Ada", complaints.append)
    call.arrive(someone(2, "Ada (secondxx)", fingerprint="SHA256:secondxx"))
    call.change(1, name="Ada (firstxxx)")
    assert heard(call) == {1}
    call.depart(1)
    call.arrive(someone(3, "Ada", fingerprint="SHA256:third"))
    assert heard(call) == set()
    call.arrive(someone(4, "Ada (firstxxx)", fingerprint="SHA256:first"))
    assert heard(call) == {4}


def test_of_several_at_once_nobody_is_heard_and_that_is_said(call, someone, complaints) -> None:
    call.participants = [
        someone(1, "Ada (firstxxx)", fingerprint="SHA256:firstxxx"),
        someone(2, "Ada (secondxx)", fingerprint="SHA256:secondxx"),
    ]
    call.join()
    OneVoice(call, "Ada", complaints.append)
    assert heard(call) == set()
    assert complaints == ["several here are called Ada: nobody is heard"]
    OneVoice(call, "Ada (secondxx)", complaints.append)
    assert 2 in heard(call)


def test_two_devices_of_one_person_are_one_voice(call, someone, complaints) -> None:
    call.participants = [
        someone(1, "Ada", fingerprint="SHA256:Ada"),
        someone(2, "Ada", fingerprint="SHA256:Ada"),
        someone(3, "Bo"),
    ]
    call.join()
    OneVoice(call, "Ada", complaints.append)
    assert heard(call) == {1, 2}


def test_after_a_lost_connection_it_is_chosen_again(call, someone, complaints) -> None:
    call.participants = [someone(1, "Ada", fingerprint="SHA256:Ada")]
    call.join()
    OneVoice(call, "Ada", complaints.append)
    me = call.participants[0]
    call.participants = [me, someone(1, "Bo"), someone(7, "Ada", fingerprint="SHA256:Ada")]
    call.emit(Reconnected(leaf=0, epoch=3))
    assert heard(call) == {7}
