"""What a session says to its media: nothing is lost, and nothing is on before it may be."""

from __future__ import annotations

import pytest

from media import control
from media.engine.ports import (
    IceCandidate,
    MediaAnswer,
    TransportParameters,
    TransportStats,
)
from rooms.errors import PolicyError, RecordingForbiddenError
from rooms.ledger import Ledger
from rooms.own_media import OwnMedia

ASKED = control.Configure("default", "default", "none")


class Port:
    """Where media would be: keeps what it is told."""

    def __init__(self, _emit: object) -> None:
        self.told: list[control.Command] = []

    def send(self, command: control.Command) -> None:
        self.told.append(command)

    async def close(self) -> None:
        self.told.append(control.Shutdown())


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> Port:
    port = Port(None)
    monkeypatch.setattr("rooms.own_media.LocalMedia", lambda _emit: port)
    return port


def test_what_is_said_before_the_start_follows_the_first_command(port: Port) -> None:
    media = OwnMedia(ASKED, Ledger(), own_process=False)
    media.command(control.Rehearse(True))
    media.mute(True)
    media.start(lambda _event: None)
    media.command(control.SetMeters(True))
    assert port.told == [
        ASKED,
        control.Rehearse(True),
        control.SetMuted(True),
        control.SetCamera(False),
        control.SetMeters(True),
    ]


def test_what_begins_switched_off_is_off_before_it_is_there(port: Port) -> None:
    media = OwnMedia(ASKED, Ledger(), own_process=False)
    media.devices.found(control.Devices(microphone=False, camera=False, loudspeaker=True))
    media.start(lambda _event: None)
    chosen = control.SetDevices(audio_in="device:USB", video_in="camera")
    media.choose(chosen)
    assert port.told[1:] == [control.SetMuted(True), control.SetCamera(False), chosen]


def test_addresses_are_in_the_ledger_before_they_are_contacted(port: Port) -> None:
    ledger = Ledger()
    media = OwnMedia(ASKED, ledger, own_process=False)
    candidate = IceCandidate("f", 1, 1, "192.0.2.1", 4000, "host")
    where = TransportParameters("ufrag", "password", [candidate], bytes(32))
    media.command(control.Connect(MediaAnswer(where, [1], [2])))
    assert [line.address for line in ledger.snapshot()] == ["192.0.2.1:4000"]
    stats = TransportStats(traffic={"192.0.2.1:4000": (5, 6)})
    media.heard(control.MediaStats(stats, {}, 0, {}))
    assert [line.sent for line in ledger.snapshot()] == [5]


async def test_it_closes_what_it_opened_and_nothing_else(port: Port) -> None:
    media = OwnMedia(ASKED, Ledger(), own_process=False)
    await media.close()
    assert port.told == []
    media.start(lambda _event: None)
    await media.close()
    assert port.told[-1] == control.Shutdown()


def test_a_camera_that_may_not_be_on_stays_off_and_can_be_turned_off(port: Port) -> None:
    asked = control.Configure("none", "none", "camera", camera=False)
    media = OwnMedia(asked, Ledger(), own_process=False)
    media.start(lambda _event: None)
    with pytest.raises(PolicyError) as error:
        media.show(True, may=False)
    assert error.value.hint
    assert port.told == [asked]
    media.show(False, may=False)
    assert port.told[-1] == control.SetCamera(False)
    assert not media.devices.camera


def test_attack_a_recording_is_chosen_during_a_call_that_forbids_it(port: Port) -> None:
    media = OwnMedia(ASKED, Ledger(), own_process=False)
    media.start(lambda _event: None)
    with pytest.raises(RecordingForbiddenError):
        media.choose(control.SetDevices(audio_out="heard.wav"), may_record=False)
    assert (port.told, media.devices.appearance.recording) == ([ASKED], False)
    media.choose(control.SetDevices(audio_out="device:USB"), may_record=False)
    assert port.told[-1] == control.SetDevices(audio_out="device:USB")
