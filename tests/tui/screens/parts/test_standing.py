from __future__ import annotations

from showing import intents, screen, shown, status, written

from rooms.events import (
    E2eeState,
    ErrorEvent,
    Knocking,
    Note,
    Reconnected,
    Reconnecting,
    Stats,
)
from tui.widgets.alarm import AlarmBanner


async def test_the_status_tells_what_is_sent_not_what_is_switched(call) -> None:
    async with shown(call, (120, 36)) as pilot:
        assert "nothing sent" in status(pilot)
        call.publish(True, True)
        assert "mic live" in status(pilot)
        assert "camera live" in status(pilot)
        await pilot.press("m")
        assert intents(call) == [("muted", True)]
        assert "STILL SENDING" in status(pilot)
        call.publish(False, False)
        assert "× muted" in status(pilot)
        call.emit(E2eeState(epoch=2, members=1, state="stopped", reason="disagrees", names=["Ada"]))
        await pilot.pause()
        assert "NOT SENDING" in status(pilot)
        banner = screen(pilot).query_one(AlarmBanner)
        assert "Ada has other keys than you" in str(banner.render())
        call.emit(E2eeState(epoch=3, members=1, state="stopped", reason="disagrees", names=["Ada"]))
        await pilot.pause()
        assert written(pilot).count("Sending has stopped: ") == 1
        call.emit(E2eeState(epoch=3, members=1))
        await pilot.pause()
        assert "encrypted" in status(pilot)
        assert not banner.display


async def test_a_broken_connection_is_said_as_long_as_it_lasts(call) -> None:
    async with shown(call) as pilot:
        call.emit(E2eeState(epoch=1, members=1))
        call.emit(Reconnecting(reason="the connection to the server broke"))
        await pilot.pause()
        assert "nothing is sent" in status(pilot)
        assert "encrypted" not in status(pilot)
        call.emit(Reconnected(leaf=0, epoch=2))
        await pilot.pause()
        assert "nothing is sent" not in status(pilot)


async def test_without_devices_everything_says_so_and_nothing_pretends(call) -> None:
    async with shown(call, (140, 36)) as pilot:
        call.lose_devices()
        await pilot.press("m", "v")
        await pilot.pause()
        assert intents(call) == []
        assert "× no mic  × no camera" in status(pilot)
        text = written(pilot)
        assert "No microphone, camera or loudspeaker here" in text
        assert "you stay muted" in text


async def test_waiting_notes_and_errors_are_told(call) -> None:
    call.joins = False
    async with shown(call, (140, 36)) as pilot:
        call.emit(Knocking(server="h:1"))
        assert "waiting for a host" in status(pilot)
        call.join()
        call.emit(Note(text="microphone: USB"))
        call.emit(ErrorEvent(code="x", message="it broke"))
        for delay in (900.0, 20.0):
            call.emit(
                Stats(
                    sent_bytes=1,
                    received_bytes=1,
                    lost_packets=0,
                    jitter_ms=1,
                    round_trip_ms=delay,
                    decrypted_frames=1,
                    decrypt_failures=0,
                )
            )
            assert ("bad: 0% lost, round trip 900 ms" in status(pilot)) == (delay > 400)
        await pilot.pause()
        assert "microphone: USB" in written(pilot)
        assert "it broke" in written(pilot)
