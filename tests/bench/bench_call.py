"""CPU and memory of one headless client in a three-person call, beside its codecs alone.

Run: `python tests/bench/bench_call.py`. The floor encodes one voice and one picture stream and
decodes two of each, in one process, with nothing else: no packets, no keys, no event loop.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time

from processes import ROOT, Client, peak_mb, share_of_a_core

SECONDS = 15
SETTLE = 10
"""Seconds before measuring: the synthetic faces are drawn once, which is no part of a call."""
FLOOR = """
import itertools, sys, time
sys.path.insert(0, {root!r})
import media
import numpy as np
from media.audio import opus, synthetic as voices
from media.video import capture, synthetic as faces, vp8
sound = itertools.cycle(np.asarray(voices.speak(1)).reshape(-1, 960))
face = faces.SyntheticFace(1)
pictures = itertools.cycle([face.draw(n / 10) for n in range(40)])
speak, show = opus.Encoder(), vp8.Encoder()
hear, see = [opus.Decoder() for _ in range(2)], [vp8.Decoder() for _ in range(2)]
before, start = time.process_time(), time.monotonic()
for tick in range({seconds} * 50):
    packet = speak.encode(next(sound))
    for decoder in hear:
        decoder.decode(packet)
    if tick % 5 == 0:
        frame = show.encode(next(pictures)).data
        for decoder in see:
            decoder.decode(frame)
    time.sleep(max(0.0, start + (tick + 1) * 0.02 - time.monotonic()))
print((time.process_time() - before) / (time.monotonic() - start))
"""


def codecs_alone() -> float:
    """Return the share of a core that the codecs of such a client take, paced as in a call."""
    code = FLOOR.format(root=str(ROOT), seconds=SECONDS)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return float(done.stdout)


def sources(seed: int) -> list[str]:
    """Return the options for a synthetic voice and face."""
    return ["--audio-in", f"speech:{seed}", "--video-in", f"testsrc:{seed}"]


def main() -> None:
    """Hold a call for SECONDS and print what one joiner cost."""
    homes = [tempfile.mkdtemp() for _ in range(3)]
    host = Client(homes[0], "call", "--admit", "all", "--listen", "127.0.0.1", *sources(1))
    clients = [host]
    try:
        link = str(host.wait_for("hosting")["link"])
        for seed in (2, 3):
            clients.append(Client(homes[seed - 1], "join", "-", *sources(seed), link=link))
        measured = clients[2]
        measured.wait_for("first_picture", 2)
        time.sleep(SETTLE)
        pid = measured.process.pid
        used = share_of_a_core(pid, SECONDS)
        floor = codecs_alone() * 100
        print(f"codecs alone, paced       {floor:5.1f} % of a core   floor")
        ratio, memory = used / floor, peak_mb(pid)
        print(f"client, audio and video   {used:5.1f} % of a core (<= 8), {ratio:.1f} x the floor")
        print(f"client, at its peak       {memory:5.0f} MB (<= 150)")
        hosted = host.process.pid
        print(f"host with the server      {peak_mb(hosted):5.0f} MB at its peak (<= 150)")
    finally:
        for client in reversed(clients):
            client.end()


if __name__ == "__main__":
    main()
