from __future__ import annotations

import msgspec

from rooms.settings import Settings
from tui.applying import Applying

BEFORE = Settings()


def changed(call, **changes: object) -> list[tuple[object, ...]]:
    Applying(BEFORE, lambda: call).changed(msgspec.structs.replace(BEFORE, **changes))
    return list(call.intents)


def test_what_packets_give_away_changes_at_once(call) -> None:
    assert changed(call, share_level=False) == [("privacy", False, True)]


def test_another_device_is_taken_and_the_others_are_kept(call) -> None:
    assert changed(call, audio_in="device:USB") == [("devices", "device:USB", None, None)]


def test_what_is_no_business_of_the_call_does_nothing_to_it(call) -> None:
    assert changed(call, theme="light", camera_on=True) == []


def test_each_change_is_against_the_one_before(call) -> None:
    applying = Applying(BEFORE, lambda: call)
    none = msgspec.structs.replace(BEFORE, video_in="none")
    for settings in (none, none, BEFORE):
        applying.changed(settings)
    assert call.intents == [("devices", None, None, "none"), ("devices", None, None, "camera")]


def test_without_a_call_there_is_nothing_to_change() -> None:
    Applying(BEFORE, lambda: None).changed(msgspec.structs.replace(BEFORE, share_level=False))
