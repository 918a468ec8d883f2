"""From four words to a link, and who may not get there."""

from __future__ import annotations

from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from e2ee.errors import AuthenticationError, KeysError, LinkError, MalformedError
from e2ee.link import MAX_LINK, Link
from e2ee.passcode import Passcode
from e2ee.spake2 import Exchange, Side
from rooms.errors import PasscodeWrongError, ServerIdentityError
from rooms.passcode_desk import PasscodeDesk
from rooms.passcode_join import CONTEXT, NONCE, PasscodeAsking, identities, seal_link

CODE = Passcode("banana", ("acorn", "bicycle", "august"))
WRONG = Passcode("banana", ("acorn", "bicycle", "agree"))
PIN = b"p" * 16
LINK = Link("rooms.example:8443", b"s" * 16, b"h" * 16, PIN)


def test_the_right_words_give_the_link() -> None:
    desk, asking = PasscodeDesk(LINK, CODE), PasscodeAsking(CODE)
    sealed = desk.confirm(1, asking.answered(desk.answer(1, asking.share, 0.0)))
    assert asking.delivered(sealed, PIN, LINK.server) == LINK
    with pytest.raises(MalformedError):
        asking.delivered(sealed, PIN, LINK.server)


def test_attack_a_wrong_passcode() -> None:
    desk, asking = PasscodeDesk(LINK, CODE), PasscodeAsking(WRONG)
    with pytest.raises(PasscodeWrongError):
        asking.answered(desk.answer(1, asking.share, 0.0))


def test_attack_a_server_in_the_middle_plays_the_host() -> None:
    # It does not know the words: its one guess shows, and it gets no confirmation to try more.
    asking = PasscodeAsking(CODE)
    guess = Exchange(Side.B, WRONG.stretch(), *identities("banana"))
    with pytest.raises(PasscodeWrongError):
        asking.answered(guess.share + guess.finish(asking.share).confirmation)
    with pytest.raises(MalformedError):
        asking.delivered(seal_link(bytes(16), LINK), PIN, LINK.server)


def test_attack_a_server_in_the_middle_relays_under_another_key() -> None:
    desk, asking = PasscodeDesk(LINK, CODE), PasscodeAsking(CODE)
    sealed = desk.confirm(1, asking.answered(desk.answer(1, asking.share, 0.0)))
    with pytest.raises(ServerIdentityError):
        asking.delivered(sealed, b"m" * 16, LINK.server)


def test_the_link_names_the_server_as_the_joiner_does() -> None:
    desk, asking = PasscodeDesk(LINK, CODE), PasscodeAsking(CODE)
    sealed = desk.confirm(1, asking.answered(desk.answer(1, asking.share, 0.0)))
    link = asking.delivered(sealed, PIN, "192.0.2.1:8443")
    assert link == replace(LINK, server="192.0.2.1:8443")


def test_attack_a_server_in_the_middle_relays_to_one_with_a_public_certificate() -> None:
    public = replace(LINK, server_pin=None)
    desk, asking = PasscodeDesk(public, CODE), PasscodeAsking(CODE)
    sealed = desk.confirm(1, asking.answered(desk.answer(1, asking.share, 0.0)))
    with pytest.raises(ServerIdentityError):
        asking.delivered(sealed, PIN, "elsewhere.example:8443")
    again = PasscodeAsking(CODE)
    sealed = desk.confirm(1, again.answered(desk.answer(1, again.share, 0.0)))
    assert again.delivered(sealed, PIN, "Rooms.Example:8443").server_pin is None


@pytest.mark.parametrize("place", [0, 100, -1])
def test_attack_the_link_is_changed_on_its_way(place: int) -> None:
    desk, asking = PasscodeDesk(LINK, CODE), PasscodeAsking(CODE)
    sealed = bytearray(desk.confirm(1, asking.answered(desk.answer(1, asking.share, 0.0))))
    sealed[place] ^= 1
    with pytest.raises(AuthenticationError):
        asking.delivered(bytes(sealed), PIN, LINK.server)


@pytest.mark.parametrize("text", ["https://röoms.example/r/#h=".encode(), b"\xff", b"junk", b""])
def test_attack_a_host_seals_what_is_no_link(text: bytes) -> None:
    asking, host = PasscodeAsking(CODE), Exchange(Side.B, CODE.stretch(), *identities("banana"))
    agreed = host.finish(asking.share)
    asking.answered(host.share + agreed.confirmation)
    padded = text + bytes(MAX_LINK - len(text))
    with pytest.raises(LinkError):
        asking.delivered(AESGCM(agreed.key).encrypt(NONCE, padded, CONTEXT), PIN, LINK.server)


def test_attack_a_right_answer_with_more_or_less_behind_it() -> None:
    desk, asking = PasscodeDesk(LINK, CODE), PasscodeAsking(CODE)
    answer = desk.answer(1, asking.share, 0.0)
    for wrong in (answer + b"\0", answer[:-1]):
        with pytest.raises(MalformedError, match="size"):
            asking.answered(wrong)
    assert asking.answered(answer)


def test_attack_answers_of_an_earlier_exchange_are_played_again() -> None:
    desk, first, second = PasscodeDesk(LINK, CODE), PasscodeAsking(CODE), PasscodeAsking(CODE)
    answer = desk.answer(1, first.share, 0.0)
    with pytest.raises(PasscodeWrongError):
        second.answered(answer)


def test_the_size_of_what_is_sealed_tells_nothing() -> None:
    short = Link("a", b"s" * 16, b"h" * 16)
    assert len(seal_link(bytes(16), short)) == len(seal_link(bytes(16), LINK))


@pytest.mark.parametrize("answer", [b"", bytes(97), b"\x04" + b"\x01" * 96, bytes(98)])
def test_answers_that_are_none(answer: bytes) -> None:
    with pytest.raises(KeysError):
        PasscodeAsking(CODE).answered(answer)
