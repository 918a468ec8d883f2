from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media.audio import voices
from media.audio.ogg import OggOpus
from media.audio.pcm import FRAME_SAMPLES, SILENCE, Pcm
from media.audio.synthetic import speak
from media.audio.voices import MAX_NAME_BYTES, Voice, VoiceFiles, file_name, unused
from media.errors import DeviceError

ADA, BO = Voice("SHA256:Ada", "Ada"), Voice("SHA256:Bo", "Bo")
SOUND: Pcm = speak(1)[48_000 : 48_000 + FRAME_SAMPLES]


class Room:
    """Frames of whoever speaks at the moment, into files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.apart: list[tuple[Voice, Pcm]] = []
        self.files = VoiceFiles(folder, lambda: self.apart)

    async def hear(self, frames: int, *speakers: Voice) -> None:
        self.apart = [(speaker, SOUND) for speaker in speakers]
        for _ in range(frames):
            await self.files.write(SOUND if speakers else SILENCE)

    def heard(self) -> dict[str, Pcm]:
        return {path.name: read(path) for path in sorted(self.folder.iterdir())}


def read(path: Path) -> Pcm:
    with av.open(str(path)) as container:
        return np.concatenate([one.to_ndarray().reshape(-1) for one in container.decode(audio=0)])


def loud(samples: Pcm) -> list[bool]:
    """Say of each tenth of a second whether anything is heard in it."""
    return [bool(np.abs(part).max() > 0.02) for part in np.split(samples, len(samples) // 4800)]


async def test_each_person_has_a_file_and_all_are_in_step(tmp_path: Path) -> None:
    room = Room(tmp_path)
    await room.hear(50, ADA)
    await room.hear(50)
    await room.hear(50, ADA, BO)
    await room.hear(50, BO)
    await room.files.close()
    heard = room.heard()
    assert {name: len(samples) for name, samples in heard.items()} == {
        "Ada.ogg": 200 * FRAME_SAMPLES,
        "Bo.ogg": 200 * FRAME_SAMPLES,
    }
    ada, bo = loud(heard["Ada.ogg"]), loud(heard["Bo.ogg"])
    assert (ada[:10], ada[11:20], ada[20:30], ada[31:]) == (
        [True] * 10, [False] * 9, [True] * 10, [False] * 9,
    )  # fmt: skip
    assert (bo[:20], bo[20:]) == ([False] * 20, [True] * 20)


async def test_who_comes_back_goes_on_in_the_same_file(tmp_path: Path) -> None:
    room = Room(tmp_path)
    await room.hear(10, ADA)
    await room.hear(10)
    await room.hear(10, ADA._replace(name="Ada (abcdefgh)"), ADA)  # and with two devices
    await room.files.close()
    assert {name: len(heard) for name, heard in room.heard().items()} == {
        "Ada.ogg": 30 * FRAME_SAMPLES
    }


async def test_two_of_one_name_and_older_files_stay_apart(tmp_path: Path) -> None:
    (tmp_path / "Ada.ogg").write_bytes(b"older")
    room = Room(tmp_path)
    await room.hear(10, ADA, BO._replace(name="Ada"))
    await room.files.close()
    assert (tmp_path / "Ada.ogg").read_bytes() == b"older"
    assert {path.name for path in tmp_path.iterdir()} == {"Ada.ogg", "Ada-2.ogg", "Ada-3.ogg"}


async def test_a_killed_process_leaves_files_that_play(tmp_path: Path) -> None:
    room = Room(tmp_path)
    await room.hear(100, ADA)
    assert len(read(tmp_path / "Ada.ogg")) >= 80 * FRAME_SAMPLES
    await room.files.close()


async def test_whoever_comes_late_holds_nobody_else_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    room, may_go_on = Room(tmp_path), threading.Event()
    await room.hear(100, ADA)
    make = OggOpus.silence

    def slowly(coding: OggOpus, frames: int) -> Iterator[bytes]:
        may_go_on.wait(20)
        return make(coding, frames)

    monkeypatch.setattr(OggOpus, "silence", slowly)
    begun = asyncio.create_task(room.hear(1, ADA, BO))
    await asyncio.sleep(0)
    assert not begun.done()  # and yet we are here
    begun.cancel()  # the call is left meanwhile
    may_go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await begun
    await room.hear(1, ADA, BO)
    await room.files.close()
    assert {len(samples) for samples in room.heard().values()} == {101 * FRAME_SAMPLES}


async def test_whoever_is_not_heard_has_no_file(tmp_path: Path) -> None:
    room = Room(tmp_path / "made" / "for it")
    await room.hear(10)
    await room.files.close()
    assert list(room.folder.iterdir()) == []
    assert room.folder.stat().st_mode & 0o777 == 0o700


async def test_attack_ever_new_people_fill_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(voices, "MAX_FILES", 3)
    room = Room(tmp_path)
    for number in range(10):
        await room.hear(1, Voice(f"SHA256:{number}", f"Eve {number}"))
    await room.files.close()
    assert len(list(tmp_path.iterdir())) == 3


def test_a_folder_that_cannot_be_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DeviceError, match="file cannot be made"):
        Room(tmp_path / "file")


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("Ada", "Ada"),
        ("Ada Lovelace", "Ada_Lovelace"),
        ("Zoë नमस्ते 李", "Zoë_नमस्ते_李"),
        ("../../etc/passwd", "etc_passwd"),
        ("/dev/sda", "dev_sda"),
        (".bashrc", "bashrc"),
        ("-rf", "rf"),
        ("..", "unnamed"),
        ("", "unnamed"),
        ("a\0b\n", "a_b"),
        ("Ada (abcd+/gh)", "Ada__abcd__gh"),
    ],
)
def test_attack_a_name_that_is_a_path(name: str, file: str) -> None:
    assert file_name(name) == file


@settings(max_examples=50)
@given(st.text(max_size=60))
def test_attack_any_name_stays_in_the_folder(name: str) -> None:
    path = unused(Path("/nowhere"), name)
    assert path.parent == Path("/nowhere")
    assert path.name[0] not in ".-"
    assert len(path.name.encode()) <= MAX_NAME_BYTES + 4
    assert "\0" not in str(path)
