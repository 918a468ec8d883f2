from __future__ import annotations

from tui.cli.exits import Exit


def test_a_robot_talks_is_seen_and_ends_with_its_input(sotto) -> None:
    host = sotto("call", "--headless", "--jsonl", "--listen", "127.0.0.1", "--admit", "all")
    link = host.expect("hosting")["link"]
    robot = sotto("robot", "--name", "Ada", "--seed", "1", stdin=link)
    assert host.expect("participant_joined")["participant"]["name"] == "Ada"
    for event in ("first_audio", "first_picture", "chat"):
        assert host.expect(event)["name"] == "Ada"
    host.write("Ada, are you there?")
    host.expect("chat", 3)
    robot.close_input()
    assert robot.wait() == Exit.DONE
    assert host.expect("participant_left")["reason"] == "left"
    assert link not in " ".join(robot.process.args)


def test_a_robot_is_nobody_to_remember(sotto) -> None:
    host = sotto("call", "--headless", "--jsonl", "--listen", "127.0.0.1", "--admit", "all")
    link = host.expect("hosting")["link"]
    for seed in ("1", "2"):
        robot = sotto("robot", "--name", "Ada", "--seed", seed, stdin=link)
        host.expect("knock", int(seed))
        robot.close_input()
        robot.wait()
    knocks = [event for event in host.events if event["event"] == "knock"]
    own = host.expect("joined")["participants"][0]["fingerprint"]
    assert len({own, *(knock["fingerprint"] for knock in knocks)}) == 3
