"""Media in this process and in one of its own: the same events, and an end that is an end."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from media.call import MediaCall
from media.control import (
    Closed,
    Command,
    Configure,
    Event,
    Failed,
    Heard,
    Offered,
    Picture,
    Publishing,
    Seen,
    SetMuted,
    SetView,
    Shutdown,
)
from media.engine.embedded_session import EmbeddedSession
from media.port import LocalMedia, RemoteMedia

ROOT = Path(__file__).parents[2]


def is_running(pid: int) -> bool:
    """Return whether a process runs; one that has ended and is not yet reaped does not."""
    done = subprocess.run(
        ["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return done.stdout.strip()[:1] not in ("", "Z")


async def test_the_face_can_import_the_port_cheaply() -> None:
    code = "import sys, media.port; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    heavy = {"numpy", "av", "pylibsrtp", "sounddevice", "cryptography", "media.call"}
    assert heavy.isdisjoint(done.stdout.split())


@pytest.mark.parametrize("kind", [LocalMedia, RemoteMedia])
async def test_media_meets_through_either_port(room, kind) -> None:
    ada, bob = room.person(), room.person()
    ada.port, bob.port = kind(ada.heard_of), LocalMedia(bob.heard_of)
    await bob.join()
    await ada.join(audio_in="speech:1", video_in="testsrc:1")
    await ada.do(SetView(0, 40, 30))
    for person in (bob, ada):
        await person.key(1, {0, 1})
    await bob.until(Heard)
    await bob.until(Seen)
    await ada.until(Picture)
    await ada.do(SetMuted(True))
    await ada.until(Publishing, lambda event: not event.audio)
    await ada.port.close()
    assert ada.count(Closed) == 1
    assert isinstance(ada.events[-1], Closed)


async def test_a_killed_media_process_is_a_failure_and_the_end(room) -> None:
    ada = room.person()
    ada.port = media = RemoteMedia(ada.heard_of)
    await ada.join(audio_in="speech:1")
    assert media.pid is not None
    os.kill(media.pid, signal.SIGKILL)
    await ada.until(Closed)
    assert [type(event) for event in ada.events[-2:]] == [Failed, Closed]
    assert ada.events[-2].code == "media.process"
    assert not is_running(media.pid)
    await media.close()
    assert ada.count(Closed) == 1


async def test_interrupt_does_not_end_the_media_process(room) -> None:
    ada = room.person()
    ada.port = media = RemoteMedia(ada.heard_of)
    media.send(Configure(audio_in="none", audio_out="none"))
    await ada.until(Offered)
    os.kill(media.pid, signal.SIGINT)
    media.send(Shutdown())
    await ada.until(Closed)
    assert ada.count(Failed) == 0


async def test_a_media_process_that_does_not_react_is_killed(room, monkeypatch) -> None:
    monkeypatch.setattr("media.port.CLOSE_TIMEOUT", 0.2)
    ada = room.person()
    ada.port = media = RemoteMedia(ada.heard_of)
    media.send(Configure(audio_in="none", audio_out="none"))
    await ada.until(Offered)
    os.kill(media.pid, signal.SIGSTOP)
    await media.close()
    assert isinstance(ada.events[-1], Closed)
    assert not is_running(media.pid)


async def test_a_failure_reaches_the_session_through_the_process(room) -> None:
    ada = room.person()
    ada.port = media = RemoteMedia(ada.heard_of)
    media.send(Configure(audio_in="no such file.wav", audio_out="none"))
    await ada.until(Closed)
    assert next(e for e in ada.events if isinstance(e, Failed)).code == "media.device"
    assert ada.count(Failed) == 1
    await media.close()


async def test_the_media_process_ends_when_its_parent_dies(tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(
        textwrap.dedent("""
        import asyncio
        from media.control import Configure, Offered
        from media.port import RemoteMedia

        async def main():
            offered = asyncio.Event()
            media = RemoteMedia(lambda e: offered.set() if isinstance(e, Offered) else None)
            media.send(Configure(audio_in="speech:1", audio_out="none", video_in="testsrc:1"))
            await offered.wait()
            print(media.pid, flush=True)
            await asyncio.sleep(60)

        asyncio.run(main())
        """)
    )
    parent = subprocess.Popen(
        [sys.executable, script],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    child = int(await asyncio.to_thread(parent.stdout.readline))
    assert is_running(child)
    parent.kill()
    await asyncio.to_thread(parent.wait)
    async with asyncio.timeout(10):
        while is_running(child):
            await asyncio.sleep(0.02)
    parent.stdout.close()


async def test_files_where_the_person_is_are_never_imported(room, tmp_path, monkeypatch) -> None:
    (tmp_path / "av.py").write_text("raise SystemExit('hijacked')")
    monkeypatch.chdir(tmp_path)
    ada = room.person()
    ada.port = media = RemoteMedia(ada.heard_of)
    media.send(Configure(audio_in="none", audio_out="none"))
    await ada.until(Offered)
    await media.close()


async def test_closing_what_never_started_is_nothing() -> None:
    events: list[object] = []
    await LocalMedia(events.append).close()
    await RemoteMedia(events.append).close()
    assert events == []


async def test_a_mistake_of_ours_ends_with_closed() -> None:
    events: list[object] = []

    def broken(_emit: object) -> None:
        raise RuntimeError("broken")

    media = LocalMedia(events.append, broken)
    media.send(Shutdown())
    with pytest.raises(RuntimeError, match="broken"):
        await media.close()
    assert [type(event) for event in events] == [Failed, Closed]


async def test_a_mistake_of_ours_in_a_call_closes_the_microphone_too(room) -> None:
    class Mistaken(MediaCall):
        async def _handle(self, command: Command) -> None:
            if isinstance(command, SetMuted):
                raise RuntimeError("mistake")
            await super()._handle(command)

    ada = room.person()
    calls: list[MediaCall] = []

    def make(emit: Callable[[Event], None]) -> MediaCall:
        calls.append(Mistaken(EmbeddedSession(), emit))
        return calls[0]

    ada.port = LocalMedia(ada.heard_of, make)
    await ada.join(audio_in="speech:1")
    await ada.key(1, {0, 1})
    await ada.until(Publishing)
    await ada.do(SetMuted(True))
    await ada.until(Closed)
    assert (await ada.until(Failed)).code == "internal"
    assert calls[0].closed
    with pytest.raises(RuntimeError, match="mistake"):
        await ada.port.close()
    ada.port = None
