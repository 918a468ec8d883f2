"""Verification during a call: codes, answers, and what is kept of them."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from rooms import events, verifying
from rooms.people_file import PeopleFile
from rooms.verifying import Verifying

if TYPE_CHECKING:
    from tests.rooms.conftest import Seat, Table


class Desk:
    """One person's verification, and what it told."""

    def __init__(self, seat: Seat, people: PeopleFile | None = None) -> None:
        self.told: list[events.AnyEvent] = []
        self._news = asyncio.Event()
        self.verifying = Verifying(seat.protocol, people, self._tell)

    def _tell(self, event: events.AnyEvent) -> None:
        self.told.append(event)
        self._news.set()

    async def code(self) -> events.VerificationCode:
        self.verifying.ask()
        async with asyncio.timeout(20):
            while not (self.told and isinstance(self.told[-1], events.VerificationCode)):
                self._news.clear()
                await self._news.wait()
        code = self.told.pop()
        assert isinstance(code, events.VerificationCode)
        return code

    def states(self, seat: Seat) -> list[str]:
        assert seat.protocol.roster is not None
        return [person.key_state for person in seat.protocol.roster.participants()]


def opened(table: Table, kept: PeopleFile) -> tuple[Seat, Desk]:
    host = table.sit("Hana", hosting=True, identity=table.host_identity)
    desk = Desk(host, kept)
    host.protocol.start(table.now)
    table.settle()
    return host, desk


@pytest.fixture
def kept(tmp_path: Path) -> PeopleFile:
    return PeopleFile(tmp_path / "known_people")


async def test_everybody_computes_the_same_code_and_another_one_in_another_epoch(
    table: Table,
) -> None:
    host = table.host()
    ada, bob = table.join(host, "Ada"), table.join(host, "Bob")
    desks = [Desk(seat) for seat in (host, ada, bob)]
    codes = [await desk.code() for desk in desks]
    assert codes[0].digits == codes[1].digits == codes[2].digits
    assert codes[0].words == codes[1].words == codes[2].words
    host.protocol.remove(bob.leaf, table.now)
    table.settle()
    later = [await desk.code() for desk in desks[:2]]
    assert later[0].digits == later[1].digits != codes[0].digits
    assert later[0].epoch == codes[0].epoch + 1


async def test_the_same_code_verifies_everybody_here_and_is_remembered(
    table: Table, kept: PeopleFile
) -> None:
    host, desk = opened(table, kept)
    ada = table.join(host, "Ada")
    epoch = (await desk.code()).epoch
    desk.verifying.answer(same=True)
    assert desk.told[-1] == events.CodeCompared(
        epoch=epoch, same=True, people=1, time=desk.told[-1].time
    )
    assert desk.states(host) == ["known", "verified"]
    assert (desk.verifying.epoch, desk.verifying.since) == (epoch, 0)
    table.join(host, "Bob")
    assert (desk.verifying.epoch, desk.verifying.since) == (epoch, 1)
    desk.verifying.remember()
    await desk.verifying.close()
    people = kept.load()
    assert people.state("Ada", ada.identity.public_blob) == "verified"
    assert people.state("Ada", host.identity.public_blob) == "changed"
    assert sorted(pin.name for pin in people.pins) == ["Ada", "Bob"]


async def test_a_different_code_verifies_nobody_and_takes_back_what_was_verified(
    table: Table,
) -> None:
    host = table.host()
    desk = Desk(host)
    table.join(host, "Ada")
    await desk.code()
    desk.verifying.answer(same=True)
    await desk.code()
    desk.verifying.answer(same=False)
    assert desk.verifying.epoch is None
    compared = desk.told[-1]
    assert isinstance(compared, events.CodeCompared)
    assert not compared.same


async def test_only_those_are_verified_whose_code_was_shown(table: Table) -> None:
    """Somebody who slips in between the question and the answer is not among them."""
    host = table.host()
    desk = Desk(host)
    table.join(host, "Ada")
    await desk.code()
    table.join(host, "Eve")
    desk.verifying.answer(same=True)
    assert desk.states(host) == ["known", "verified", "new"]
    assert desk.verifying.since == 1


async def test_a_code_of_an_epoch_that_is_over_is_never_told(
    table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = table.host()
    desk = Desk(host)
    real, computed = verifying._Moment.code, []

    def while_somebody_comes(moment: verifying._Moment) -> object:
        computed.append(moment.epoch)
        if len(computed) == 1:
            table.join(host, "Ada")
        return real(moment)

    monkeypatch.setattr(verifying._Moment, "code", while_somebody_comes)
    code = await desk.code()
    assert computed == [code.epoch - 1, code.epoch]


async def test_an_answer_counts_once_and_only_after_a_question(table: Table) -> None:
    seat = table.sit("Ada")
    desk = Desk(seat)
    desk.verifying.ask()
    desk.verifying.answer(same=True)
    assert [type(event) for event in desk.told] == [events.Note, events.Note]
    host = table.host()
    desk = Desk(host)
    await desk.code()
    desk.verifying.answer(same=True)
    assert desk.verifying.epoch is None  # alone there is nobody to verify
    desk.verifying.answer(same=True)
    assert isinstance(desk.told[-1], events.Note)


async def test_a_code_is_computed_once_however_often_it_is_asked_for(
    table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = table.host()
    desk = Desk(host)
    real, computed = verifying._Moment.code, []

    def counted(moment: verifying._Moment) -> object:
        computed.append(moment.epoch)
        return real(moment)

    monkeypatch.setattr(verifying._Moment, "code", counted)
    codes = await asyncio.gather(*(desk.verifying.code() for _ in range(5)))
    assert len({tuple(code.digits) for code in codes if code is not None}) == 1
    assert (len(computed), desk.told) == (1, [])
    assert await Desk(table.sit("Ada")).verifying.code() is None


async def test_an_answer_about_an_older_code_does_not_verify_who_came_since(table: Table) -> None:
    """Somebody compares the code of one epoch while another terminal shows that of the next."""
    host = table.host()
    desk = Desk(host)
    compared = await desk.code()
    table.join(host, "Eve")
    shown = await desk.code()
    assert not desk.verifying.answer(same=True, epoch=compared.epoch)
    assert desk.states(host) == ["known", "new"]
    assert desk.verifying.answer(same=True, epoch=shown.epoch)
    assert desk.states(host) == ["known", "verified"]


async def test_who_is_met_is_known_next_time(table: Table, kept: PeopleFile) -> None:
    host, desk = opened(table, kept)
    ada = table.join(host, "Ada")
    assert desk.states(host) == ["known", "new"]
    desk.verifying.remember()
    await desk.verifying.close()
    table.leave(ada)
    table.leave(host)
    again, desk = opened(table, kept)
    table.join(again, "Ada", identity=ada.identity)
    assert desk.states(again) == ["known", "known"]


async def test_a_disk_that_is_full_is_told_and_ends_nothing(table: Table, tmp_path: Path) -> None:
    host = table.host()
    (tmp_path / "file").write_bytes(b"")
    table.join(host, "Ada")
    desk = Desk(host)
    desk.verifying._file = PeopleFile(tmp_path / "file" / "known_people")
    desk.verifying.remember()
    await desk.verifying.close()
    (told,) = desk.told
    assert isinstance(told, events.ErrorEvent)
    assert "cannot be kept" in told.message


def test_a_code_is_in_no_repr() -> None:
    code = events.VerificationCode(epoch=3, digits=["12345"], words=["apple"])
    assert repr(code) == "VerificationCode(epoch=3, <hidden>)"
    moment = verifying._Moment(3, {}, b"authenticator")
    assert "authenticator" not in repr(moment)
