"""Files in a room: sent to those who are in it, piece by piece, and nothing else believed."""

from __future__ import annotations

import os

import pytest

from e2ee.errors import AuthenticationError
from e2ee.file_chunks import CHUNK, MAX_FILE, Content, chunk_key, open_chunk
from rooms import events, files, shelf, wire
from rooms.download import SLOWEST, STALL
from rooms.events import FileDone, FileFailed, FileOffered, FileProgress
from rooms.heartbeat import PERIOD, SILENCE
from rooms.member_wire import FileOffer, encode_member
from rooms.roles import SetPolicy
from rooms.window import MOST_AHEAD

SMALL = b"what is in it"
LARGE = os.urandom(100 * CHUNK)


@pytest.fixture
def three(table):
    """A host, Ana and Ben."""
    host = table.host()
    return host, table.join(host, "Ana"), table.join(host, "Ben")


def send(table, seat, content: bytes = SMALL, name: str = "report.pdf") -> Content:
    """Have a file sent, as far as it goes."""
    made = Content(content)
    seat.protocol.send_file(name, made)
    table.settle()
    return made


def has(seat, file: Content) -> bytes | None:
    return seat.protocol.files.read(file.id)


def part_way(table, seat) -> Content:
    """Have a large file sent in part."""
    file = Content(LARGE)
    seat.protocol.send_file("large", file)
    for _ in range(8):
        table.send(seat)
        for conn, message in table.take(table.hall):
            table.deliver(table.seats[conn], message)
    return file


def pieces(table) -> list[wire.SendChunk]:
    """Every piece that was sent so far."""
    return [message for _, message in table.log if isinstance(message, wire.SendChunk)]


def dropping(condition):
    """A server that loses what fulfils a condition."""
    return lambda message: [] if condition(message) else [message]


def is_piece(message: object) -> bool:
    return isinstance(message, wire.ChunkDelivered)


# --- what is sent arrives ---


@pytest.mark.parametrize("content", [b"", SMALL, LARGE], ids=["empty", "small", "large"])
def test_everybody_gets_it_and_is_told_whose_it_is(table, three, content) -> None:
    host, ana, ben = three
    file = send(table, ana, content)
    for seat in (host, ben):
        assert has(seat, file) == content
        offered, done = seat.last(FileOffered), seat.last(FileDone)
        assert (offered.name, offered.leaf) == ("Ana", ana.leaf)
        assert (offered.file_name, offered.size, offered.mine) == (
            "report.pdf",
            len(content),
            False,
        )
        assert offered.file == done.file == file.id.hex()
        assert offered.number == done.number == 1
    assert ana.last(FileOffered).mine
    assert ana.last(FileDone).mine


def test_the_server_gets_neither_name_nor_content_nor_key(table, three) -> None:
    content = Content(SMALL * 100)
    three[1].protocol.send_file("secret-plan.pdf", content)
    table.settle()
    seen = b"".join(wire.encode(m) for _, m in table.log)
    for secret in (b"secret-plan", SMALL, content.key, content.first_hash):
        assert secret not in seen


def test_progress_is_told_now_and_then(table, three) -> None:
    host, ana, _ = three
    send(table, ana, LARGE)
    for seat in (host, ana):
        told = seat.told(FileProgress)
        assert 2 < len(told) < 100
        assert [e.done for e in told] == sorted(e.done for e in told)


def test_a_line_does_not_wait_behind_a_file(table, three) -> None:
    _, ana, _ = three
    part_way(table, ana)
    ana.protocol.say("quick", table.now)
    *ahead, line = ana.protocol.out.outbox
    assert 0 < len(ahead) <= MOST_AHEAD
    assert isinstance(line, wire.SendApplication)


def test_one_file_at_a_time(table, three) -> None:
    _, ana, ben = three
    first = Content(LARGE)
    ana.protocol.send_file("first", first)
    ana.protocol.send_file("second", Content(SMALL))
    table.settle()
    assert ana.last(events.ErrorEvent).code == "file.busy"
    assert has(ben, first) == LARGE
    assert [e.file_name for e in ben.told(FileOffered)] == ["first"]
    assert has(ben, send(table, ana)) == SMALL


def test_an_honest_client_stays_below_what_a_server_allows(table, three) -> None:
    _, ana, ben = three
    for _ in range(2):
        file = send(table, ana, bytes(MAX_FILE))
        table.wait(30)
        assert has(ben, file) == bytes(MAX_FILE)
    assert not ana.told(events.Ended)


def test_a_clock_that_is_set_neither_hurries_nor_ends_a_file(table, three) -> None:
    _, ana, ben = three
    file = part_way(table, ana)
    table.now += 3600
    table.settle()
    assert has(ben, file) == LARGE
    for step in (-7200, 7200):
        file = part_way(table, ana)
        table.now += step
        table.settle()
        assert has(ben, file) == LARGE
    assert not ana.told(events.Ended)


def test_whoever_may_not_write_sends_no_file(table, three) -> None:
    host, ana, ben = three
    host.protocol.change(SetPolicy("chat", False), table.now)
    table.settle()
    send(table, ana)
    assert ana.last(events.ErrorEvent).code == "room.policy"
    assert not ben.told(FileOffered)
    assert has(ben, send(table, host)) == SMALL


def test_a_file_waits_while_sending_has_stopped(table, three) -> None:
    _, ana, _ = three
    ana.tamper = dropping(lambda m: isinstance(m, wire.HeartbeatDelivered))
    part_way(table, ana)
    for _ in range(int(SILENCE)):
        table.now += 1.1
        table.send(ana)  # its clock ticks: nobody confirms its keys
    assert ana.protocol.sending_stopped
    before = len(pieces(table))
    table.settle()
    assert len(pieces(table)) == before
    ana.tamper = None
    table.wait(2 * PERIOD)
    assert not ana.protocol.sending_stopped
    assert ana.told(FileDone)


# --- epochs ---


def test_a_file_goes_on_over_epochs(table, three) -> None:
    host, ana, ben = three
    file = part_way(table, ana)
    host.protocol.change(SetPolicy("ai", True), table.now)
    table.settle()
    epoch = ana.protocol.epoch
    assert {piece.epoch for piece in pieces(table)} == {epoch - 1, epoch}
    assert has(ben, file) == LARGE


def test_attack_a_removed_member_reads_on_with_the_servers_help(table, three) -> None:
    host, ana, ben = three
    file = part_way(table, ana)
    group = ben.protocol.membership.group
    its_key = chunk_key(file.key, file.id, group)
    host.protocol.remove(ben.leaf, table.now)
    table.settle()
    assert has(host, file) == LARGE
    later = [piece for piece in pieces(table) if piece.epoch > group.epoch]
    assert later
    for piece in later:
        with pytest.raises(AuthenticationError, match="decrypt"):
            open_chunk(its_key, file.id, piece.index, file.first_hash, piece.sealed)


def test_attack_a_joiner_reads_the_end_of_a_file_sent_before(table, three) -> None:
    host, ana, _ = three
    file = part_way(table, ana)
    late = table.join(host, "Cleo")
    assert has(host, file) == LARGE
    assert not late.told(FileOffered)
    assert has(late, file) is None
    assert not late.told(events.ErrorEvent)


def test_a_file_announced_in_an_epoch_that_ends_is_announced_again(table, three) -> None:
    host, ana, ben = three
    file = Content(SMALL)
    ana.protocol.send_file("report.pdf", file)
    (offer,) = ana.protocol.out.take().outbox
    host.protocol.change(SetPolicy("ai", True), table.now)
    table.settle()  # the Commit is there before what announced the file
    table.hall.received(ana.conn, wire.encode(offer), table.now)
    table.settle()
    assert has(ben, file) == SMALL
    assert len(ben.told(FileOffered)) == 1


# --- ends ---


@pytest.mark.parametrize("lost", [1, 2], ids=["sender", "receiver"])
def test_whoever_loses_the_connection_is_told_that_the_file_is_lost(table, three, lost) -> None:
    _, ana, _ = three
    part_way(table, ana)
    table.lose(three[lost])
    assert three[lost].last(FileFailed).reason == "disconnected"
    table.reconnect(three[lost])
    table.wait(5)
    assert three[lost].told(events.Reconnected)
    assert not three[lost].told(FileDone)


def test_files_that_are_here_stay_over_a_lost_connection(table, three) -> None:
    _, ana, ben = three
    file = send(table, ana)
    table.lose(ben)
    assert has(ben, file) == SMALL
    table.reconnect(ben)
    table.wait(5)
    assert has(ben, file) == SMALL
    send(table, ana)
    assert ben.last(FileOffered).number == 2


def test_a_sender_that_leaves_in_the_middle_is_noticed(table, three) -> None:
    host, ana, ben = three
    part_way(table, ana)
    ana.protocol.leave()
    table.settle()
    assert ana.last(FileFailed).reason == "disconnected"
    table.wait(STALL + 1)
    for seat in (host, ben):
        assert seat.last(FileFailed).reason == "incomplete"


def test_a_sender_that_leaves_after_the_last_piece_has_sent_it(table, three) -> None:
    host, ana, _ = three
    file = send(table, ana, LARGE)
    ana.protocol.leave()
    table.wait(STALL + 1)
    assert has(host, file) == LARGE
    assert not host.told(FileFailed)


# --- a hostile server ---


def test_attack_the_server_drops_a_piece(table, three) -> None:
    _, ana, ben = three
    ben.tamper = dropping(lambda m: is_piece(m) and m.index == 5)
    file = send(table, ana, LARGE)
    table.wait(STALL + 1)
    assert ben.last(FileFailed).reason == "incomplete"
    assert has(ben, file) is None


def test_attack_the_server_cuts_the_file_short(table, three) -> None:
    _, ana, ben = three
    ben.tamper = dropping(lambda m: is_piece(m) and m.index >= 50)
    file = send(table, ana, LARGE)
    assert not ben.told(FileDone)
    table.wait(STALL + 1)
    assert ben.last(FileFailed).reason == "incomplete"
    assert has(ben, file) is None


def test_attack_the_server_swaps_pieces(table, three) -> None:
    _, ana, ben = three
    held: list[wire.ChunkDelivered] = []

    def swap(message):
        if not is_piece(message) or message.index not in (3, 4):
            return [message]
        held.append(message)
        return [] if len(held) == 1 else [held[1], held[0]]

    ben.tamper = swap
    file = send(table, ana, LARGE)
    table.wait(STALL + 1)
    assert has(ben, file) is None
    assert not ben.told(events.Ended)


def test_attack_the_server_plays_every_piece_again(table, three) -> None:
    _, ana, ben = three
    ben.tamper = lambda message: [message, message] if is_piece(message) else [message]
    assert has(ben, send(table, ana, LARGE)) == LARGE
    assert len(ben.told(FileDone)) == 1


def test_attack_the_server_changes_a_piece(table, three) -> None:
    _, ana, ben = three

    def change(message):
        if not is_piece(message):
            return [message]
        bad = bytes([message.sealed[0] ^ 1]) + message.sealed[1:]
        return [wire.ChunkDelivered(message.file, message.epoch, message.index, bad), message]

    ben.tamper = change
    assert has(ben, send(table, ana, LARGE)) == LARGE


def test_attack_pieces_of_files_nobody_announced(table, three) -> None:
    _, ana, _ = three
    for _ in range(50):
        ana.protocol.received(
            wire.ChunkDelivered(os.urandom(16), ana.protocol.epoch, 0, bytes(32816)), table.now
        )
    assert not ana.protocol.out.take().events


def test_attack_the_server_acknowledges_what_was_never_sent(table, three) -> None:
    _, ana, _ = three
    ana.protocol.send_file("report.pdf", Content(SMALL))
    ana.protocol.received(wire.ChunkAccepted(), table.now)
    assert ana.protocol.out.take().events[-1].code == "wire.malformed"
    table.settle()


# --- a hostile member ---


def announce(table, seat, offer: FileOffer) -> None:
    """Have a member announce what its client would not."""
    sealed = seat.protocol.membership.group.protect(encode_member(offer))
    seat.protocol.out.outbox.append(wire.SendApplication(sealed))
    seat.protocol._inside._conversation._in_flight.append(None)
    table.settle()


def offer_of(content: Content, name: str = "x") -> FileOffer:
    return FileOffer(content.id, name, content.size, content.first_hash, content.key)


def test_attack_a_member_puts_pieces_of_its_own_into_anothers_file(table, three) -> None:
    host, ana, ben = three
    file = Content(LARGE)
    ana.protocol.send_file("large", file)
    forged = Content(bytes(len(LARGE)), file.id)
    forged.key = file.key  # it was told to the forger, as to everybody
    group = ben.protocol.membership.group
    for index in range(8):
        piece = wire.SendChunk(file.id, group.epoch, index, forged.seal(index, group))
        table.hall.received(ben.conn, wire.encode(piece), table.now)
        table.send(ana)
        for conn, message in table.take(table.hall):
            if not isinstance(message, wire.ChunkAccepted) or conn != ben.conn:
                table.deliver(table.seats[conn], message)
    table.settle()
    assert has(host, file) == LARGE


def test_attack_a_member_announces_anothers_file_as_its_own(table, three) -> None:
    host, ana, ben = three
    file = send(table, ana)
    announce(table, ben, offer_of(file, "mine"))
    (offered,) = host.told(FileOffered)
    assert (offered.name, offered.file_name) == ("Ana", "report.pdf")
    assert has(host, file) == SMALL


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "/etc/passwd", "..\\..\\passwd", "\x1b]0;x\x07/passwd"]
)
def test_attack_a_name_with_a_path_or_escapes(table, three, name) -> None:
    host, ana, _ = three
    announce(table, ana, offer_of(Content(SMALL), name))
    assert host.last(FileOffered).file_name == "passwd"


def test_attack_an_announcement_of_more_than_is_allowed(table, three) -> None:
    host, ana, _ = three
    content = Content(SMALL)
    offer = FileOffer(content.id, "x", MAX_FILE + 1, content.first_hash, content.key)
    announce(table, ana, offer)
    assert host.last(events.ErrorEvent).code == "wire.malformed"
    assert not host.told(FileOffered)


def test_attack_announcements_that_nothing_comes_of_take_up_no_room_for_long(table, three) -> None:
    host, ana, ben = three
    for _ in range(10):
        content = Content(SMALL)
        offer = FileOffer(content.id, "x", MAX_FILE, content.first_hash, content.key)
        announce(table, ana, offer)
    assert len(host.protocol.files._shelf.coming()) * MAX_FILE <= shelf.MAX_BYTES
    assert host.last(FileFailed).reason == "no_room"
    table.wait(STALL + 1)
    assert not host.protocol.files._shelf.coming()
    assert has(host, send(table, ben)) == SMALL


def test_attack_a_member_keeps_a_place_by_a_piece_now_and_then(table, three) -> None:
    host, ana, _ = three
    content, group = Content(LARGE), ana.protocol.membership.group
    announce(table, ana, offer_of(content))
    pieces_in_time = int((STALL + content.count * SLOWEST) / (STALL - 1))
    for index in range(pieces_in_time + 1):
        assert not host.told(FileFailed)
        piece = wire.SendChunk(content.id, group.epoch, index, content.seal(index, group))
        table.hall.received(ana.conn, wire.encode(piece), table.now)
        for conn, message in table.take(table.hall):
            if conn == host.conn:
                table.deliver(host, message)
        table.wait(STALL - 1)
    assert host.last(FileFailed).reason == "incomplete"


def test_attack_a_flood_of_announcements_is_cut_off(table, three) -> None:
    host, ana, _ = three
    for _ in range(120):
        sealed = ana.protocol.membership.group.protect(encode_member(offer_of(Content(SMALL))))
        host.protocol.received(wire.ApplicationDelivered(sealed), table.now)
    table.settle()
    assert len(host.told(FileOffered)) == 100
    assert "writes too fast" in host.last(events.Note).text


def test_attack_announcements_make_one_forget_a_file_that_is_coming(
    table, three, monkeypatch
) -> None:
    monkeypatch.setattr(files, "REMEMBERED", 8)
    host, ana, ben = three
    file = part_way(table, ana)
    for _ in range(20):
        sealed = ben.protocol.membership.group.protect(encode_member(offer_of(Content(SMALL))))
        for seat in (host, ana):
            seat.protocol.received(wire.ApplicationDelivered(sealed), table.now)
    table.settle()
    assert has(host, file) == LARGE
    assert ana.last(FileDone).mine
    table.wait(STALL + 1)
    assert len(host.told(FileFailed)) == 20


def test_the_oldest_ids_are_forgotten(table, three, monkeypatch) -> None:
    monkeypatch.setattr(files, "REMEMBERED", 8)
    host, ana, _ = three
    for _ in range(12):
        send(table, ana)
    assert len(host.protocol.files._known) == 8
    assert host.last(FileOffered).number == 12
