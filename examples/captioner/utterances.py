#!/usr/bin/env python3
"""A program for captions.sh that knows no words: a line for each stretch of speech, as it ends.

Put your speech recognition in its place; it has to read 48 kHz mono s16le and to flush each line.
"""

import array
import sys

RATE = 48_000
PIECE = RATE // 10
LOUD = 300
"""Mean amplitude of a tenth of a second in which somebody speaks; full scale is 32767."""
PAUSE = 5
"""Quiet pieces after which a stretch of speech is over."""


def main() -> None:
    now = began = quiet = 0
    speaking = False
    while data := sys.stdin.buffer.read(2 * PIECE):
        samples = array.array("h", data[: len(data) // 2 * 2])
        now += 1
        if sum(map(abs, samples)) > LOUD * len(samples):
            began = began if speaking else now
            speaking, quiet = True, 0
        else:
            quiet += 1
        if speaking and quiet == PAUSE:
            speaking = False
            print(f"[spoke for {(now - began - PAUSE + 1) / 10:.1f} s]", flush=True)


main()
