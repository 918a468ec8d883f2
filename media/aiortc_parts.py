"""The parts of aiortc that calls run on, loaded without the rest of it.

`import aiortc` loads FFmpeg, codecs and SCTP, 19 MB that somebody who only hears has no use for.
Its DTLS transport and its RTCP packets need none of that: they name `av.AudioFrame` in one
annotation. While they are imported an empty package stands in for aiortc's own, and an empty module
for `av`. Afterwards `import aiortc` and `import av` find the real ones, as ever.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from types import ModuleType


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """Keep what is imported in here from importing FFmpeg."""
    spec = find_spec("aiortc")
    package, av = ModuleType("aiortc"), ModuleType("av")
    package.__path__ = (spec and spec.submodule_search_locations) or []
    vars(av)["AudioFrame"] = object
    before = {name: module for name, module in sys.modules.items() if _is_concerned(name)}
    for name in before:
        del sys.modules[name]
    sys.modules |= {"aiortc": package, "av": av}
    try:
        yield
    finally:
        for name in [name for name in sys.modules if _is_concerned(name)]:
            del sys.modules[name]
        sys.modules |= before


def _is_concerned(name: str) -> bool:
    return name.partition(".")[0] in ("aiortc", "av")


with _alone():
    from aiortc.rtcdtlstransport import (
        RTCCertificate,
        RTCDtlsFingerprint,
        RTCDtlsParameters,
        RTCDtlsTransport,
    )
    from aiortc.rtcicetransport import RTCIceTransport
    from aiortc.rtp import (
        RTCP_PSFB_PLI,
        RtcpPacket,
        RtcpPsfbPacket,
        RtcpReceiverInfo,
        RtcpRrPacket,
        RtcpSenderInfo,
        RtcpSrPacket,
    )

__all__ = [
    "RTCP_PSFB_PLI",
    "RTCCertificate",
    "RTCDtlsFingerprint",
    "RTCDtlsParameters",
    "RTCDtlsTransport",
    "RTCIceTransport",
    "RtcpPacket",
    "RtcpPsfbPacket",
    "RtcpReceiverInfo",
    "RtcpRrPacket",
    "RtcpSenderInfo",
    "RtcpSrPacket",
]
