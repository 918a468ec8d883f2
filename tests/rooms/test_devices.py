"""What is not there is never on, whatever one wishes."""

from __future__ import annotations

import pytest

from media.control import Configure, Devices, SetDevices
from rooms.devices import OwnDevices
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


def test_what_is_asked_for_before_media_answers_is_not_missing_yet() -> None:
    own = OwnDevices(Configure("none", "none", "none"))
    own.ask(SetDevices(audio_in="device:USB", video_in="camera"))
    assert own.found(Devices(microphone=False, camera=False, loudspeaker=False)) == []
    assert own.found(Devices(microphone=False, camera=True, loudspeaker=False)) == ["microphone"]


def test_what_takes_the_place_of_another_stays_as_it_was() -> None:
    own = OwnDevices(Configure("default", "none", "camera"))
    own.found(Devices(microphone=True, camera=True, loudspeaker=False))
    own.ask(SetDevices("device:USB", "default", "device:Lid"))
    assert (own.muted, own.camera) == (False, True)
    assert own.found(Devices(microphone=True, camera=True, loudspeaker=False)) == ["loudspeaker"]


def test_a_recording_is_told_from_when_it_is_asked_for_until_media_has_ended_it() -> None:
    own = OwnDevices(Configure("none", "heard.wav", "none"))
    assert own.appearance == Appearance(muted=True, camera=False, recording=True)
    own.found(recording(True))
    own.ask(SetDevices(audio_out="none"))
    assert own.appearance.recording
    own.found(recording(False))
    assert not own.appearance.recording


def test_a_recording_goes_on_if_the_loudspeaker_in_its_place_cannot_be_had() -> None:
    own = OwnDevices(Configure("none", "heard.wav", "none"))
    own.found(recording(True))
    own.ask(SetDevices(audio_out="device:gone"))
    own.found(recording(True))
    assert own.appearance.recording


def test_a_recording_that_cannot_be_begun_is_none() -> None:
    own = OwnDevices(Configure("none", "none", "none"))
    own.found(recording(False))
    own.ask(SetDevices(audio_out="no such folder/heard.wav"))
    assert own.appearance.recording
    own.found(recording(False))
    assert not own.appearance.recording


def test_what_was_asked_for_before_says_nothing_of_a_recording_to_come() -> None:
    own = OwnDevices(Configure("none", "none", "none"))
    own.ask(SetDevices(audio_out="heard.wav"))
    own.found(recording(False))  # of what the call began with
    assert own.appearance.recording


def test_a_recording_that_ends_by_itself_is_none_any_more() -> None:
    own = OwnDevices(Configure("none", "heard.wav", "none"))
    own.recording_ended()
    assert own.appearance.recording  # it may still begin
    own.found(recording(True))
    own.recording_ended()
    assert not own.appearance.recording


def recording(on: bool) -> Devices:
    """What media tells, as far as it is about a recording."""
    return Devices(microphone=False, camera=False, loudspeaker=on, recording=on)
