"""Commands and events cross the pipe unchanged, and keys do not show on the way."""

from __future__ import annotations

import typing

import msgspec
import pytest

from media import control
from media.engine.ports import IceCandidate, MediaAnswer, MediaOffer, TransportParameters

TRANSPORT = TransportParameters(
    "ufrag", "password", [IceCandidate("f", 1, 1, "192.0.2.1", 4000, "host")], bytes(32)
)
KEY = control.InstallKey(7, b"k" * 16, 2, frozenset({0, 2}), 0.3)
COMMANDS = [
    control.Configure(audio_in="speech:7", video_in="testsrc", muted=True),
    control.Connect(MediaAnswer(TRANSPORT, [1], [2])),
    control.Renew(),
    KEY,
    control.InstallKey(2, b"k" * 16, 0, frozenset({0}), 0.3, anew=True),
    control.SetMuted(True),
    control.SetCamera(False),
    control.SetVolume(3, 0.5),
    control.NameVoice(3, "SHA256:Ada", "Ada"),
    control.SetView(3, 80, 48),
    control.Rehearse(True),
    control.SetMeters(True),
    control.SetDevices(audio_in="device:USB"),
    control.SetPrivacy(share_level=False, constant_bitrate=True),
    control.StopSending(),
    control.ResumeSending(),
    control.Shutdown(),
]
EVENTS = [
    control.Offered(MediaOffer(TRANSPORT, 1, 2)),
    control.Connected(),
    control.Disconnected("it broke"),
    control.Heard(1),
    control.Seen(1),
    control.Speaking(1, True),
    control.Picture(1, 2, 1, bytes(6)),
    control.Levels(0.5, None),
    control.Publishing(True, False),
    control.InputEnded("audio"),
    control.Devices(microphone=True, camera=False, loudspeaker=True),
    control.RecordingEnded("the disk is full"),
    control.DeviceNote("microphone: USB"),
    control.MediaStats(control.TransportStats(sent_bytes=5), {1: 2}, 0, {1: 0.25}),
    control.Failed("media.device", "no such file", "check the name"),
    control.Closed(),
]


def test_all_of_them_are_tried() -> None:
    assert {type(value) for value in COMMANDS} == set(typing.get_args(control.Command))
    assert {type(value) for value in EVENTS} == set(typing.get_args(control.Event))


@pytest.mark.parametrize("command", COMMANDS, ids=lambda value: type(value).__name__)
def test_commands_cross_the_pipe(command: control.Command) -> None:
    data = msgspec.msgpack.encode(command)
    assert msgspec.msgpack.decode(data, type=control.Command) == command


@pytest.mark.parametrize("event", EVENTS, ids=lambda value: type(value).__name__)
def test_events_cross_the_pipe(event: control.Event) -> None:
    data = msgspec.msgpack.encode(event)
    assert msgspec.msgpack.decode(data, type=control.Event) == event


def test_a_command_is_no_event() -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.msgpack.decode(msgspec.msgpack.encode(control.SetMuted(True)), type=control.Event)


def test_attack_the_media_key_leaks_through_a_log() -> None:
    for text in (repr(KEY), str(KEY), f"{[KEY]}"):
        assert text.strip("[]") == "InstallKey(epoch=7, leaf=2)"


@pytest.mark.parametrize("length", [0, 15, 65])
def test_a_key_of_another_length_is_refused(length: int) -> None:
    key = msgspec.structs.replace(KEY, base_key=bytes(length))
    with pytest.raises(msgspec.ValidationError):
        msgspec.msgpack.decode(msgspec.msgpack.encode(key), type=control.Command)


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
def test_what_is_written_somewhere_is_a_recording(audio_out: str, records: bool) -> None:
    assert control.is_recording(audio_out) is records


@pytest.mark.parametrize("spec", ["none", "default", "device:USB", "speech:7", "testsrc", "-"])
def test_what_is_no_file_is_none(spec: str) -> None:
    assert control.source_file(spec) is None
    assert control.source_file(f"./{spec}") == f"./{spec}"
