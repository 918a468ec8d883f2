"""Chat, presence and goodbyes between two ends."""

from __future__ import annotations

import msgspec
import pytest

from e2ee.identity import DeviceIdentity
from e2ee.link import Link, host_hash, room_keys
from rooms import events, wire
from rooms.conversation import CHAT_BURST, CHAT_REMEMBERED, MAX_WAITING, Conversation
from rooms.errors import PolicyError, WireError
from rooms.limits import Limits
from rooms.member_wire import MAX_CHAT, Chat
from rooms.membership import Added, Membership, new_bundles
from rooms.policy import Policy

NOW = 1_800_000_000.0


@pytest.fixture
def ends() -> tuple[Conversation, Conversation]:
    """A host and a guest."""
    identity = DeviceIdentity.generate()
    link = Link("rooms.example", bytes(16), host_hash(identity.public_blob))
    keys = room_keys(link.secret)
    host = Membership.create(link, keys, identity, "Hana", now=NOW)
    bundle = new_bundles(DeviceIdentity.generate(), "Ada", keys, now=NOW)[0]
    pending = host.group.commit(adds=[bundle.message], psks={keys.psk_id: keys.psk}, now=int(NOW))
    assert pending.welcome is not None
    guest = Membership.enter(pending.welcome, [bundle], link, keys)
    host.merge(pending, [Added(guest.roster.credentials[1], 2)], [])
    return Conversation(host, 1), Conversation(guest, 2)


def sent(messages: list[wire.SendApplication]) -> bytes:
    (message,) = messages
    return message.message


def next_epoch(ends: tuple[Conversation, Conversation]) -> None:
    host, guest = (end._membership for end in ends)
    pending = host.group.commit(path=True, now=int(NOW))
    guest.apply(guest.read_commit(pending.message, now=NOW))
    host.merge(pending, [], [])


def test_our_line_appears_when_it_is_ordered(ends: tuple[Conversation, Conversation]) -> None:
    host, guest = ends
    message = sent(host.say("hello", now=NOW))
    (theirs,) = guest.delivered(message, now=NOW)
    (ours,) = host.ordered(now=NOW)
    assert isinstance(theirs, events.ChatReceived)
    assert isinstance(ours, events.ChatReceived)
    assert (theirs.text, theirs.name, theirs.mine) == ("hello", "Hana", False)
    assert (ours.id, ours.mine) == (theirs.id, True)
    assert ours.sent.timestamp() == NOW


def test_only_chat_appears_when_it_is_ordered(ends: tuple[Conversation, Conversation]) -> None:
    host, _ = ends
    host.announce()
    host.goodbye()
    assert host.ordered(now=NOW) == host.ordered(now=NOW) == []
    with pytest.raises(WireError):
        host.ordered(now=NOW)


def test_what_a_new_epoch_made_unreadable_is_said_again(
    ends: tuple[Conversation, Conversation],
) -> None:
    host, guest = ends
    late = sent(guest.say("on its way", now=NOW))
    next_epoch(ends)
    assert host.delivered(late, now=NOW) == []
    (again,) = guest.say_again()
    assert len(host.delivered(again.message, now=NOW)) == 1
    assert guest.ordered(now=NOW) == []  # of the one nobody could read
    assert len(guest.ordered(now=NOW)) == 1
    assert guest.say_again() == []


def test_a_line_that_reaches_somebody_twice_is_shown_once(
    ends: tuple[Conversation, Conversation],
) -> None:
    host, guest = ends
    assert len(host.delivered(sent(guest.say("early", now=NOW)), now=NOW)) == 1
    next_epoch(ends)  # the server told the guest of it before acknowledging
    (again,) = guest.say_again()
    assert host.delivered(again.message, now=NOW) == []


def test_what_is_remembered_is_bounded(ends: tuple[Conversation, Conversation]) -> None:
    host, guest = ends
    for number in range(CHAT_REMEMBERED + 5):
        host.delivered(sent(guest.say(str(number), now=NOW)), now=NOW)
    assert len(host._read) == CHAT_REMEMBERED


def test_presence_is_told_when_it_changes(ends: tuple[Conversation, Conversation]) -> None:
    host, guest = ends
    changes = guest.set_own(muted=False, camera=True)
    assert [type(change) for change in changes] == [events.MuteState, events.CameraState]
    assert guest.set_own(muted=False, camera=True) == []
    told = host.delivered(sent(guest.announce()), now=NOW)
    assert [(event.name, type(event)) for event in told] == [
        ("Ada", events.MuteState),
        ("Ada", events.CameraState),
    ]
    assert host.delivered(sent(guest.announce()), now=NOW) == []


def test_attack_somebody_takes_a_number_first_to_silence_whose_it_is(
    ends: tuple[Conversation, Conversation],
) -> None:
    host, guest = ends
    host.delivered(sent(guest.announce()), now=NOW)
    guest._participant = 1
    host._membership.roster.claim(0, 1)
    guest.set_own(muted=False, camera=True)
    host.delivered(sent(guest.announce()), now=NOW)
    assert not host._membership.roster[1].muted
    assert host._membership.roster.leaf_of(1) == 0


def test_attack_a_member_floods_the_chat(ends: tuple[Conversation, Conversation]) -> None:
    host, guest = ends
    told: list[events.AnyEvent] = []
    for number in range(int(CHAT_BURST) + 50):
        told += host.delivered(sent(guest.say(f"line {number}", now=NOW)), now=NOW)
    assert len([event for event in told if isinstance(event, events.ChatReceived)]) == CHAT_BURST
    assert [event.text for event in told if isinstance(event, events.Note)] == [
        "Ada writes too fast; some of it is left out"
    ]
    (later,) = host.delivered(sent(guest.say("slower", now=NOW)), now=NOW + 1)
    assert isinstance(later, events.ChatReceived)


def test_a_goodbye_is_remembered_for_when_it_is_removed(
    ends: tuple[Conversation, Conversation],
) -> None:
    host, guest = ends
    assert host.delivered(sent(guest.goodbye()), now=NOW) == []
    assert host._membership.roster[1].leaving == "left"


@pytest.mark.parametrize("clock", [0, 1 << 53, int((NOW - 90_000) * 1000)])
def test_a_clock_that_is_far_off_is_not_shown(
    ends: tuple[Conversation, Conversation], clock: int
) -> None:
    host, guest = ends
    message = guest._membership.protect(Chat(id=bytes(8), text="hi", sent=clock))
    (line,) = host.delivered(message, now=NOW)
    assert isinstance(line, events.ChatReceived)
    assert line.sent.timestamp() == NOW


def test_a_line_of_which_nothing_is_visible_is_not_shown(
    ends: tuple[Conversation, Conversation],
) -> None:
    host, guest = ends
    assert guest.say("\x1b[2J\u200b", now=NOW) == []
    message = guest._membership.protect(Chat(id=bytes(8), text="\x1b[2J", sent=0))
    assert host.delivered(message, now=NOW) == []


@pytest.mark.parametrize("text", ["x" * (MAX_CHAT + 1), "😀" * 1100])
def test_a_line_that_is_too_long_is_refused_with_a_hint(
    ends: tuple[Conversation, Conversation], text: str
) -> None:
    with pytest.raises(WireError) as error:
        ends[0].say(text, now=NOW)
    assert error.value.hint
    assert ends[0].say_again() == []


def test_attack_a_member_writes_although_only_hosts_may(
    ends: tuple[Conversation, Conversation],
) -> None:
    host, guest = ends
    line = sent(guest.say("while I may", now=NOW))
    for end in ends:
        roster = end._membership.roster
        roster.state = msgspec.structs.replace(roster.state, policy=Policy(chat=False))
    assert host.delivered(line, now=NOW) == []  # a client that keeps to no rule sends it anyway
    with pytest.raises(PolicyError):
        guest.say("still", now=NOW)
    assert guest.delivered(sent(host.say("a host may", now=NOW)), now=NOW)


# --- paused ---


def test_what_is_said_while_paused_is_encrypted_when_resumed(
    ends: tuple[Conversation, Conversation],
) -> None:
    host, guest = ends
    guest.pause()
    assert guest.say("one", now=NOW) == guest.announce() == []
    guest.set_own(muted=False, camera=True)
    assert guest.announce() == guest.say("two", now=NOW) == []
    next_epoch(ends)
    told = [event for sealed in guest.resume() for event in host.delivered(sealed.message, now=NOW)]
    assert [event.text for event in told if isinstance(event, events.ChatReceived)] == [
        "one",
        "two",
    ]
    assert [event.on for event in told if isinstance(event, events.CameraState)] == [True]
    assert guest.resume() == []


def test_what_a_new_epoch_made_unreadable_waits_while_paused(
    ends: tuple[Conversation, Conversation],
) -> None:
    host, guest = ends
    guest.say("on its way", now=NOW)
    guest.pause()
    next_epoch(ends)
    assert guest.say_again() == []
    (again,) = guest.resume()
    (line,) = host.delivered(again.message, now=NOW)
    assert isinstance(line, events.ChatReceived)
    assert line.text == "on its way"


def test_what_was_on_its_way_is_said_before_what_waits_and_old_states_not_at_all(
    ends: tuple[Conversation, Conversation],
) -> None:
    host, guest = ends
    guest.say("on its way", now=NOW)
    guest.announce()
    guest.pause()
    guest.say("waits", now=NOW)
    guest.set_own(muted=False, camera=False)
    guest.announce()
    next_epoch(ends)
    assert guest.say_again() == []
    told = [event for sealed in guest.resume() for event in host.delivered(sealed.message, now=NOW)]
    lines = [event.text for event in told if isinstance(event, events.ChatReceived)]
    assert lines == ["on its way", "waits"]
    assert [event.muted for event in told if isinstance(event, events.MuteState)] == [False]
    ordered = [guest.ordered(now=NOW) for _ in range(5)]
    assert [len(shown) for shown in ordered] == [0, 0, 1, 1, 0]  # of the first two copies nothing


def test_while_paused_no_message_key_is_used(ends: tuple[Conversation, Conversation]) -> None:
    guest = ends[1]
    guest.pause()
    before = guest._membership.group._epoch
    guest.say("waits", now=NOW)
    guest.announce()
    guest.goodbye()
    assert guest._membership.group._epoch is before


def test_only_so_many_lines_wait(ends: tuple[Conversation, Conversation]) -> None:
    guest = ends[1]
    guest.pause()
    for number in range(MAX_WAITING):
        guest.say(str(number), now=NOW)
    with pytest.raises(WireError, match="too many lines wait"):
        guest.say("one more", now=NOW)
    assert len(guest.resume()) == MAX_WAITING < Limits().application_burst / 2


def test_what_was_not_ordered_when_the_connection_broke_is_said_over_the_next(
    ends: tuple[Conversation, Conversation],
) -> None:
    host, guest = ends
    ordered = sent(host.say("ordered", now=NOW))
    host.announce()
    host.say("not ordered", now=NOW)
    host.ordered(now=NOW)
    host.break_off()
    host.go_on(7)
    (again,) = host.say_again()  # no old presence with it
    assert [line.text for line in guest.delivered(ordered, now=NOW)] == ["ordered"]  # type: ignore[union-attr]
    assert [line.text for line in guest.delivered(again.message, now=NOW)] == ["not ordered"]  # type: ignore[union-attr]
    assert host.say_again() != []  # still not acknowledged: once more in each new epoch


def test_a_line_is_known_again_at_another_leaf(ends: tuple[Conversation, Conversation]) -> None:
    """Its writer lost the connection before it knew that the line had been ordered."""
    host, guest = ends
    message = sent(guest.say("once", now=NOW))
    assert len(host.delivered(message, now=NOW)) == 1
    guest.break_off()
    other = Conversation(guest._membership, 9)
    other.go_on(9, guest)
    (again,) = other.say_again()
    assert host.delivered(again.message, now=NOW) == []
