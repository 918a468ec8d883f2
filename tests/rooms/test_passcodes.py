"""A host's passcode behind the real hall, and what servers and strangers try with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from e2ee.link import Link
from e2ee.passcode import Passcode, parse_passcode
from e2ee.spake2 import SHARE_LENGTH, Exchange, Side
from rooms import events, wire
from rooms.errors import PasscodeWrongError
from rooms.out import Out
from rooms.passcode_desk import TRIES, TRIES_EACH
from rooms.passcode_join import PasscodeAsking, identities
from rooms.passcodes import MAX_NAMES

if TYPE_CHECKING:
    from tests.rooms.conftest import Seat, Table

WRONG = 12345
"""A stretched passcode that is not the right one."""


class Trier:
    """Somebody at the table who only tries passcodes; stands where others have a protocol."""

    next_tick = None

    def __init__(self) -> None:
        self.out = Out()
        self.got: list[wire.ServerMessage] = []

    def received(self, message: wire.ServerMessage, now: float) -> None:
        self.got.append(message)

    def say(self, message: wire.ClientMessage) -> None:
        self.out.outbox.append(message)


def sit(table: Table) -> Trier:
    seat = table.sit("nobody")
    trier = Trier()
    seat.protocol = trier  # type: ignore[assignment]
    return trier


def attempt(table: Table, room: str, share: bytes, trier: Trier | None = None) -> Trier:
    trier = trier or sit(table)
    trier.say(wire.TryPasscode(room, share))
    table.settle()
    return trier


def reply(trier: Trier) -> bytes:
    last = trier.got[-1]
    assert isinstance(last, wire.PasscodeReplied), last
    return last.reply


def take(table: Table, code: Passcode) -> Link:
    """Come to the link as a joiner's client does."""
    asking = PasscodeAsking(code)
    trier = attempt(table, code.room, asking.share)
    trier.say(wire.ConfirmPasscode(asking.answered(reply(trier))))
    table.settle()
    assert table.link.server_pin is None
    return asking.delivered(reply(trier), b"p" * 16, table.link.server)


def shown(host: Seat) -> Passcode:
    return parse_passcode(host.last(events.PasscodeShown).passcode)


@pytest.fixture
def host(table: Table) -> Seat:
    """A host whose room has a passcode."""
    seat = table.host()
    seat.protocol.passcodes.ask()
    table.settle()
    return seat


def test_who_was_told_the_words_gets_the_link_and_can_knock(table: Table, host: Seat) -> None:
    link = take(table, shown(host))
    assert link == table.link
    joiner = table.join(host, "Ana", link=link)
    assert "Ana" in joiner.names


def test_the_passcode_is_shown_again_and_made_anew_when_asked_for(table: Table, host: Seat) -> None:
    first = shown(host)
    host.protocol.passcodes.ask()
    host.protocol.passcodes.renew()
    table.settle()
    told = host.told(events.PasscodeShown)
    assert [event.reason for event in told] == ["made", "asked", "renewed"]
    assert told[1].passcode == first.to_text() != told[2].passcode
    with pytest.raises(PasscodeWrongError):
        take(table, first)
    assert take(table, shown(host)) == table.link


def test_attack_an_eleventh_try_meets_new_words_and_the_host_is_told(
    table: Table, host: Seat
) -> None:
    code = shown(host)
    for _ in range(TRIES):
        guess = Exchange(Side.A, WRONG, *identities(code.room))
        attempt(table, code.room, guess.share)
        table.leave(next(reversed(table.seats.values())))
    assert [event.reason for event in host.told(events.PasscodeShown)] == ["made", "used_up"]
    with pytest.raises(PasscodeWrongError):
        take(table, code)
    assert take(table, shown(host)) == table.link


def test_attack_a_fourth_try_of_one_joiner(table: Table, host: Seat) -> None:
    code, trier = shown(host), sit(table)
    for _ in range(TRIES_EACH):
        attempt(table, code.room, Exchange(Side.A, WRONG, *identities(code.room)).share, trier)
        assert isinstance(trier.got[-1], wire.PasscodeReplied)
    attempt(table, code.room, PasscodeAsking(code).share, trier)
    assert trier.got[-1] == wire.PasscodeRefused()


def test_attack_a_server_lies_about_attempt_numbers_to_try_more(table: Table, host: Seat) -> None:
    # A number more for each guess: the tries of all together are counted all the same.
    code = shown(host)
    for number in range(100, 100 + TRIES):
        guess = Exchange(Side.A, WRONG, *identities(code.room))
        host.protocol.received(wire.PasscodeTried(number, guess.share), table.now)
        host.protocol.received(wire.PasscodeGone(number), table.now)
    assert host.protocol.passcodes.passcode != code


def test_attack_a_transcript_tells_nothing_to_check_guesses_against(
    table: Table, host: Seat
) -> None:
    # Whoever carried a whole good exchange has shares, confirmations and what is sealed. For any
    # other passcode there are secrets that give the same shares, so they fit every guess; what
    # would tell guesses apart takes the exponents, which are in no message.
    code = shown(host)
    asking = PasscodeAsking(code)
    trier = attempt(table, code.room, asking.share)
    confirmation = asking.answered(reply(trier))
    seen = [
        value
        for _, message in table.log
        for value in (getattr(message, "share", b""), getattr(message, "reply", b""))
        if value
    ]
    assert asking.share in seen
    answer = reply(trier)
    for guess in (code.stretch(), WRONG):  # the right one included: nobody can tell it is
        other = Exchange(Side.A, guess, *identities(code.room))
        agreed = other.finish(answer[:SHARE_LENGTH])
        assert agreed.confirmation != confirmation
        with pytest.raises(Exception, match="another passcode"):
            agreed.check(answer[SHARE_LENGTH:])
    sent = b"".join(wire.encode(message) for _, message in table.log)
    assert not all(word.encode() in sent for word in code.words)


def test_attack_a_server_guesses_in_the_hosts_place(table: Table, host: Seat) -> None:
    # It has one guess for each joiner that comes, and the joiner sees that it was wrong.
    code = shown(host)
    asking = PasscodeAsking(code)
    guess = Exchange(Side.B, WRONG, *identities(code.room))
    with pytest.raises(PasscodeWrongError):
        asking.answered(guess.share + guess.finish(asking.share).confirmation)


def test_attack_the_messages_of_somebody_who_came_in_are_played_again(
    table: Table, host: Seat
) -> None:
    code = shown(host)
    asking = PasscodeAsking(code)
    trier = attempt(table, code.room, asking.share)
    confirmation = asking.answered(reply(trier))
    replay = attempt(table, code.room, asking.share)
    assert reply(replay) != reply(trier)  # the host's share is another one
    replay.say(wire.ConfirmPasscode(confirmation))
    table.settle()
    assert replay.got[-1] == wire.PasscodeRefused()


@pytest.mark.parametrize("share", [bytes(65), b"\x04" + bytes(64), b"\x02" + b"\x01" * 64])
def test_attack_a_share_that_is_no_point_counts_and_is_refused(
    table: Table, host: Seat, share: bytes
) -> None:
    code = shown(host)
    assert attempt(table, code.room, share).got[-1] == wire.PasscodeRefused()
    assert host.protocol.passcodes.passcode == code


def test_attack_a_server_speaks_of_passcodes_to_somebody_who_has_none(table: Table) -> None:
    host = table.host()
    member = table.join(host, "Ana")
    for message in (
        wire.RoomNamed("banana"),
        wire.NameTaken("banana"),
        wire.PasscodeTried(1, PasscodeAsking(parse_passcode("acorn about agree album")).share),
        wire.PasscodeConfirmed(1, bytes(32)),
        wire.PasscodeGone(1),
    ):
        member.protocol.received(message, table.now)
    table.settle()
    assert not member.told(events.PasscodeShown)
    refused = [m for conn, m in table.log if conn == member.conn and "Refuse" in type(m).__name__]
    assert refused == [wire.RefusePasscode(1)] * 2


def test_a_name_that_is_taken_leads_to_another_one(table: Table) -> None:
    host, seen = table.host(), []

    def taken(message: wire.ServerMessage) -> list[wire.ServerMessage]:
        if isinstance(message, wire.RoomNamed) and len(seen) < 3:
            seen.append(message.name)
            return [wire.NameTaken(message.name)]
        return [message]

    host.tamper = taken
    host.protocol.passcodes.ask()
    table.settle()
    assert shown(host).room not in seen
    assert set(table.hall.names.names) == {shown(host).room}


def test_a_server_without_names_leaves_the_room_without_a_passcode(table: Table) -> None:
    host = table.host()
    host.tamper = lambda m: [wire.NameTaken(m.name)] if isinstance(m, wire.RoomNamed) else [m]
    host.protocol.passcodes.ask()
    table.settle()
    asked = [m for _, m in table.log if isinstance(m, wire.NameRoom)]
    assert len(asked) == MAX_NAMES
    assert "no passcode" in host.last(events.Note).text
    assert host.protocol.passcodes.passcode is None
    host.tamper = None
    host.protocol.passcodes.ask()
    table.settle()
    assert host.protocol.passcodes.passcode == shown(host)


def test_attack_a_connection_is_broken_to_have_the_tries_counted_anew(
    table: Table, host: Seat
) -> None:
    code = shown(host)
    host.protocol.passcodes.come_back()
    table.settle()
    again = shown(host)
    assert again.room == code.room
    assert again != code


def test_nothing_secret_is_shown(table: Table, host: Seat) -> None:
    code = shown(host)
    texts = [repr(host.last(events.PasscodeShown)), repr(host.protocol.passcodes)]
    assert not any(all(word in text for word in code.words) for text in texts)
