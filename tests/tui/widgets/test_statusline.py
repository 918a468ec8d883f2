from __future__ import annotations

from dataclasses import replace

import pytest

from tui.widgets.statusline import (
    Phase,
    Status,
    compose,
    encryption,
    lens,
    microphone,
    verification,
)

IN = Status(phase="in", epoch=4, members=3, muted=False, sending_audio=True, role="host")


@pytest.mark.parametrize(
    ("muted", "sending", "says"),
    [
        (True, False, "muted"),
        (False, True, "mic live"),
        (False, False, "nothing sent"),
        (True, True, "STILL SENDING"),
    ],
)
def test_the_microphone_is_judged_by_packets(muted: bool, sending: bool, says: str) -> None:
    assert says in microphone(Status(muted=muted, sending_audio=sending))[0]


@pytest.mark.parametrize(
    ("camera", "sending", "says"),
    [
        (False, False, "camera off"),
        (True, True, "camera live"),
        (True, False, "no picture sent"),
        (False, True, "STILL SENDING"),
    ],
)
def test_the_camera_is_judged_by_packets(camera: bool, sending: bool, says: str) -> None:
    assert says in lens(Status(camera=camera, sending_video=sending))[0]


def test_nothing_is_wrong_with_a_microphone_that_is_still_looked_for() -> None:
    starting = Status(has_microphone=None, muted=False)
    assert microphone(starting) == ("○ mic starting", "$foreground-muted")
    assert "muted" in microphone(replace(starting, muted=True))[0]


def test_missing_devices_are_said_quietly_unless_something_is_sent() -> None:
    none = Status(has_microphone=False, muted=True, has_camera=False)
    assert microphone(none) == ("× no mic", "$foreground-muted")
    assert lens(none) == ("× no camera", "$foreground-muted")
    sending = replace(none, sending_audio=True, sending_video=True)
    assert "STILL SENDING" in microphone(sending)[0]
    assert "STILL SENDING" in lens(sending)[0]


def test_it_names_the_epoch_and_who_shares_its_keys() -> None:
    assert encryption(IN)[0] == "encrypted, epoch 4, 3 members"
    assert encryption(replace(IN, members=1))[0].endswith("1 member")
    text, style = encryption(replace(IN, phase="stopped"))
    assert "NOT SENDING" in text
    assert "error" in style


def test_what_is_sent_although_sending_has_stopped_is_an_alarm() -> None:
    stopped = replace(IN, phase="stopped", sending_audio=False)
    assert "SENDING" not in compose(stopped, 80).plain.replace("NOT SENDING", "")
    both = compose(replace(stopped, sending_audio=True, sending_video=True), 100).plain
    assert both.count("STILL SENDING") == 2


def test_before_the_call_nothing_is_claimed() -> None:
    for phase in ("starting", "knocking", "leaving", "over"):
        text = compose(replace(IN, phase=phase), 120).plain
        assert "encrypted" not in text
        assert "live" not in text


@pytest.mark.parametrize("width", [20, 36, 59, 60, 80, 160])
def test_it_never_gets_wider_than_the_screen(width: int) -> None:
    line = compose(replace(IN, quality="slow: 900 ms round trip"), width)
    assert line.cell_length <= width


def test_the_microphone_stays_in_sight_on_a_phone_sized_screen() -> None:
    assert "mic live" in compose(IN, 36).plain
    assert "help" in compose(IN, 80).plain


def test_a_compared_code_is_claimed_for_those_who_were_there() -> None:
    assert "verified" not in compose(IN, 160).plain
    assert verification(replace(IN, verified=3)) == ("verified at epoch 3", "$success")
    text, style = verification(replace(IN, verified=3, unverified=2))
    assert (text, style) == ("verified at epoch 3, 2 people since", "$warning")
    assert text in compose(replace(IN, verified=3, unverified=2), 160).plain


@pytest.mark.parametrize("width", [60, 80, 100])
@pytest.mark.parametrize("phase", ["starting", "knocking", "in", "stopped", "reconnecting"])
@pytest.mark.parametrize(
    "busy",
    [
        IN,
        replace(IN, epoch=23, members=12, has_camera=False, quality="slow: 900 ms round trip"),
        replace(IN, sending_audio=False, camera=True, verified=3, unverified=2),
    ],
)
def test_help_is_always_in_sight(width: int, phase: Phase, busy: Status) -> None:
    assert "? help" in compose(replace(busy, phase=phase), width).plain


def test_leaving_is_worth_more_than_what_can_be_looked_up() -> None:
    line = compose(replace(IN, quality="slow: 900 ms round trip"), 80).plain
    assert "? help  q leave" in line
    assert "camera off" in line


def test_what_does_not_fit_takes_nothing_shorter_with_it() -> None:
    host = replace(IN, role="host", has_camera=False, verified=3)
    assert "verified" not in compose(host, 80).plain
    assert "host" in compose(host, 80).plain
    locked = compose(replace(host, locked=True), 84).plain
    assert "locked" in locked
    assert "? help  q leave" in locked


def test_an_alarm_is_not_lost_to_the_keys() -> None:
    line = compose(replace(IN, muted=True, sending_video=True), 80).plain
    assert line.count("STILL SENDING") == 2
    assert "? help" in line
