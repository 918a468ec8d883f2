"""Chat, presence and goodbyes between two ends."""

from __future__ import annotations

import msgspec
import pytest

from e2ee.identity import DeviceIdentity
from e2ee.link import Link, host_hash, room_keys
from rooms import events, wire
from rooms.conversation import CHAT_BURST, MAX_WAITING, Conversation
from rooms.errors import PolicyError, WireError
from rooms.files import Files
from rooms.limits import Limits
from rooms.lines import LINES_REMEMBERED
from rooms.member_wire import MAX_CHAT, Chat, Presence, Reaction
from rooms.membership import Added, Membership, new_bundles
from rooms.out import Out
from rooms.policy import Policy
from rooms.roster import Appearance

NOW = 1_800_000_000.0


def conversation(membership: Membership, participant: int) -> Conversation:
    return Conversation(membership, participant, Files(Out(), membership, NOW))


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
    return conversation(host, 1), conversation(guest, 2)


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
    for number in range(LINES_REMEMBERED + 5):
        host.delivered(sent(guest.say(str(number), now=NOW)), now=NOW)
    assert len(host._lines) == LINES_REMEMBERED


def test_presence_is_told_when_it_changes(ends: tuple[Conversation, Conversation]) -> None:
    host, guest = ends
    changes = guest.set_own(Appearance(False, True))
    assert [type(change) for change in changes] == [events.MuteState, events.CameraState]
    assert guest.set_own(Appearance(False, True)) == []
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
    guest.set_own(Appearance(False, True))
    host.delivered(sent(guest.announce()), now=NOW)
    assert not host._membership.roster[1].appearance.muted
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
    guest.set_own(Appearance(False, True))
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
    guest.set_own(Appearance(False, False))
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
    other = conversation(guest._membership, 9)
    other.go_on(9, guest)
    (again,) = other.say_again()
    assert host.delivered(again.message, now=NOW) == []


# --- replies and reactions ---


def shown(
    end: Conversation, messages: list[wire.SendApplication], *, now: float = NOW
) -> list[events.AnyEvent]:
    """Have an end read messages; return what a face is told."""
    return [event for one in messages for event in end.delivered(one.message, now=now)]


def line_of(ends: tuple[Conversation, Conversation], text: str = "hello") -> str:
    """Have the host write a line that both know; return its id."""
    host, guest = ends
    shown(guest, host.say(text, now=NOW))
    (line,) = host.ordered(now=NOW)
    assert isinstance(line, events.ChatReceived)
    return line.id


def reactions(told: list[events.AnyEvent]) -> list[tuple[str, str, bool, bool]]:
    found = [event for event in told if isinstance(event, events.Reaction)]
    return [(event.name, event.emoji, event.on, event.mine) for event in found]


def test_a_reply_names_the_line_it_answers(ends: tuple[Conversation, Conversation]) -> None:
    host, guest = ends
    first = line_of(ends)
    for answered in (first, "0123456789abcdef", ""):  # the second one nobody has seen
        (reply,) = shown(host, guest.say("indeed", answered, now=NOW))
        assert isinstance(reply, events.ChatReceived)
        assert reply.reply_to == answered


@pytest.mark.parametrize("answered", ["zz", "00", "00" * 9, "\x1b[2J", "0" * 15])
def test_what_is_no_id_is_not_answered(
    ends: tuple[Conversation, Conversation], answered: str
) -> None:
    with pytest.raises(WireError):
        ends[0].say("indeed", answered, now=NOW)
    with pytest.raises(WireError):
        ends[0].react(answered, "👍", on=True)


def test_a_reaction_is_told_once_and_taken_back(ends: tuple[Conversation, Conversation]) -> None:
    host, guest = ends
    line = line_of(ends)
    assert reactions(shown(host, guest.react(line, "👍", on=True))) == [("Ada", "👍", True, False)]
    assert reactions(guest.ordered(now=NOW)) == [("Ada", "👍", True, True)]
    assert shown(host, guest.react(line, "👍", on=True)) == []
    assert guest.ordered(now=NOW) == []
    assert reactions(shown(host, guest.react(line, "👍", on=False))) == [
        ("Ada", "👍", False, False)
    ]


def test_a_reaction_survives_an_epoch_and_a_connection(
    ends: tuple[Conversation, Conversation],
) -> None:
    host, guest = ends
    line = line_of(ends)
    lost = guest.react(line, "👍", on=True)
    next_epoch(ends)
    assert shown(host, lost) == []
    assert reactions(shown(host, guest.say_again())) == [("Ada", "👍", True, False)]
    guest.break_off()
    other = conversation(guest._membership, 9)
    other.go_on(9, guest)
    assert shown(host, other.say_again()) == []  # it had been ordered: nothing changes
    assert reactions(other.ordered(now=NOW)) == [("Ada", "👍", True, True)]
    assert shown(host, other.react(line, "👍", on=False)) != []  # the line is still known


def test_attack_a_reaction_to_an_unknown_line(ends: tuple[Conversation, Conversation]) -> None:
    host, guest = ends
    with pytest.raises(WireError, match="no such line"):
        guest.react("00" * 8, "👍", on=True)
    assert host.delivered(guest._membership.protect(Reaction(bytes(8), "👍", True)), now=NOW) == []


@pytest.mark.parametrize(
    "emoji",
    ["\x1b[2J", "\u202e", "\u2066", "\u200b", "\u0301", "\x9b1m", "\x07", " ", "a b", "\ufe0f"],
    ids=ascii,
)
def test_attack_a_reaction_that_moves_the_cursor_or_shows_nothing(
    ends: tuple[Conversation, Conversation], emoji: str
) -> None:
    host, guest = ends
    line = line_of(ends)
    with pytest.raises(WireError):
        guest.react(line, emoji, on=True)
    said = Reaction(bytes.fromhex(line), emoji, True)
    assert host.delivered(guest._membership.protect(said), now=NOW) == []


def test_attack_control_bytes_around_a_reaction_are_taken_out(
    ends: tuple[Conversation, Conversation],
) -> None:
    host, guest = ends
    line = line_of(ends)
    said = Reaction(bytes.fromhex(line), "\x1b[31m\u202e👍\x07", True)
    told = host.delivered(guest._membership.protect(said), now=NOW)
    assert reactions(told) == [("Ada", "👍", True, False)]


def test_attack_a_reaction_as_long_as_a_text(ends: tuple[Conversation, Conversation]) -> None:
    with pytest.raises(WireError, match="no reaction"):
        ends[1].react(line_of(ends), "x" * 17, on=True)


def test_attack_a_member_floods_everybody_with_reactions(
    ends: tuple[Conversation, Conversation],
) -> None:
    host, guest = ends
    line = line_of(ends)
    told: list[events.AnyEvent] = []
    for number in range(int(CHAT_BURST) + 50):
        told += shown(host, guest.react(line, "👍", on=number % 2 == 0))
        guest.ordered(now=NOW)
    assert len(reactions(told)) == CHAT_BURST
    assert [event.text for event in told if isinstance(event, events.Note)] == [
        "Ada writes too fast; some of it is left out"
    ]


def test_attack_a_member_reacts_although_only_hosts_may_write(
    ends: tuple[Conversation, Conversation],
) -> None:
    host, guest = ends
    line = line_of(ends)
    early = guest.react(line, "👍", on=True)
    for end in ends:
        roster = end._membership.roster
        roster.state = msgspec.structs.replace(roster.state, policy=Policy(chat=False))
    assert shown(host, early) == []
    with pytest.raises(PolicyError):
        guest.react(line, "👍", on=True)
    assert reactions(shown(guest, host.react(line, "👍", on=True)))


def test_a_line_that_takes_no_more_of_ours_says_so(
    ends: tuple[Conversation, Conversation],
) -> None:
    line = line_of(ends)
    for emoji in "abcd":
        ends[0].react(line, emoji, on=True)
        ends[0].ordered(now=NOW)
    with pytest.raises(WireError, match="no more reactions") as error:
        ends[0].react(line, "e", on=True)
    assert error.value.hint
    assert ends[0].react(line, "a", on=False)


def test_attack_a_member_takes_the_id_of_a_line_to_be_answered_in_its_place(
    ends: tuple[Conversation, Conversation],
) -> None:
    host, guest = ends
    line = line_of(ends, "I agree to the price")
    said = Chat(id=bytes.fromhex(line), text="I give it away", sent=int(NOW * 1000))
    assert host.delivered(guest._membership.protect(said), now=NOW) == []


# --- what may not be shown, and what is recorded ---


def test_who_records_is_told_to_everybody(ends: tuple[Conversation, Conversation]) -> None:
    host, guest = ends
    guest.set_own(Appearance(recording=True))
    (told,) = shown(host, guest.announce())
    assert isinstance(told, events.RecordingState)
    assert (told.name, told.on) == ("Ada", True)
    assert host._membership.roster.participant(1).recording
    guest.set_own(Appearance())
    assert [event.on for event in shown(host, guest.announce())] == [False]  # type: ignore[union-attr]


def test_a_program_that_says_so_is_told_to_everybody(
    ends: tuple[Conversation, Conversation],
) -> None:
    host, guest = ends
    guest.set_own(Appearance(bot=True))
    (told,) = shown(host, guest.announce())
    assert isinstance(told, events.BotState)
    assert (told.name, told.on) == ("Ada", True)
    assert [host._membership.roster.participant(leaf).bot for leaf in (0, 1)] == [False, True]


def test_attack_a_member_shows_itself_although_only_hosts_may(
    ends: tuple[Conversation, Conversation],
) -> None:
    host, guest = ends
    for end in ends:
        roster = end._membership.roster
        roster.state = msgspec.structs.replace(roster.state, policy=Policy(share=False))
    assert guest.set_own(Appearance(camera=True)) == []
    shameless = Presence(2, muted=True, camera=True)
    assert host.delivered(guest._membership.protect(shameless), now=NOW) == []
    assert not host._membership.roster.participant(1).camera
    assert shown(host, guest.announce()) == []  # ours does not even say so
    assert not host._membership.roster[1].appearance.camera
    host.set_own(Appearance(camera=True))
    assert [event.on for event in shown(guest, host.announce())] == [True]  # type: ignore[union-attr]
