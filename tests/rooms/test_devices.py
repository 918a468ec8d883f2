"""What is not there is never on, whatever one wishes."""

from __future__ import annotations

import pytest

from media.control import Configure, Devices, SetDevices
from rooms.devices import OwnDevices, is_recording
from rooms.roster import Appearance


@pytest.mark.parametrize(
    ("asked", "muted", "camera"),
    [
        (Configure(), False, False),
        (Configure("none", "none", "camera"), True, True),
        (Configure(muted=True, camera=False, video_in="testsrc"), True, False),
    ],
)
def test_one_begins_as_one_asked(asked: Configure, muted: bool, camera: bool) -> None:
    own = OwnDevices(asked)
    assert (own.muted, own.camera) == (muted, camera)


def test_what_is_missing_is_off_and_stays_off() -> None:
    own = OwnDevices(Configure("default", "default", "camera"))
    assert (own.has_microphone, own.muted, own.has_camera, own.camera) == (None, False, None, True)
    missing = own.found(Devices(microphone=False, camera=False, loudspeaker=False))
    assert missing == ["microphone", "camera", "loudspeaker"]
    own.muted, own.camera = False, True
    assert (own.has_microphone, own.muted, own.has_camera, own.camera) == (
        False,
        True,
        False,
        False,
    )


def test_what_is_there_is_switched() -> None:
    own = OwnDevices(Configure("default", "default", "camera"))
    assert own.found(Devices(microphone=True, camera=True, loudspeaker=True)) == []
    own.muted, own.camera = True, False
    assert (own.has_microphone, own.has_camera) == (True, True)
    assert (own.muted, own.camera) == (True, False)
    own.muted, own.camera = False, True
    assert (own.muted, own.camera) == (False, True)


def test_what_nobody_asked_for_is_not_missed() -> None:
    own = OwnDevices(Configure("none", "none", "camera"))
    assert (own.has_microphone, own.has_camera) == (False, None)
    assert own.found(Devices(microphone=False, camera=False, loudspeaker=False)) == ["camera"]


def test_what_takes_the_place_of_nothing_begins_switched_off() -> None:
    own = OwnDevices(Configure("default", "default", "none"))
    own.found(Devices(microphone=False, camera=False, loudspeaker=True))
    own.ask(SetDevices(audio_in="device:USB", video_in="camera"))
    assert (own.muted, own.camera) == (True, False)
    assert own.found(Devices(microphone=True, camera=False, loudspeaker=True)) == ["camera"]
    assert (own.muted, own.has_camera) == (True, False)


def test_what_takes_the_place_of_another_stays_as_it_was() -> None:
    own = OwnDevices(Configure("default", "none", "camera"))
    own.found(Devices(microphone=True, camera=True, loudspeaker=False))
    own.ask(SetDevices("device:USB", "default", "device:Lid"))
    assert (own.muted, own.camera) == (False, True)
    assert own.found(Devices(microphone=True, camera=True, loudspeaker=False)) == ["loudspeaker"]


@pytest.mark.parametrize(
    ("audio_out", "records"),
    [
        ("none", False),
        ("default", False),
        ("device:USB", False),
        ("-", True),
        ("heard.wav", True),
        ("default.wav", True),
    ],
)
def test_what_is_written_somewhere_is_a_recording_and_everybody_is_told(
    audio_out: str, records: bool
) -> None:
    assert is_recording(audio_out) is records
    own = OwnDevices(Configure("none", audio_out, "none"))
    assert own.appearance == Appearance(muted=True, camera=False, recording=records)
    own.ask(SetDevices(audio_out="none"))
    assert not own.appearance.recording
    own.ask(SetDevices(audio_out=audio_out))
    assert own.appearance.recording is records
