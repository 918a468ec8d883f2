from __future__ import annotations

from rooms.events import Reconnecting
from tui.ctl.properties import properties


def test_what_is_true_of_a_call_is_told(call, someone, knocker) -> None:
    call.join()
    call.arrive(someone(1, "Ada", speaking=True, recording=True))
    call.knocked(knocker(1, "Grace"))
    call.publish(audio=True, video=False)
    call.moderation.lock(True)
    call.sending_stopped = True
    seen = properties(call, 3)
    assert (seen.call, seen.name, seen.role, seen.knocks, seen.locked) == (3, "Me", "host", 1, True)
    assert (seen.publishing_audio, seen.publishing_video) == (True, False)
    assert seen.sending_stopped
    assert (seen.speaking, seen.recording, seen.quality) == (["Ada"], ["Ada"], "good")


def test_the_state_is_that_of_the_connection(call) -> None:
    call.moderation.state = None
    assert (properties(call, 1).state, properties(call, 1).locked) == ("joining", False)
    call.join()
    assert properties(call, 1).state == "in_room"
    call.emit(Reconnecting(reason="the server is gone"))
    assert properties(call, 1).state == "reconnecting"
