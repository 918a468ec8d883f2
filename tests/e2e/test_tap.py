"""What the server could know: every byte it receives and sends, recorded, and tried to be read.

The tap stands where the server itself stands: behind TLS on the WebSocket, behind DTLS and SRTP
on the media port. The same recording is then opened with the room's keys, which shows that the
tap saw the whole call and that the keys are all that was missing.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from e2ee.errors import KeysError
from e2ee.identity import DeviceIdentity
from e2ee.link import Link
from e2ee.media_keys import MediaKeyring
from e2ee.sframe import parse_header
from media.audio import redundancy
from media.audio.opus import Decoder as OpusDecoder
from media.audio.opus import Encoder
from media.control import Command, Configure, Event, InstallKey
from media.engine.embedded_admin import EmbeddedAdmin
from media.engine.ports import AUDIO_PAYLOAD_TYPE, VIDEO_PAYLOAD_TYPE
from media.errors import CodecError
from media.port import LocalMedia
from media.rtp.packet import RtpPacket, parse
from media.video import frame_tag, vp8
from media.video.assemble import FrameAssembler
from rooms import events, server
from rooms.certificate import ServerCertificate
from rooms.ledger import Ledger
from rooms.outgoing import Outgoing
from rooms.server import RoomServer
from rooms.session import ServerAddress, Session, SessionOptions

LOOPBACK = "127.0.0.1"
SECRET_LINE = "the heron lands at midnight"
SECRET_FILE = "midnight-plan.txt"
SPEAKER = "Isolde Quicksilver"
SILENT = Configure(audio_in="none", audio_out="none", video_in="none")
Samples = npt.NDArray[np.float64]


@dataclass
class Tap:
    """Everything one server handled: WebSocket messages, and RTP packets with their times."""

    messages: list[bytes] = field(default_factory=list)
    packets: list[tuple[float, bytes]] = field(default_factory=list)
    keys: list[list[InstallKey]] = field(default_factory=list)
    """The media keys of each session of this process, in the order they were started."""

    def packet(self, data: bytes) -> None:
        self.packets.append((time.monotonic(), bytes(data)))

    def streams(self, payload_type: int) -> Iterator[tuple[float, RtpPacket]]:
        """Yield the packets of one kind, each once: what is forwarded is what was received."""
        seen: set[bytes] = set()
        for at, data in self.packets:
            packet = parse(data)
            assert packet is not None
            if packet.payload_type == payload_type and packet.payload not in seen:
                seen.add(packet.payload)
                yield at, packet

    def video_frames(self) -> list[bytes]:
        """Return the frames as the server could put them together."""
        assembler = FrameAssembler()
        pushed = (
            assembler.push(p.sequence, p.timestamp, p.marker, p.payload)
            for _, p in self.streams(VIDEO_PAYLOAD_TYPE)
        )
        return [frame for frame in pushed if frame is not None]


@dataclass
class Scene:
    """A tapped server in this process, and the sessions that this process takes part with."""

    address: ServerAddress
    tap: Tap
    sessions: list[tuple[Session, asyncio.Task[events.Ended]]] = field(default_factory=list)
    told: dict[str, list[events.AnyEvent]] = field(default_factory=dict)

    def start(self, name: str, link: str = "") -> Session:
        identity = DeviceIdentity.generate()
        options = SessionOptions(name, SILENT, admit_all=True, media_process=False)
        if link:
            session = Session.join(Link.parse(link), identity, options, Ledger())
        else:
            session = Session.host(self.address, identity, options, Ledger())
        self.told[name] = []
        session.listen(self.told[name].append)
        self.sessions.append((session, asyncio.create_task(session.run())))
        return session

    async def sees(self, name: str, kind: type[Any], times: int = 1) -> Any:
        """Wait until a session has told of `times` events of a kind; return the last."""
        async with asyncio.timeout(20):
            while True:
                found = [event for event in self.told[name] if isinstance(event, kind)]
                if len(found) >= times:
                    return found[times - 1]
                await asyncio.sleep(0.02)


@pytest.fixture
async def scene(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Scene]:
    tap = Tap()
    push, push_chunk = Outgoing.push, Outgoing.push_chunk

    def tapped_push(outgoing: Outgoing, data: bytes) -> None:
        tap.messages.append(bytes(data))
        push(outgoing, data)

    def tapped_push_chunk(outgoing: Outgoing, data: bytes) -> None:
        tap.messages.append(bytes(data))
        push_chunk(outgoing, data)

    class TappedServer(RoomServer):
        def _received(self, conn: int, data: str | bytes) -> None:
            tap.messages.append(data if isinstance(data, bytes) else data.encode())
            super()._received(conn, data)

    class KeyedMedia(LocalMedia):
        def __init__(self, emit: Callable[[Event], None]) -> None:
            super().__init__(emit)
            self.keys: list[InstallKey] = []
            tap.keys.append(self.keys)

        def send(self, command: Command) -> None:
            if isinstance(command, InstallKey):
                self.keys.append(command)
            super().send(command)

    monkeypatch.setattr(server.Outgoing, "push", tapped_push)
    monkeypatch.setattr(server.Outgoing, "push_chunk", tapped_push_chunk)
    monkeypatch.setattr("rooms.own_media.LocalMedia", KeyedMedia)
    admin = EmbeddedAdmin([LOOPBACK])
    admin.tap = admin.sent_tap = tap.packet
    certificate = ServerCertificate.ephemeral()
    tapped = TappedServer([LOOPBACK], 0, admin, certificate)
    await tapped.start()
    scene = Scene(ServerAddress(LOOPBACK, tapped.port, certificate.pin), tap)
    yield scene
    for session, task in scene.sessions:
        session.leave()
        await task
    await tapped.stop()


def all_keys(tap: Tap) -> MediaKeyring:
    """Return a keyring with every media key the host ever held, for a leaf that is not there."""
    keyring = MediaKeyring()
    commands = {command.epoch: command for keys in tap.keys for command in keys}
    for epoch in sorted(commands):
        command = commands[epoch]
        keyring.install(epoch, command.base_key, 4000, command.members, now=0.0, send_after=1e9)
    return keyring


def opened(keyring: MediaKeyring, payload: bytes, clear: int = 0) -> bytes | None:
    """Return what a keyring opens, None if it cannot."""
    try:
        return keyring.open(payload, clear=clear, now=0.0).plaintext
    except KeysError:
        return None


def sound_of(frames: list[bytes]) -> Samples:
    """Return what a decoder makes of encoded frames; silence for what it refuses."""
    decoder = OpusDecoder()
    heard = []
    for frame in frames:
        try:
            heard.append(decoder.decode(frame))
        except CodecError:
            heard.append(np.zeros(960, np.int16))
    return np.concatenate(heard).astype(np.float64)


def pictures_of(frames: list[bytes]) -> list[npt.NDArray[np.float64]]:
    """Return every picture a decoder makes of encoded frames."""
    decoder = vp8.Decoder()
    pictures = []
    for frame in frames:
        try:
            picture = decoder.decode(frame)
        except CodecError:
            continue
        if picture is not None:
            pictures.append(picture.astype(np.float64))
    return pictures


def resemblance(picture: npt.NDArray[np.float64], other: npt.NDArray[np.float64]) -> float:
    """Return the correlation of two pictures' brightness; 0 for different sizes."""
    if picture.shape != other.shape:
        return 0.0
    first, second = picture.mean(axis=2).ravel(), other.mean(axis=2).ravel()
    if first.std() < 1 or second.std() < 1:
        return 0.0
    return float(np.corrcoef(first, second)[0, 1])


async def test_the_server_can_read_nothing_and_the_room_everything(
    scene: Scene,
    sotto: Callable[..., Any],
    spoken: Path,
    sound: Any,
) -> None:
    host = scene.start("Hidden Host")
    await scene.sees("Hidden Host", events.Joined)
    speaker = await asyncio.to_thread(
        sotto, "join", "-", "--headless", "--jsonl", "--name", SPEAKER, "--audio-in", str(spoken),
        "--audio-out", "none", "--video-in", "testsrc:3", stdin=host.link,
    )  # fmt: skip
    await asyncio.to_thread(speaker.expect, "joined")
    speaker.write(SECRET_LINE)
    line = await scene.sees("Hidden Host", events.ChatReceived)
    assert (line.name, line.text) == (SPEAKER, SECRET_LINE)
    secret_file = spoken.parent / SECRET_FILE
    secret_file.write_text(SECRET_LINE * 5_000)
    speaker.write(f"/file {secret_file}")
    done = await scene.sees("Hidden Host", events.FileDone)
    saved = Path(host.files.save(done.file, f"{spoken.parent}/saved.txt"))
    assert saved.read_text() == SECRET_LINE * 5_000
    await asyncio.to_thread(speaker.expect, "input_ended", lambda event: event["kind"] == "audio")
    tap, original = scene.tap, sound.samples(spoken)
    everything = b"".join(tap.messages) + b"".join(data for _, data in tap.packets)
    assert len(tap.messages) > 10
    assert len(tap.packets) > 200

    # No word, no name, no link; whatever the encoding.
    secret = host.link.partition("#")[2].split(".")[0]
    for text in (SECRET_LINE, SECRET_FILE, "heron", SPEAKER, "Quicksilver", "Hidden Host", secret):
        for encoding in ("utf-8", "utf-16-le", "utf-32-le"):
            assert text.encode(encoding) not in everything
    key_bytes = [command.base_key for keys in tap.keys for command in keys]
    assert key_bytes
    assert not any(key in everything for key in key_bytes)

    # Nothing that decodes: the payload as it is, without its SFrame header, or without its tag.
    audio = [packet.payload for _, packet in tap.streams(AUDIO_PAYLOAD_TYPE)]
    bare = [payload[parse_header(payload).length :] for payload in audio]
    for attempt in (audio, bare, [payload[:-16] for payload in bare], [p[1:-16] for p in bare]):
        assert sound.likeness(sound_of(attempt), original) < 0.2
    keyring = all_keys(tap)
    frames = [opened(keyring, payload) for payload in audio]
    voice = [redundancy.unpack(frame)[1] for frame in frames if frame is not None]
    assert len(voice) == len(audio)
    assert sound.likeness(sound_of(voice), original) > 0.8

    video = tap.video_frames()
    clear = [opened(keyring, frame, frame_tag.clear_bytes(frame)) for frame in video]
    seen = pictures_of([frame for frame in clear if frame is not None])
    assert len(seen) > 20
    stripped = []
    for frame in video:
        prefix = frame[: frame_tag.clear_bytes(frame)]
        rest = frame[len(prefix) :]
        stripped.append(prefix + rest[parse_header(rest).length : -16])
    for attempt in (video, stripped):
        for picture in pictures_of(attempt):
            assert max(resemblance(picture, other) for other in seen[::10]) < 0.5
    assert resemblance(seen[-1], seen[-2]) > 0.9


@pytest.mark.slow
async def test_a_removed_member_decrypts_nothing_afterwards(
    scene: Scene, sotto: Callable[..., Any]
) -> None:
    host = scene.start("Host")
    await scene.sees("Host", events.Joined)
    leaver = scene.start("Leaver", host.link)
    await scene.sees("Leaver", events.Joined)
    speaker = await asyncio.to_thread(
        sotto, "join", "-", "--headless", "--jsonl", "--name", "Speaker", "--audio-in", "speech:1",
        "--audio-out", "none", "--video-in", "none", stdin=host.link,
    )  # fmt: skip
    await asyncio.to_thread(speaker.expect, "joined")
    await scene.sees("Leaver", events.FirstAudio)
    await asyncio.sleep(1.0)  # a second of speech that it may hear
    leaf = next(person.leaf for person in host.participants if person.name == "Leaver")
    assert leaver.epoch == host.epoch
    host.remove(leaf)
    await scene.sees("Host", events.ParticipantLeft)
    removed_at = time.monotonic()
    await asyncio.sleep(3.0)

    held = MediaKeyring()  # as a malicious member would keep it: nothing is ever wiped
    for command in scene.tap.keys[1]:
        held.install(
            command.epoch, command.base_key, command.leaf, command.members,
            now=0.0, send_after=1e9,
        )  # fmt: skip
    everybody = all_keys(scene.tap)
    before, after, secret = 0, 0, 0
    for at, packet in scene.tap.streams(AUDIO_PAYLOAD_TYPE):
        readable = opened(held, packet.payload) is not None
        if at < removed_at:
            before += readable
        elif at > removed_at + 1.5:  # senders switch 0.3 s after the Commit reaches them
            after += readable
            secret += opened(everybody, packet.payload) is not None
    assert before > 20
    assert after == 0
    assert secret > 50


def test_the_tap_itself_hears_plain_audio(spoken: Path, sound: Any) -> None:
    """Without encryption the same attempt would succeed: the test above can fail."""
    original = sound.samples(spoken)
    whole = original[: len(original) // 960 * 960].astype(np.int16).reshape(-1, 960)
    encoder = Encoder()
    frames = [encoder.encode(frame) for frame in whole]
    assert sound.likeness(sound_of(frames), original) > 0.8
