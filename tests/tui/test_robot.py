from __future__ import annotations

import asyncio

import tui.robot as module
from rooms.events import Joined, ParticipantJoined
from tui.robot import Robot


def test_a_robot_greets_when_it_comes_and_when_others_come(someone) -> None:
    robot = Robot("Ada", 1)
    hello = robot.react(Joined(leaf=1, epoch=2, participants=[]))
    assert hello is not None
    assert hello[0] == 0.0
    welcome = robot.react(ParticipantJoined(participant=someone(2, "Grace")))
    assert welcome is not None
    assert "Grace" in welcome[1]


def test_a_line_that_names_it_is_answered_and_others_are_not(call, someone) -> None:
    call.participants = [someone(0, "Me"), someone(1, "Ada", me=True)]
    robot = Robot("Ada", 1)
    call.hear(0, "ada, do you hear me?")
    call.hear(0, "Adam does not")
    call.hear(1, "I am Ada")
    answers = [robot.react(line) for line in call.chat]
    assert [answer is not None for answer in answers] == [True, False, False]


def test_robots_do_not_answer_each_other_for_ever(call, someone) -> None:
    names = ("Ada", "Grace")
    call.participants = [someone(0, "Me"), someone(1, "Ada"), someone(2, "Grace")]
    robots = [Robot(name, seed) for seed, name in enumerate(names, 1)]
    for robot in robots:
        for _ in range(20):
            call.hear(0, "Ada and Grace?")
            answer = robot.react(call.chat[-1])
            assert answer is not None
            assert not any(name in answer[1] for name in names)
            assert not any(name in robot.small_talk() for name in names)


async def test_it_talks_by_itself_once_it_is_in(call, monkeypatch) -> None:
    monkeypatch.setattr(module, "PAUSE", 0.001)
    living = asyncio.create_task(Robot("Ada", 0).live(call))
    await asyncio.sleep(0.01)
    assert call.intents == []
    call.join()
    async with asyncio.timeout(5):
        while len(call.intents) < 3:
            await asyncio.sleep(0.001)
    living.cancel()
    assert {intent[0] for intent in call.intents} == {"say"}
    assert len({intent[1] for intent in call.intents}) >= 3
