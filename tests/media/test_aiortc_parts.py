"""A contract with aiortc: its DTLS and RTCP load without FFmpeg, and leave the real ones alone."""

from __future__ import annotations

import subprocess
import sys

import pytest

PARTS = "from media import aiortc_parts as parts"
WHOLE = "import aiortc, aiortc.rtp, aiortc.rtcdtlstransport, av"


def run(*lines: str) -> str:
    command = [sys.executable, "-c", "\n".join(lines)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_the_parts_load_without_the_whole() -> None:
    found = run("import sys", PARTS, "print(*sorted({'aiortc', 'av'} & set(sys.modules)))")
    assert found == ""


@pytest.mark.parametrize("order", [(PARTS, WHOLE), (WHOLE, PARTS)])
def test_the_whole_is_there_for_whoever_imports_it(order: tuple[str, str]) -> None:
    run(
        *order,
        "assert aiortc.RTCPeerConnection and av.AudioFrame is not object",
        "assert aiortc.rtp.AudioFrame is av.AudioFrame",
        "data = bytes(parts.RtcpRrPacket(ssrc=5))",
        "assert aiortc.rtp.RtcpPacket.parse(data)[0].ssrc == 5",
    )
