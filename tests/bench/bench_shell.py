"""A headless listener's memory and CPU, beside baresip's in a call of its own; one line sent.

Run: `python tests/bench/bench_shell.py`. baresip (`apt-get install baresip-core`) is the peer: the
same codec, DTLS-SRTP, one voice, nothing played. Without it, its lines are left out.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from processes import ROOT, SOTTO, Client, peak_mb, proportional_mb, share_of_a_core

SECONDS = 20
SETTLE = 5
"""Seconds from the last joiner to measuring."""
VOICES = (1, 2, 4)
LISTENERS = ("heard.wav", "heard.ogg")
"""Where `sotto listen` writes to; what it hears becomes Opus again for the second."""
SENDS = 7
APART = 2.0
"""Seconds between two lines: a host makes one Commit a second, and each line is two of them."""
QUIET = ["--audio-in", "none", "--video-in", "none"]
BARESIP = """
poll_method epoll
sip_listen 127.0.0.1:{port}
rtp_ports {rtp}-{rtp_end}
jitter_buffer_delay 2-10
audio_level no
module_path /usr/lib/baresip/modules
module opus.so
opus_bitrate 24000
opus_stereo no
opus_sprop_stereo no
module srtp.so
module dtls_srtp.so
module_tmp account.so
module_app menu.so
"""
ACCOUNT = (
    "<sip:bench@127.0.0.1:{port}>;regint=0;answermode=auto;"
    "audio_codecs=opus/48000/1;mediaenc=dtls_srtp\n"
)
PORTS = 25060, 25062


def speech(path: Path, seconds: int) -> None:
    """Write what the voices of the room say to a file, for the peer to say."""
    sys.path.insert(0, str(ROOT))
    from media.audio import synthetic

    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(48_000)
        said = itertools.cycle(np.asarray(synthetic.speak(1)).reshape(-1, 960))
        for frame in itertools.islice(said, seconds * 50):
            file.writeframes(frame.tobytes())


@contextlib.contextmanager
def baresip(home: Path, port: int, *more: str, source: str = "") -> Iterator[subprocess.Popen[str]]:
    """Run one baresip with a configuration of its own."""
    home.mkdir()
    config = BARESIP.format(port=port, rtp=port + 100, rtp_end=port + 150)
    (home / "config").write_text(config + source)
    (home / "accounts").write_text(ACCOUNT.format(port=port))
    process = subprocess.Popen(
        ["baresip", "-f", str(home), *more],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


def peer() -> tuple[float, float, float]:
    """Return what baresip's end of a call costs that hears one voice: % of a core, MB, MB (PSS)."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        speech(home / "speech.wav", SETTLE + SECONDS + 10)
        source = f"module aufile.so\naudio_source aufile,{home / 'speech.wav'}\n"
        with baresip(home / "hears", PORTS[0]) as hearing:
            time.sleep(1)
            call = f"/dial sip:bench@127.0.0.1:{PORTS[0]}"
            with baresip(home / "speaks", PORTS[1], "-e", call, source=source):
                time.sleep(SETTLE)
                return cost(hearing.pid)


def listen(folder: str, link: str) -> Iterator[tuple[int, list[tuple[float, float, float]]]]:
    """Yield what `LISTENERS` cost with more and more voices: their number, then each as `peer`."""
    pids, speaking = [], []
    with contextlib.ExitStack() as running:
        for output in LISTENERS:
            to = f"{folder}/{output}"
            environment = {"SOTTO_CONFIG_DIR": f"{to}.home", "SOTTO_LINK": link}
            listener = subprocess.Popen(
                [*SOTTO, "listen", "--output", to], env={**os.environ, **environment}
            )
            running.callback(listener.wait)
            running.callback(listener.terminate)
            pids.append(listener.pid)
        for voices in VOICES:
            for seed in range(len(speaking) + 1, voices + 1):
                saying = ["--audio-in", f"speech:{seed}", "--video-in", "none"]
                voice = Client(f"{folder}/{seed}", "join", "-", *saying, link=link)
                running.callback(voice.end)
                voice.wait_for("joined")
                speaking.append(voice)
            time.sleep(SETTLE)
            yield voices, [cost(pid) for pid in pids]


def cost(pid: int) -> tuple[float, float, float]:
    """Return what a process takes for so many seconds: % of a core, peak MB, MB (PSS)."""
    return share_of_a_core(pid, SECONDS), peak_mb(pid), proportional_mb(pid)


def send(folder: str, link: str, pause: float) -> float:
    """Return seconds from starting `sotto send` to its end, with the line delivered."""
    time.sleep(pause)
    start = time.perf_counter()
    subprocess.run(
        [*SOTTO, "send", "-", "The build is green."],
        input=link + "\n",
        stdout=subprocess.DEVNULL,
        env={**os.environ, "SOTTO_CONFIG_DIR": folder},
        text=True,
        check=True,
    )
    return time.perf_counter() - start


def main() -> None:
    """Measure and print one line a number."""
    theirs = peer() if shutil.which("baresip") else None
    if theirs is not None:
        used, peak, shared = theirs
        print(f"baresip, 1 voice    {used:5.2f} % of a core   {peak:5.1f} MB, PSS {shared:5.1f}")
    with tempfile.TemporaryDirectory() as folder:
        host = Client(f"{folder}/h", "call", "--admit", "all", "--listen", "127.0.0.1", *QUIET)
        try:
            link = str(host.wait_for("hosting")["link"])
            for voices, costs in listen(folder, link):
                for output, (used, peak, shared) in zip(LISTENERS, costs, strict=True):
                    print(
                        f"{output}, {voices} voices  {used:5.2f} % of a core   {peak:5.1f} MB"
                        f" (<= 90), PSS {shared:5.1f}; {used / voices:.2f} % a voice (<= 2)"
                    )
                    if theirs is not None and voices == 1:
                        ratios = used / theirs[0], peak / theirs[1]
                        print("  beside baresip    {:5.1f} x {:.1f} x".format(*ratios))
            for pause in (APART, 0.0):
                times = [send(f"{folder}/s", link, pause) for _ in range(SENDS)]
                middle, most = statistics.median(times), max(times)
                print(
                    f"sotto send, {pause:.0f} s apart  {middle:5.2f} s, at most {most:.2f} (<= 1.0)"
                )
        finally:
            host.end()


if __name__ == "__main__":
    main()
