from __future__ import annotations

import asyncio

import pytest

import tui.crew as module
from rooms.events import AnyEvent, Note
from tui.crew import Crew

SAYS_WHAT_IT_GOT = """
import sys
link = sys.stdin.readline().strip()
print('{"event":"note","v":1,"time":"2026-01-01T00:00:00Z","text":"' + link + '"}', flush=True)
print("no json", flush=True)
print("words", file=sys.stderr, flush=True)
sys.stdin.read()
"""
IGNORES_EVERYTHING = "import time\nprint('up', flush=True)\ntime.sleep(60)"


@pytest.fixture
def played_by(monkeypatch, tmp_path):
    """Have the robots be this script."""

    def play(script: str) -> None:
        folder = tmp_path / "tui" / "cli"
        folder.mkdir(parents=True)
        (tmp_path / "tui" / "__init__.py").touch()
        (folder / "__init__.py").touch()
        (folder / "__main__.py").write_text(script)
        monkeypatch.setattr(module, "__file__", str(tmp_path / "tui" / "crew.py"))

    return play


async def test_robots_get_the_link_on_their_input_and_their_events_come_back(played_by) -> None:
    played_by(SAYS_WHAT_IT_GOT)
    heard: dict[str, list[AnyEvent]] = {"Ada": [], "Grace": []}
    crew = Crew({name: events.append for name, events in heard.items()})
    crew.invite("the link")
    async with asyncio.timeout(20):
        while not all(heard.values()):
            await asyncio.sleep(0.01)
    await crew.end()
    for events in heard.values():
        assert [event.text for event in events if isinstance(event, Note)] == ["the link"]
    assert [list(robot.last_words) for robot in crew.robots] == [["words"], ["words"]]


async def test_a_robot_that_does_not_end_is_killed(played_by, monkeypatch) -> None:
    monkeypatch.setattr(module, "END_GRACE", 0.05)
    played_by(IGNORES_EVERYTHING)
    crew = Crew({"Ada": lambda event: None})
    crew.invite("the link")
    await asyncio.sleep(0)
    async with asyncio.timeout(20):
        await crew.end()
        await crew.end()


async def test_a_crew_that_was_not_invited_has_nothing_to_end() -> None:
    crew = Crew({"Ada": lambda event: None})
    await crew.end()
    assert [list(robot.last_words) for robot in crew.robots] == [[]]
