from __future__ import annotations

from rooms.events import ChatReceived, Reaction, utc_now
from tui import thread as module
from tui.thread import Thread


def line(key: str, name: str = "Ada") -> ChatReceived:
    return ChatReceived(id=key, leaf=1, name=name, text=f"text {key}", sent=utc_now())


def reaction(key: str, name: str = "Grace", emoji: str = "👍", on: bool = True) -> Reaction:
    return Reaction(chat=key, leaf=2, name=name, emoji=emoji, on=on)


def test_reactions_are_counted_by_name_and_taken_back() -> None:
    thread = Thread()
    thread.add(line("a"))
    for name in ("Grace", "Alan", "Grace"):
        assert thread.react(reaction("a", name))
    thread.react(reaction("a", "Alan", "🎉"))
    assert thread.reactions("a") == {"👍": ["Alan", "Grace"], "🎉": ["Alan"]}
    thread.react(reaction("a", "Alan", on=False))
    thread.react(reaction("a", "Alan", "🎉", on=False))
    assert thread.reactions("a") == {"👍": ["Grace"]}


def test_a_reaction_to_a_line_nobody_showed_changes_nothing() -> None:
    thread = Thread()
    assert not thread.react(reaction("unknown"))
    assert thread.reactions("unknown") == {}


def test_it_is_bounded(monkeypatch) -> None:
    monkeypatch.setattr(module, "KEPT", 2)
    thread = Thread()
    thread.add(line("a"))
    thread.react(reaction("a"))
    thread.add(line("b"))
    thread.add(line("c"))
    assert thread.line("a") is None
    assert thread.reactions("a") == {}
    assert not thread.react(reaction("a"))
