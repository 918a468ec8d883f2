#!/usr/bin/env python3
"""Usage: record.py FILE: record a call, once everybody in it has agreed, and only while they do.

The link is in SOTTO_LINK. Writes FILE-1.ogg, FILE-2.ogg and so on: a new one after each pause.
"""

import json
import os
import shlex
import signal
import subprocess
import sys

SOTTO = shlex.split(os.environ.get("SOTTO", "sotto"))
ASK = "May I record this call? Whoever agrees writes: yes. A single no ends the recording."


class Recorder:
    """Who is here, who has agreed, and the recording that goes on, if one does."""

    def __init__(self, file: str, link: str) -> None:
        self.file, self.link, self.parts = file, link, 0
        self.me = ""
        self.people: dict[int, str] = {}
        self.agreed: set[int] = set()
        self.recording: subprocess.Popen[str] | None = None
        options = "--headless --jsonl --bot --no-audio --no-video --name Recorder"
        self.call = subprocess.Popen(
            [*SOTTO, "join", "-", *options.split()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )

    def run(self) -> int:
        self.call.stdin.write(f"{self.link}\n")
        for line in self.call.stdout:
            self.on_event(json.loads(line))
        self.stop()
        return self.call.wait()

    def on_event(self, event: dict) -> None:
        match event:
            case {"event": "joined", "participants": people}:
                self.me = next(person["fingerprint"] for person in people if person["me"])
                for person in people:
                    self.on_person(person)
                self.say(ASK)
            case {"event": "participant_joined", "participant": person}:
                if self.on_person(person):
                    self.say(f"{person['name']}: {ASK}")
            case {"event": "participant_left", "leaf": leaf}:
                self.people.pop(leaf, None)
                self.agreed.discard(leaf)
            case {"event": "chat", "leaf": leaf, "mine": False, "text": text}:
                self.on_answer(leaf, text.strip().strip(".!").lower())
        self.record_or_not()

    def on_person(self, person: dict) -> bool:
        """Note somebody who has to agree: everybody but ourselves, and what records for us."""
        if person["fingerprint"] == self.me:
            return False
        self.people[person["leaf"]] = person["name"]
        return True

    def on_answer(self, leaf: int, text: str) -> None:
        if text == "yes":
            self.agreed.add(leaf)
        elif text == "no":
            self.agreed.discard(leaf)

    def record_or_not(self) -> None:
        wanted = bool(self.people) and self.agreed >= self.people.keys()
        if wanted and self.recording is None:
            self.parts += 1
            file = f"{self.file}-{self.parts}.ogg"
            self.recording = subprocess.Popen(
                [*SOTTO, "listen", "--name", "Recording", "--output", file],
                env={**os.environ, "SOTTO_LINK": self.link},
            )
            self.say("Everybody agrees: I record. Write no, and I stop.")
        elif not wanted and self.recording is not None:
            self.stop()
            self.say("I have stopped recording.")

    def stop(self) -> None:
        if self.recording is not None:
            self.recording.send_signal(signal.SIGINT)
            self.recording.wait()
            self.recording = None

    def say(self, text: str) -> None:
        self.call.stdin.write(f"/chat {text}\n")


if __name__ == "__main__":
    if len(sys.argv) != 2 or "SOTTO_LINK" not in os.environ:
        sys.exit(__doc__)
    signal.signal(signal.SIGINT, lambda *_: None)  # Ctrl-C is for the call; we end with it
    sys.exit(Recorder(sys.argv[1], os.environ.pop("SOTTO_LINK")).run())
