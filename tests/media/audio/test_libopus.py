from pathlib import Path

import av
import pytest

from media.audio import libopus
from media.errors import CodecError


def test_contract_the_libopus_in_the_pyav_wheel_is_found() -> None:
    path = libopus.find_library()
    assert path is not None
    assert Path(av.__file__).parent.parent in Path(path).resolve().parents


def test_contract_the_version_has_been_tried_with_these_bindings() -> None:
    major, minor = libopus.version().removeprefix("libopus ").split(".")[:2]
    assert int(major) == 1
    assert int(minor) >= 3


def test_errors_have_words() -> None:
    assert libopus.reason(-4) == "corrupted stream"


def test_a_missing_library_is_one_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(libopus, "find_library", lambda: None)
    with pytest.raises(CodecError, match="libopus is missing") as caught:
        libopus.load.__wrapped__()
    assert caught.value.hint


def test_a_library_that_is_none_is_one_clear_error(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    broken = tmp_path / "libopus.so"
    broken.write_bytes(b"not a library")
    monkeypatch.setattr(libopus, "find_library", lambda: str(broken))
    with pytest.raises(CodecError, match="cannot be loaded"):
        libopus.load.__wrapped__()
