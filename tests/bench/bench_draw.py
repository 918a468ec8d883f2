"""Drawing: changed cells beside full repaints and beside Textual's own segments.

Run: `python tests/bench/bench_draw.py [SECONDS]`. The real application on a pseudo-terminal, in a
call of three whose pictures (drawn faces, through VP8) come 15 times a second. The peers are the
same application, changed here only: `whole` forgets before each picture what the terminal shows,
`segments` hands Textual a segment for each run of cells, which it writes whole.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from typing import Any

import scripted_app
from bench_face import FIRST_LETTER, Delays, typed
from pty_run import PtyRun

FPS = 15
PEOPLE = 3
SIZES = [(80, 24), (120, 36), (160, 48)]
KINDS = ("changed", "whole", "segments")
READY = f"{PEOPLE} in the room"
LONGEST = 60
"""Pictures prepared of each person, shown again and again."""


def faces() -> list[list[Any]]:
    """Return the pictures of each person, as a decoder gives them."""
    from media.video.synthetic import SyntheticFace
    from media.video.vp8 import Decoder, Encoder
    from tui.ports import Picture

    shown = []
    for leaf in range(PEOPLE):
        face, encoder, decoder = SyntheticFace(leaf), Encoder(), Decoder()
        own = []
        for number in range(LONGEST):
            rgb = decoder.decode(encoder.encode(face.draw(number / FPS)).data)
            if rgb is not None:
                own.append(Picture(leaf, rgb.shape[1], rgb.shape[0], rgb.tobytes()))
        shown.append(own)
    return shown


def run_app(kind: str) -> None:
    """Run the application, drawing as `kind` says."""
    shown = faces()  # before anything is measured
    from textual.strip import Strip

    from tui.widgets.video import VideoArea

    ours = VideoArea.render_lines

    def whole(area: VideoArea, crop: Any) -> list[Strip]:
        if area._painting is not None:
            area._painting.forget()
        return ours(area, crop)

    def segments(area: VideoArea, crop: Any) -> list[Strip]:
        return [Strip(list(strip), strip.cell_length) for strip in ours(area, crop)]

    VideoArea.render_lines = {"changed": ours, "whole": whole, "segments": segments}[kind]  # type: ignore[method-assign]

    async def play(call: Any, _: Any) -> None:
        start, number = time.perf_counter(), 0
        while True:
            await asyncio.sleep(max(0.0, start + number / FPS - time.perf_counter()))
            for own in shown:
                call.show(own[number % len(own)])
            number += 1

    scripted_app.run(PEOPLE, play)


def measure(kind: str, size: tuple[int, int], seconds: float) -> tuple[float, float, Delays]:
    """Return bytes a second, part of a core, and delays from key to letter."""
    letters = (chr(FIRST_LETTER + number) for number in range(600))
    with (
        tempfile.TemporaryDirectory() as folder,
        PtyRun([sys.executable, __file__, "--run", kind], *size, SOTTO_CONFIG_DIR=folder) as run,
    ):
        run.wait_for(READY)
        time.sleep(2)
        run.write("\r")
        cpu, length, start = run.processor(), len(run.output), time.perf_counter()
        delays = typed(run, letters, seconds, resizing=False)
        took = time.perf_counter() - start
        return (len(run.output) - length) / took, (run.processor() - cpu) / took, delays


def main() -> None:
    """Print one line a size and kind, with the ratio to changed cells."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 10.0
    print("size     kind         kB/s  x    % of a core  x    key to letter p50, p95 (ms)")
    for size in SIZES:
        rate, load = 0.0, 0.0
        for kind in KINDS:
            sent, cpu, delays = measure(kind, size, seconds)
            rate, load = rate or sent, load or cpu
            print(
                f"{size[0]}x{size[1]:<5}{kind:9}{sent / 1e3:8.0f} {sent / rate:4.1f}"
                f"{100 * cpu:11.1f} {cpu / load:6.1f}"
                f"{delays.part(0.5):10.1f} {delays.part(0.95):6.1f}",
                flush=True,
            )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--run"]:
        run_app(sys.argv[2])
    else:
        main()
