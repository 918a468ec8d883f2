from __future__ import annotations

from rooms.events import FirstAudio, FirstPicture, Joined
from tui.witness import Observer, complete, table


def met(*names: str) -> list[Observer]:
    observers = [Observer(name) for name in names]
    for leaf, observer in enumerate(observers):
        observer.on_event(Joined(leaf=leaf, epoch=1, participants=[]))
    return observers


def notice(one: Observer, other: Observer, call, someone) -> None:
    assert other.leaf is not None
    person = someone(other.leaf, other.name)
    one.on_event(FirstAudio(leaf=other.leaf, name=other.name))
    one.on_event(FirstPicture(leaf=other.leaf, name=other.name))
    call.participants = [person]
    call.on_event = [one.on_event]
    call.hear(other.leaf, "hello")


def test_it_is_complete_only_when_everybody_noticed_everybody(call, someone) -> None:
    ada, grace = met("Ada", "Grace")
    assert not complete([])
    assert not complete([ada, grace])
    notice(ada, grace, call, someone)
    assert not complete([ada, grace])
    notice(grace, ada, call, someone)
    assert complete([ada, grace])
    assert not complete([ada, grace, Observer("Alan")])


def test_reading_counts_lines_of_others_only(call, someone) -> None:
    ada, me = met("Ada", "Me")
    call.participants = [someone(1, "Me", me=True), someone(0, "Ada")]
    call.on_event = [me.on_event]
    call.hear(1, "to myself")
    assert me.read == set()
    call.hear(0, "hello")
    assert me.noticed(ada) == ["read"]


def test_the_table_names_what_is_missing(call, someone) -> None:
    ada, grace = met("Ada", "Grace")
    notice(ada, grace, call, someone)
    assert table([ada, grace]) == (
        "       Ada      Grace\nAda    -        heard saw read\nGrace  nothing  -"
    )
