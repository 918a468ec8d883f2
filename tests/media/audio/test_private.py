from __future__ import annotations

import os
from pathlib import Path

import pytest

from media.audio.private import PrivateFile
from media.errors import DeviceError


async def test_each_byte_is_in_the_file_at_once_and_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "heard.pcm"
    path.write_bytes(b"older and longer")
    path.chmod(0o644)
    file = PrivateFile(path)
    await file.put(b"new")
    assert path.read_bytes() == b"new"
    assert path.stat().st_mode & 0o777 == 0o600
    await file.put(b"er")
    assert path.read_bytes() == b"newer"
    await file.close()
    await file.close()


async def test_attack_a_link_in_place_of_the_file_leads_nowhere(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_bytes(b"precious")
    path = tmp_path / "heard.pcm"
    path.symlink_to(other)
    file = PrivateFile(path)
    await file.put(b"new")
    await file.close()
    assert other.read_bytes() == b"precious"
    assert (path.is_symlink(), path.read_bytes()) == (False, b"new")


def test_a_place_that_cannot_be_written_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(DeviceError, match="cannot be written"):
        PrivateFile(tmp_path / "no" / "heard.ogg")
    with pytest.raises(DeviceError, match="no ordinary file"):
        PrivateFile(Path("/dev/null"))


async def test_a_folder_that_went_away_is_one_clear_error(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    file = PrivateFile(folder / "heard.ogg")
    os.rmdir(folder)
    with pytest.raises(DeviceError, match=r"heard\.ogg cannot be written: No such file"):
        await file.put(b"new")
    await file.close()


async def test_a_full_disk_is_one_clear_error(tmp_path: Path) -> None:
    file = PrivateFile(tmp_path / "heard.ogg")
    await file.put(b"a page")
    full = os.open("/dev/full", os.O_WRONLY)
    os.dup2(full, file._descriptor)
    os.close(full)
    with pytest.raises(DeviceError, match="No space left"):
        await file.put(b"another")
    with pytest.raises(DeviceError, match="cannot be written"):
        await file.close()  # what cannot be on the disk is not said to be
    await file.close()


async def test_the_first_bytes_can_be_others_later(tmp_path: Path) -> None:
    file = PrivateFile(tmp_path / "heard.wav")
    await file.put(b"0000 samples")
    await file.begin_with(b"0012")
    await file.put(b" and more")
    await file.close()
    assert (tmp_path / "heard.wav").read_bytes() == b"0012 samples and more"
