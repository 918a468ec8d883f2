"""Inside a room: transcripts with the real hall, and what a hostile server or member tries."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from e2ee.identity import DeviceIdentity
from e2ee.link import room_keys
from e2ee.mls.commit import Commit
from e2ee.mls.constants import SenderType, WireFormat
from e2ee.mls.framing import AuthenticatedContent, Content, FramedContent, Sender
from e2ee.mls.group import SigningKey
from e2ee.mls.message import encode_message
from e2ee.mls.private_message import PrivateMessage
from e2ee.mls.proposals import Add, ExternalInit, Update
from e2ee.mls.public_message import PublicMessage
from media.control import InstallKey, StopSending
from rooms import events, wire
from rooms.known_people import Pin
from rooms.member_wire import Chat, Presence, encode_member
from rooms.membership import new_bundles
from rooms.phases import Phase
from rooms.policy import ROOM_STATE, RoomState
from rooms.roster import Appearance

if TYPE_CHECKING:
    from tests.rooms.conftest import Seat, Table


def test_a_late_joiner_learns_who_is_muted(table: Table) -> None:
    host = table.host()
    table.join(host, "Ada", muted=True)
    bob = table.join(host, "Bob")
    assert bob.protocol.roster is not None
    muted = {person.name: person.muted for person in bob.protocol.roster.participants()}
    assert muted == {"Hana": False, "Ada": True, "Bob": False}


def test_a_change_of_presence_reaches_everybody(table: Table) -> None:
    host = table.host()
    ada = table.join(host, "Ada")
    ada.protocol.appear(Appearance(True, True))
    table.settle()
    for seat in (host, ada):
        assert seat.last(events.MuteState).muted
        assert seat.last(events.CameraState).on


def test_chat_is_read_in_one_order_by_all(table: Table) -> None:
    host = table.host()
    ada, bob = table.join(host, "Ada"), table.join(host, "Bob")
    for seat, text in ((ada, "one"), (host, "two"), (bob, "three\nlines")):
        seat.protocol.say(text, table.now)
    table.settle()
    assert host.lines == ada.lines == bob.lines
    assert sorted(host.lines) == ["Ada: one", "Bob: three\nlines", "Hana: two"]
    assert [line.mine for line in ada.told(events.ChatReceived)].count(True) == 1


def test_admissions_during_a_commit_share_the_next_one(table: Table) -> None:
    host = table.host()
    joiners = [table.knock(name) for name in ("Ada", "Bob", "Cleo")]
    for knock in host.told(events.Knock):
        host.protocol.admit(knock.knock, table.now)
    table.settle()
    commits = [message for _, message in table.log if isinstance(message, wire.SubmitCommit)]
    assert [len(commit.joiners) for commit in commits] == [1, 2]
    assert all(seat.names == ["Hana", "Ada", "Bob", "Cleo"] for seat in [host, *joiners])


def test_what_is_said_while_a_commit_is_under_way_is_read_once_by_all(table: Table) -> None:
    host = table.host()
    ada, bob = table.join(host, "Ada"), table.join(host, "Bob")
    table.knock("Cleo")
    host.protocol.admit(host.last(events.Knock).knock, table.now)
    for seat in (host, ada, bob):  # all of it is encrypted in the epoch that is about to end
        seat.protocol.say(f"from {seat.conn}", table.now)
    table.settle()
    assert host.lines == ada.lines == bob.lines
    assert len(host.lines) == 3
    assert not ada.told(events.ErrorEvent)


def test_who_leaves_while_being_admitted_is_removed_again(table: Table) -> None:
    host = table.host()
    ada = table.knock("Ada")
    host.protocol.admit(host.last(events.Knock).knock, table.now)
    table.hall.disconnected(ada.conn, table.now)  # the Commit is on its way
    table.settle()
    assert host.names == ["Hana"]
    assert host.protocol.epoch == 2


def test_a_removed_member_ends_and_is_shut_out(table: Table) -> None:
    host = table.host()
    ada, bob = table.join(host, "Ada"), table.join(host, "Bob")
    host.protocol.remove(ada.leaf, table.now)
    table.settle()
    assert ada.last(events.Ended).code == "room.removed"
    assert isinstance(ada.commands[-1], StopSending)
    left = bob.last(events.ParticipantLeft)
    assert (left.name, left.reason) == ("Ada", "removed")
    assert bob.last(InstallKey).members == {host.leaf, bob.leaf}
    assert bob.last(InstallKey).base_key != ada.last(InstallKey).base_key


def test_keys_are_sent_with_at_once_only_where_nobody_can_miss_anything(table: Table) -> None:
    host = table.host()
    ada = table.join(host, "Ada")
    assert [key.send_after for key in host.told(InstallKey)] == [0.0, 0.0]
    assert ada.last(InstallKey).send_after == 0.0
    bob = table.join(host, "Bob")
    assert (ada.last(InstallKey).send_after, bob.last(InstallKey).send_after) == (1.0, 0.0)
    host.protocol.remove(ada.leaf, table.now)
    table.settle()
    assert bob.last(InstallKey).send_after == host.last(InstallKey).send_after == 0.3


@pytest.mark.parametrize(("goodbye", "reason"), [(True, "left"), (False, "lost")])
def test_the_host_removes_whoever_is_gone(table: Table, goodbye: bool, reason: str) -> None:
    host = table.host()
    ada, bob = table.join(host, "Ada"), table.join(host, "Bob")
    if goodbye:
        ada.protocol.leave()
        table.settle()
        assert ada.last(events.Ended).code == ""
    else:
        table.leave(ada)
        assert host.names == ["Hana", "Ada", "Bob"]  # she may come back
        table.wait(61.0)
    assert bob.names == host.names == ["Hana", "Bob"]
    assert bob.last(events.ParticipantLeft).reason == reason
    removals = [m for _, m in table.log if isinstance(m, wire.SubmitCommit) and m.removes]
    assert len(removals) == 1


def test_attack_a_removed_member_keeps_a_leaf_that_the_same_commit_gives_on(table: Table) -> None:
    host = table.host()
    bob, mallory = table.join(host, "Bob"), table.join(host, "Mallory")
    leaf, waiting = mallory.leaf, [table.knock("Ada"), table.knock("Cleo")]
    for knock in host.told(events.Knock)[-2:]:  # the second waits for the first one's Commit
        host.protocol.admit(knock.knock, table.now)
    host.protocol.remove(leaf, table.now)
    table.settle()
    assert waiting[1].leaf == leaf
    for seat in (host, bob):
        key = seat.last(InstallKey)
        assert leaf in key.members
        assert key.joined == {leaf}


def test_without_its_host_the_call_goes_on(table: Table) -> None:
    host = table.host()
    ada, bob = table.join(host, "Ada"), table.join(host, "Bob")
    table.leave(host)
    assert "Hana, the host, lost the connection" in ada.last(events.Note).text
    table.say(ada, "still here")
    assert bob.lines == ["Ada: still here"]
    assert not ada.told(events.ParticipantLeft)


def test_a_line_that_is_too_long_is_an_error_of_the_person(table: Table) -> None:
    host = table.host()
    table.say(host, "ä" * 3400)
    assert host.last(events.ErrorEvent).hint
    table.say(host, "\u200b\n")
    assert not host.told(events.ChatReceived)


def commit_by(table: Table, seat: Seat, **change: object) -> bytes:
    """Have a member's own MLS state make a Commit that its client never would."""
    assert seat.protocol._inside is not None
    group = seat.protocol._inside.membership.group
    pending = group.commit(now=int(table.now), **change)  # type: ignore[arg-type]
    return pending.message


def server_delivers_commit_of(table: Table, seat: Seat, message: bytes) -> None:
    """Have the server pass a member's Commit on to the others, which an honest one never does."""
    room = next(iter(table.hall.rooms.values()))
    room.epoch += 1
    for member in room.members.values():
        if member.number != seat.conn:
            table.hall.outbox.append((member.number, wire.CommitDelivered(room.epoch, message)))


def state_of(seat: Seat) -> tuple[int, list[str]]:
    return seat.protocol.epoch, seat.names


@pytest.mark.parametrize("change", ["adds", "removes", "changes state"])
def test_a_commit_by_a_non_host_is_refused_by_everybody(table: Table, change: str) -> None:
    host = table.host()
    mallory, bob = table.join(host, "Mallory"), table.join(host, "Bob")
    keys = room_keys(table.link.secret)
    friend = new_bundles(DeviceIdentity.generate(), "Friend", keys, now=table.now)[0]
    usurped = RoomState(hosts=(mallory.identity.public_blob,)).encode()
    made = {
        "adds": {"adds": [friend.message], "psks": {keys.psk_id: keys.psk}},
        "removes": {"removes": [host.leaf]},
        "changes state": {"extensions": {ROOM_STATE: usurped}},
    }[change]
    before = state_of(host), state_of(bob)
    message = commit_by(table, mallory, **made)
    server_delivers_commit_of(table, mallory, message)
    table.settle()
    for seat in (host, bob):
        assert seat.last(events.ErrorEvent).code == "room.policy"
        assert seat.protocol.phase is Phase.INSIDE
    assert before == (state_of(host), state_of(bob))
    table.say(host, "we go on")
    assert bob.lines[-1:] == ["Hana: we go on"]
    # The server counted the Commit all the same; that must not stop the host.
    host.protocol.remove(mallory.leaf, table.now)
    table.settle()
    assert host.names == bob.names == ["Hana", "Bob"]
    assert mallory.last(events.Ended).code == "room.removed"


def test_a_member_that_claims_anothers_participant_number_is_not_believed(table: Table) -> None:
    host = table.host()
    mallory, bob = table.join(host, "Mallory"), table.join(host, "Bob")
    assert mallory.protocol._inside is not None
    assert bob.protocol._participant
    lie = Presence(participant=bob.protocol._participant, muted=True, camera=True)
    message = mallory.protocol._inside.membership.protect(lie)
    mallory.protocol.out.outbox.append(wire.SendApplication(message))
    table.settle()
    assert bob.protocol.roster is not None
    assert not bob.protocol.roster[bob.leaf].appearance.muted
    table.leave(mallory)  # her connection ends: it is still hers, not Bob's
    table.wait(61.0)
    assert host.names == ["Hana", "Bob"]


def forge(seat: Seat, content: Content, *, sender: int | None = None, **change: Any) -> bytes:
    """Speak with a member's keys as its client never would; `change`: key, signature, tag."""
    assert seat.protocol.membership is not None
    state = seat.protocol.membership.group._state
    leaf = state.leaf if sender is None else sender
    framed = FramedContent(
        state.context.group_id, state.context.epoch, Sender.member(leaf), content
    )
    key = change.get("key", state.signing_key)
    signed = AuthenticatedContent.sign(framed, state.context, key, WireFormat.PRIVATE_MESSAGE)
    if "signature" in change:
        auth = type(signed.auth)(change["signature"])
        signed = AuthenticatedContent(signed.wire_format, signed.content, auth)
    if "tag" in change:
        signed = signed.with_confirmation(change["tag"])
    message, _ = PrivateMessage.protect(signed, state.secrets.sender_data_secret, state.keys)
    return encode_message(message)


@pytest.mark.parametrize("how", ["unsigned", "signed with its own key", "signed with a new key"])
def test_attack_a_member_says_a_line_in_the_hosts_name(table: Table, how: str) -> None:
    host = table.host()
    mallory, ada = table.join(host, "Mallory"), table.join(host, "Ada")
    change: dict[str, Any] = {
        "unsigned": {"signature": bytes(64)},
        "signed with its own key": {},
        "signed with a new key": {"key": SigningKey.generate()},
    }[how]
    line = encode_member(Chat(bytes(8), "I am the host", 0))
    mallory.protocol.out.outbox.append(
        wire.SendApplication(forge(mallory, line, sender=host.leaf, **change))
    )
    table.settle()
    assert ada.lines == host.lines == []
    assert ada.last(events.ErrorEvent).code.startswith("e2ee.")
    table.say(host, "really")
    assert ada.lines == ["Hana: really"]


@pytest.mark.parametrize(
    "kind", ["external", "external by a member", "bad leaf signature", "unknown secret"]
)
def test_attack_the_server_delivers_a_commit_that_no_client_makes(table: Table, kind: str) -> None:
    host = table.host()
    ada, bob = table.join(host, "Ada"), table.join(host, "Bob")
    assert host.protocol.membership is not None
    keys, state = room_keys(table.link.secret), host.protocol.membership.group._state
    external = Commit((ExternalInit(bytes(32)),), None)
    new = Sender(SenderType.NEW_MEMBER_COMMIT)
    framed = FramedContent(state.context.group_id, state.context.epoch, new, external)
    signed = AuthenticatedContent.sign(
        framed, state.context, SigningKey.generate(), WireFormat.PUBLIC_MESSAGE
    )
    package = new_bundles(DeviceIdentity.generate(), "Cat", keys, now=table.now)[0].key_package
    bad = replace(package, leaf_node=replace(package.leaf_node, signature=bytes(64)))
    message = {
        "external": lambda: encode_message(
            PublicMessage(framed, signed.with_confirmation(bytes(32)).auth)
        ),
        "external by a member": lambda: forge(host, external, tag=bytes(32)),
        "bad leaf signature": lambda: forge(host, Commit((Add(bad),)), tag=bytes(32)),
        "unknown secret": lambda: commit_by(table, host, psks={b"other": b"secret"}),
    }[kind]()
    before = state_of(ada), state_of(bob)
    server_delivers_commit_of(table, host, message)
    table.settle()
    assert all(seat.told(events.ErrorEvent) for seat in (ada, bob))
    assert before == (state_of(ada), state_of(bob))
    if kind != "unknown secret":  # that used up a key of the host's
        table.say(ada, "hello")
        assert host.lines == bob.lines == ["Ada: hello"]


def test_a_replayed_message_is_not_shown_twice(table: Table) -> None:
    host = table.host()
    ada = table.join(host, "Ada")
    ada.tamper = lambda message: (
        [message] * 2 if isinstance(message, wire.ApplicationDelivered) else [message]
    )
    table.say(host, "once")
    assert ada.lines == ["Hana: once"]
    assert ada.last(events.ErrorEvent).code == "e2ee.replay"


def test_a_replayed_commit_changes_nothing(table: Table) -> None:
    host = table.host()
    ada = table.join(host, "Ada")
    ada.tamper = lambda message: (
        [message] * 2 if isinstance(message, wire.CommitDelivered) else [message]
    )
    table.join(host, "Bob")
    assert state_of(ada) == state_of(host)
    assert ada.told(events.ErrorEvent)


def test_a_message_delivered_as_a_commit_and_the_other_way_round_is_refused(table: Table) -> None:
    host = table.host()
    ada = table.join(host, "Ada")

    def swap(message: wire.ServerMessage) -> list[wire.ServerMessage]:
        match message:
            case wire.ApplicationDelivered():
                return [wire.CommitDelivered(9, message.message)]
            case wire.CommitDelivered():
                return [wire.ApplicationDelivered(message.commit)]
        return [message]

    ada.tamper = swap
    before = ada.protocol.epoch
    table.say(host, "hello")
    assert ada.last(events.ErrorEvent).code == "wire.malformed"
    table.join(host, "Bob")
    assert ada.protocol.epoch == before
    assert not ada.lines


def test_two_participants_with_look_alike_names_are_told_apart_everywhere(table: Table) -> None:
    host = table.host("Hana")
    ada = table.knock("Нana")  # a Cyrillic letter first
    piece = ada.identity.fingerprint.removeprefix("SHA256:")[:8]
    assert host.last(events.Knock).name == f"Нana ({piece})"
    host.protocol.admit(host.last(events.Knock).knock, table.now)
    table.settle()
    table.say(ada, "I am the host")
    real = host.identity.fingerprint.removeprefix("SHA256:")[:8]
    assert host.names == ada.names == [f"Hana ({real})", f"Нana ({piece})"]
    assert host.lines == [f"Нana ({piece}): I am the host"]


def test_a_known_person_with_another_key_is_told_of_at_the_door_and_inside(table: Table) -> None:
    host = table.host("Hana")
    host.protocol.known.put(Pin("Ada", DeviceIdentity.generate().public_blob))
    eve = table.join(host, "Аda")  # a Cyrillic letter first
    assert host.last(events.Knock).key_state == "changed"
    assert host.last(events.ParticipantJoined).participant.key_state == "changed"
    changed = host.last(events.KeyChanged)
    assert (changed.leaf, changed.new) == (eve.leaf, eve.identity.fingerprint)
    assert changed.old == host.protocol.known.pins[0].fingerprint
    assert host.protocol.known.news == []


def test_people_are_pinned_by_joining_and_not_by_knocking(table: Table) -> None:
    host = table.host("Hana")
    table.knock("Mallory")
    host.protocol.refuse(host.last(events.Knock).knock)
    table.settle()
    ada = table.join(host, "Ada")
    assert [pin.name for pin in host.protocol.known.news] == ["Ada"]
    assert [pin.name for pin in ada.protocol.known.news] == ["Hana"]
    again = table.join(host, "Ada", identity=ada.identity)
    assert host.told(events.KeyChanged) == again.told(events.KeyChanged) == []


def test_chat_with_escape_sequences_and_overrides_is_shown_without(table: Table) -> None:
    host = table.host()
    mallory = table.join(host, "Mallory")
    assert mallory.protocol._inside is not None
    chat = Chat(id=bytes(8), text="\x1b]0;pwned\x07pay \u202e001\u202c [b]now[/b]", sent=2**53)
    message = mallory.protocol._inside.membership.protect(chat)
    mallory.protocol.out.outbox.append(wire.SendApplication(message))
    table.settle()
    line = host.last(events.ChatReceived)
    assert line.text == "pay 001 [b]now[/b]"
    assert abs(line.sent.timestamp() - table.now) < 60  # a clock that is far off is not shown


@pytest.mark.parametrize(
    "lie",
    [
        wire.CommitAccepted(1),
        wire.CommitRejected(1),
        wire.ApplicationAccepted(),
        wire.ParticipantGone(77),
        wire.KnockWithdrawn(77),
        wire.KnockReceived(77, b"junk"),
        wire.CommitDelivered(1, b"junk"),
        wire.ApplicationDelivered(b"junk"),
    ],
)
def test_a_lie_of_the_server_changes_nothing(table: Table, lie: wire.ServerMessage) -> None:
    host = table.host()
    ada = table.join(host, "Ada")
    before = state_of(host), state_of(ada)
    for seat in (host, ada):
        table.deliver(seat, lie)
    table.settle()
    assert before == (state_of(host), state_of(ada))
    table.say(ada, "hello")
    assert host.lines == ["Ada: hello"]


def test_a_commit_that_loses_is_made_again_on_top_of_the_winner(table: Table) -> None:
    host = table.host()
    ada, bob = table.join(host, "Ada"), table.join(host, "Bob")
    table.knock("Cleo")
    renewal = commit_by(table, ada, path=True)  # a member renews its keys at the same moment
    assert ada.protocol._inside is not None
    server_delivers_commit_of(table, ada, renewal)
    host.protocol.admit(host.last(events.Knock).knock, table.now)
    table.wait(1.0)
    assert host.names == bob.names == ["Hana", "Ada", "Bob", "Cleo"]
    assert any(isinstance(message, wire.CommitRejected) for _, message in table.log)


def test_a_change_the_server_never_takes_is_given_up(table: Table) -> None:
    host = table.host()
    ada = table.knock("Ada")

    def never(message: wire.ServerMessage) -> list[wire.ServerMessage]:
        return [wire.CommitRejected(0)] if isinstance(message, wire.CommitAccepted) else [message]

    host.tamper = never
    host.protocol.admit(host.last(events.Knock).knock, table.now)
    table.wait(10.0)
    assert host.last(events.ErrorEvent).code == "wire.malformed"
    assert host.names == ["Hana"]
    assert ada.conn  # the table has settled: nothing is tried for ever


# --- fresh keys ---


def leaf_keys(seat: Seat) -> dict[int, bytes]:
    """The keys of all leaves as one member's tree has them."""
    tree = seat.protocol.membership.group._state.tree
    return {leaf: node.encryption_key for leaf, node in tree.leaves()}


def test_everybody_renews_its_key_soon_after_coming_in(table: Table) -> None:
    host = table.host()
    ada, bob = table.join(host, "Ada"), table.join(host, "Bob")
    before = leaf_keys(host)
    table.wait(120)
    after = leaf_keys(host)
    assert all(before[leaf] != after[leaf] for leaf in before)
    assert leaf_keys(ada) == leaf_keys(bob) == after
    assert state_of(host) == state_of(ada) == state_of(bob)
    commits = [message for _, message in table.log if isinstance(message, wire.SubmitCommit)]
    assert 3 <= len(commits) <= 2 + 3  # two came in; Updates share Commits


def test_only_who_acts_renews_by_a_commit_and_every_five_minutes(table: Table) -> None:
    host = table.host()
    ada = table.join(host, "Ada")
    table.wait(120)
    before = leaf_keys(ada)
    table.wait(310)
    after = leaf_keys(ada)
    assert (before[host.leaf] != after[host.leaf], before[ada.leaf] == after[ada.leaf]) == (
        True,
        True,
    )


def test_who_is_alone_renews_nothing(table: Table) -> None:
    host = table.host()
    table.wait(600)
    assert host.protocol.epoch == 0


def test_who_leaves_is_removed_by_its_own_proposal(table: Table) -> None:
    host = table.host()
    ada, bob = table.join(host, "Ada"), table.join(host, "Bob")
    ada.protocol.leave()
    table.settle()
    table.leave(ada)
    said = [type(message) for conn, message in table.log if conn == ada.conn]
    assert said.index(wire.Propose) < said.index(wire.Leave)
    for seat in (host, bob):
        assert seat.names == ["Hana", "Bob"]
        assert seat.last(events.ParticipantLeft).reason == "left"


def test_attack_an_update_that_no_commit_can_take_keeps_nobody_out(table: Table) -> None:
    host = table.host()
    mallory = table.join(host, "Mallory")
    state = mallory.protocol.membership.group._state
    leaf = state.tree.member(mallory.leaf).for_update(leaf_keys(mallory)[host.leaf])
    leaf = leaf.signed(state.signing_key, state.context.group_id, mallory.leaf)
    message = mallory.protocol.membership.group._propose(Update(leaf), state)
    mallory.protocol.out.outbox.append(wire.Propose(message))
    table.settle()
    assert host.protocol.membership.proposals.updates.keys() == {mallory.leaf}
    bob = table.join(host, "Bob")
    assert bob.names == ["Hana", "Mallory", "Bob"]


def test_attack_the_server_keeps_a_proposal_from_a_member(table: Table) -> None:
    """A Commit that names what we do not hold is refused, and changes nothing."""
    host = table.host()
    ada, bob = table.join(host, "Ada"), table.join(host, "Bob")
    epoch = bob.protocol.epoch
    bob.tamper = lambda message: [] if isinstance(message, wire.ProposalDelivered) else [message]
    table.wait(60)
    assert host.protocol.epoch == ada.protocol.epoch > epoch
    assert bob.last(events.ErrorEvent).message == "a Commit names a proposal we have not received"


def test_updates_wait_for_one_commit_in_ten_seconds(table: Table) -> None:
    host = table.host()
    people = [table.join(host, name) for name in ("Ada", "Bob", "Cleo")]
    table.wait(60)  # everybody has renewed
    epoch = host.protocol.epoch
    for seat in people:
        seat.protocol.out.outbox.append(seat.protocol.membership.propose_update())
        table.settle()
        table.wait(1)
    assert host.protocol.epoch == epoch + 1  # the first one at once
    table.wait(12)
    assert host.protocol.epoch == epoch + 2  # the others together
    assert {state_of(seat)[0] for seat in [host, *people]} == {epoch + 2}
