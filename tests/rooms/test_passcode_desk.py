"""The host counts tries: three a connection, ten a passcode, begun or finished."""

from __future__ import annotations

import contextlib

import pytest

from e2ee.errors import AuthenticationError, MalformedError
from e2ee.link import Link
from e2ee.passcode import Passcode
from e2ee.spake2 import Exchange, Side
from rooms.errors import PasscodeTriesError, PasscodeWrongError
from rooms.passcode_desk import MAX_ASKING, TRIES, TRIES_EACH, TRY_BURST, TRY_RATE, PasscodeDesk
from rooms.passcode_join import PasscodeAsking, identities

CODE = Passcode("banana", ("acorn", "bicycle", "august"))
LINK = Link("rooms.example", b"s" * 16, b"h" * 16)


def some_share() -> bytes:
    """A share of somebody who guesses."""
    return Exchange(Side.A, 5, *identities("banana")).share


@pytest.fixture
def desk() -> PasscodeDesk:
    return PasscodeDesk(LINK, CODE)


def test_attack_a_fourth_try_of_one_connection(desk: PasscodeDesk) -> None:
    for _ in range(TRIES_EACH):
        desk.answer(1, some_share(), 0.0)
    with pytest.raises(PasscodeTriesError):
        desk.answer(1, PasscodeAsking(CODE).share, 0.0)
    desk.answer(2, some_share(), 0.0)


def test_attack_the_eleventh_try_meets_a_new_passcode(desk: PasscodeDesk) -> None:
    for number in range(TRIES - 1):
        desk.answer(number, some_share(), 0.0)
        desk.gone(number)  # breaking off makes no try free
    tenth, eleventh = PasscodeAsking(CODE), PasscodeAsking(CODE)
    answer = desk.answer(100, tenth.share, 0.0)
    assert desk.passcode != CODE
    assert desk.passcode.room == CODE.room
    desk.confirm(100, tenth.answered(answer))
    guess = Exchange(Side.A, CODE.stretch(), *identities("banana"))
    agreed = guess.finish(desk.answer(101, guess.share, 0.0)[:65])
    with pytest.raises(AuthenticationError):
        desk.confirm(101, agreed.confirmation)
    assert eleventh.share != guess.share
    renewed = PasscodeAsking(desk.passcode)
    desk.confirm(102, renewed.answered(desk.answer(102, renewed.share, 0.0)))


def test_attack_invalid_points_count_as_tries(desk: PasscodeDesk) -> None:
    for _ in range(TRIES_EACH):
        with pytest.raises(MalformedError):
            desk.answer(1, b"\x04" + bytes(64), 0.0)
    with pytest.raises(PasscodeTriesError):
        desk.answer(1, some_share(), 0.0)


def test_attack_a_confirmation_is_guessed_again_and_again(desk: PasscodeDesk) -> None:
    desk.answer(1, some_share(), 0.0)
    with pytest.raises(AuthenticationError):
        desk.confirm(1, bytes(32))
    with pytest.raises(MalformedError):
        desk.confirm(1, bytes(32))


def test_a_confirmation_without_a_try(desk: PasscodeDesk) -> None:
    with pytest.raises(MalformedError):
        desk.confirm(9, bytes(32))


def test_attack_many_connections_that_never_finish(desk: PasscodeDesk) -> None:
    for number in range(MAX_ASKING):
        desk.answer(number, some_share(), 0.0)
    with pytest.raises(PasscodeTriesError):
        desk.answer(MAX_ASKING, some_share(), 0.0)
    desk.gone(0)
    desk.answer(MAX_ASKING, some_share(), 0.0)


def test_attack_endless_connections_try_faster_than_a_host_answers(desk: PasscodeDesk) -> None:
    for number in range(int(TRY_BURST)):
        desk.answer(number, some_share(), 0.0)
        desk.gone(number)
    before = desk.passcode
    with pytest.raises(PasscodeTriesError):
        desk.answer(99, some_share(), 1.0)
    assert desk.passcode is before  # refused tries do not even cost a passcode
    desk.gone(99)
    desk.answer(100, some_share(), 1 / TRY_RATE + 1.0)


def test_attack_connections_are_broken_to_try_faster(desk: PasscodeDesk) -> None:
    tried = 0
    for _ in range(5):
        with contextlib.suppress(PasscodeTriesError):
            for number in range(1, 1 + TRIES):
                desk.answer(number, some_share(), 0.0)
                tried += 1
        desk.begin_again()
    assert tried == TRY_BURST


def test_numbers_of_another_connection_begin_anew(desk: PasscodeDesk) -> None:
    for _ in range(TRIES_EACH):
        desk.answer(1, some_share(), 0.0)
    desk.begin_again()
    assert desk.passcode != CODE
    right = PasscodeAsking(desk.passcode)
    desk.confirm(1, right.answered(desk.answer(1, right.share, 0.0)))


def test_a_new_passcode_is_asked_for_and_prepared_elsewhere(desk: PasscodeDesk) -> None:
    desk.renew()
    assert (desk.passcode.room, desk.passcode == CODE) == (CODE.room, False)
    desk.prepared(CODE, 1)  # over: not taken
    desk.prepared(desk.passcode, desk.passcode.stretch())
    asking = PasscodeAsking(desk.passcode)
    desk.confirm(1, asking.answered(desk.answer(1, asking.share, 0.0)))
    desk.renew("acorn")
    assert desk.passcode.room == "acorn"


def test_attack_what_was_computed_of_a_passcode_that_is_over_makes_it_right_again(
    desk: PasscodeDesk,
) -> None:
    stretched = CODE.stretch()
    desk.renew()
    desk.prepared(CODE, stretched)
    guess = PasscodeAsking(CODE)
    with pytest.raises(PasscodeWrongError):
        guess.answered(desk.answer(1, guess.share, 0.0))


def test_nothing_secret_is_shown(desk: PasscodeDesk) -> None:
    assert repr(desk) == "PasscodeDesk(room='banana', tries=0)"
