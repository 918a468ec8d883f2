#!/usr/bin/env python3
"""Usage: standup.py TEAM SERVER [COMMAND...]: open a room, wait for three people, and start.

TEAM: file of the team's keys, who are let in; SERVER: as `sotto serve` prints it. COMMAND gets the
link on standard input, to tell everybody. Exit code 0: it took place; 124: too few came.
"""

import json
import os
import shlex
import subprocess
import sys

SOTTO = shlex.split(os.environ.get("SOTTO", "sotto"))
PEOPLE = 3
WAIT = os.environ.get("WAIT", "900")
"""Seconds the room is open."""
TURN = "You have two minutes. What did you do, what will you do, what is in your way?"


def main(team: str, server: str, *tell: str) -> int:
    options = "--headless --jsonl --bot --no-audio --no-video --name Stand-up --until chat=done"
    call = subprocess.Popen(
        [*SOTTO, "call", *options.split(), "--server", server, "--admit-keys", team, "--for", WAIT],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
    )
    here: dict[int, str] = {}
    started = False
    for line in call.stdout:
        match json.loads(line):
            case {"event": "hosting", "link": link} if tell:
                subprocess.run(tell, input=f"{link}\n", text=True, check=True)
            case {"event": "participant_joined", "participant": {"leaf": leaf, "name": name}}:
                here[leaf] = name
                missing = PEOPLE - len(here)
                if missing > 0:
                    say(call, f"Good morning, {name}. We wait for {missing} more.")
                elif not started:
                    started = True
                    order = ", ".join(sorted(here.values()))
                    say(call, f"We are {len(here)}: let us start, in this order: {order}.")
                    say(call, f"{TURN} Whoever is last writes: done")
            case {"event": "participant_left", "leaf": leaf}:
                here.pop(leaf, None)
    code = call.wait()
    return code if started else code or 124


def say(call: subprocess.Popen[str], text: str) -> None:
    call.stdin.write(f"/chat {text}\n")  # /chat, so that nobody's name makes it a command


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
