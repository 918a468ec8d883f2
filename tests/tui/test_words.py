from __future__ import annotations

import pytest

from rooms.events import (
    BotState,
    CodeCompared,
    Device,
    DevicesMissing,
    E2eeState,
    Ended,
    ErrorEvent,
    FileDone,
    FileFailed,
    FileOffered,
    FileProgress,
    Hosting,
    Joined,
    KeyChanged,
    Knocking,
    Note,
    ParticipantJoined,
    ParticipantLeft,
    PasscodeShown,
    QualityState,
    Reaction,
    Reconnected,
    Reconnecting,
    RecordingState,
    RoomState,
    StateChange,
    Stats,
    VerificationCode,
)
from rooms.file_events import FileFields
from tui.words import describe


def room_state(**values: object) -> RoomState:
    usual = {"locked": False, "policy": {}, "hosts": [], "cohosts": []}
    return RoomState(**{**usual, **values})  # type: ignore[arg-type]


def test_the_link_never_gets_into_words() -> None:
    assert "secret" not in describe(Hosting(link="https://h/r/#secret.h.p"))


@pytest.mark.parametrize("reason", ["made", "asked", "renewed", "used_up"])
def test_the_passcode_never_gets_into_words_and_where_it_leads_does(reason) -> None:
    event = PasscodeShown(
        passcode="banana-acorn-about-agree", room="banana", server="h:1", reason=reason
    )
    said = describe(event)
    assert "sotto join banana --server h:1" in said
    assert not any(word in said for word in ("acorn", "about", "agree"))
    assert ("new passcode" in said) == (reason in ("renewed", "used_up"))


def test_a_file_is_told_when_it_begins_and_ends_and_not_in_between() -> None:
    fields = FileFields(
        file="ab" * 16, number=1, leaf=1, name="Ada", file_name="x.pdf", size=7, mine=False
    )
    assert describe(FileOffered(**fields)) == "Ada sends x.pdf (7 B)."
    assert describe(FileProgress(**fields, done=3)) == ""
    assert "/save 1" in describe(FileDone(**fields))
    assert "did not come" in describe(FileFailed(**fields, reason="incomplete"))


def test_who_comes_and_goes_is_told_with_the_state_of_the_key(someone, knocker) -> None:
    assert describe(ParticipantJoined(participant=someone(1, "Ada", key_state="changed"))) == (
        "Ada came in (KEY CHANGED since last time)."
    )
    assert "SHA256:Bob" in describe(knocker(1, "Bob"))
    assert describe(ParticipantLeft(leaf=1, name="Ada", reason="lost")) == (
        "Ada lost the connection."
    )


def test_a_broken_connection_is_told_and_that_nothing_is_sent_meanwhile() -> None:
    assert describe(Reconnecting(reason="the connection to the server broke")) == (
        "The connection to the server broke; nothing is sent until you are back."
    )
    assert "not shown" in describe(Reconnected(leaf=1, epoch=2))
    assert "others are coming back" in describe(Reconnected(leaf=0, epoch=2, opened=True))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (StateChange(what="locked"), "Hana locked the room."),
        (StateChange(what="unlocked"), "Hana unlocked the room."),
        (
            StateChange(what="forbidden", of="chat"),
            "Hana changed a rule: only hosts and cohosts may write.",
        ),
        (
            StateChange(what="allowed", of="recording"),
            "Hana changed a rule: everybody may record.",
        ),
        (StateChange(what="appointed", of="Ada"), "Hana made Ada a cohost."),
        (StateChange(what="appointed", of="Ada", me=True), "Hana made you a cohost."),
        (StateChange(what="dismissed", of="Ada"), "Hana made Ada a member again."),
    ],
)
def test_who_changed_what_in_the_room_is_told(change: StateChange, said: str) -> None:
    assert describe(room_state(name="Hana", changed=[change])) == said


def test_our_own_changes_and_a_lock_that_was_there_are_told(someone) -> None:
    both = [StateChange(what="locked"), StateChange(what="appointed", of="Ada")]
    assert describe(room_state(name="Me", mine=True, changed=both)) == (
        "You locked the room. You made Ada a cohost."
    )
    assert describe(room_state()) == ""
    assert describe(room_state(locked=True)) == "The room is locked."
    assert describe(ParticipantJoined(participant=someone(1, "Hana", role="host"))) == (
        "Hana came in (host, known key)."
    )


def test_a_changed_key_is_told_with_both_fingerprints() -> None:
    line = describe(KeyChanged(leaf=1, name="Ada", old="SHA256:old", new="SHA256:new"))
    assert line.startswith("KEY CHANGED: Ada")
    assert "SHA256:old" in line
    assert "SHA256:new" in line


def test_a_code_is_written_whole_for_those_without_a_screen() -> None:
    line = describe(VerificationCode(epoch=7, digits=["12345", "67890"], words=["apple", "river"]))
    for text in ("epoch 7", "12345 67890", "apple river", "/verify same"):
        assert text in line


def test_what_came_of_a_code_is_said_plainly() -> None:
    said = [
        describe(CodeCompared(epoch=7, same=same, people=people))
        for same, people in ((True, 2), (True, 0), (False, 2))
    ]
    assert said[0].startswith("Verified at epoch 7")
    assert "nobody to verify" in said[1]
    assert said[2].startswith("THE CODES DIFFER at epoch 7")


def test_joining_names_the_others(someone) -> None:
    people = [someone(0, "Me", me=True), someone(1, "Ada")]
    inside = Joined(leaf=0, epoch=1, participants=people, suite="post-quantum")
    assert describe(inside).endswith("with Ada; the keys are post-quantum.")
    assert "alone" in describe(Joined(leaf=0, epoch=1, participants=people[:1]))


@pytest.mark.parametrize(
    ("devices", "said"),
    [
        (["microphone"], "No microphone here: nobody hears you."),
        (["camera"], "No camera here: nobody sees you."),
        (["loudspeaker"], "No loudspeaker here: you hear nobody."),
        (["microphone", "camera"], "No microphone or camera here: nobody hears or sees you."),
        (
            ["microphone", "loudspeaker"],
            "No microphone or loudspeaker here: nobody hears you, and you hear nobody.",
        ),
        (
            ["camera", "loudspeaker"],
            "No camera or loudspeaker here: nobody sees you, and you hear nobody.",
        ),
        (
            ["microphone", "camera", "loudspeaker"],
            "No microphone, camera or loudspeaker here: "
            "nobody hears or sees you, and you hear nobody.",
        ),
    ],
)
def test_missing_devices_are_one_line(devices: list[Device], said: str) -> None:
    assert describe(DevicesMissing(devices=devices)) == said


@pytest.mark.parametrize(
    ("reason", "names", "said"),
    [
        ("disagrees", ["Ada"], "Ada has other keys than you."),
        ("disagrees", ["Ada", "Bob"], "Ada and Bob have other keys than you."),
        ("disagrees", ["Ada", "Bob", "Cy", "Di"], "Ada and 3 others have other keys than you."),
        ("behind", ["Ada"], "Ada has newer keys than you, and they do not reach you."),
        ("behind", [], "somebody has newer keys than you"),
        ("silent", [], "nobody confirms your keys."),
    ],
)
def test_a_stop_says_who_why_and_until_when(reason: str, names: list[str], said: str) -> None:
    text = describe(E2eeState(epoch=1, members=4, state="stopped", reason=reason, names=names))
    assert text.startswith(f"Sending has stopped: {said}")
    assert "It goes on by itself once" in text


def test_trouble_is_said_and_routine_is_not() -> None:
    assert describe(ErrorEvent(code="x", message="it broke", hint="mend it")) == (
        "it broke (mend it)"
    )
    assert describe(Note(text="microphone: USB")) == "microphone: USB"
    assert describe(E2eeState(epoch=1, members=2)) == ""
    assert describe(Ended(reason="")) == "The call is over."
    stats = Stats(
        sent_bytes=0,
        received_bytes=0,
        lost_packets=0,
        jitter_ms=0,
        round_trip_ms=None,
        decrypted_frames=0,
        decrypt_failures=0,
    )
    assert describe(stats) == ""


def test_whoever_waits_is_told_if_nobody_can_let_them_in() -> None:
    assert describe(Knocking(server="h:1")).endswith("a host has to let you in.")
    assert "no host is there now" in describe(Knocking(server="h:1", host_here=False))


def test_recording_is_said_loudly_and_its_end_too() -> None:
    assert describe(RecordingState(leaf=1, name="Eve", on=True)).startswith("Eve is RECORDING:")
    assert describe(RecordingState(leaf=1, name="Eve", on=False)) == (
        "Eve does not record any more."
    )


def test_a_program_is_told_apart_from_people() -> None:
    said = "Rob says that it is a program, not a person."
    assert describe(BotState(leaf=1, name="Rob", on=True)) == said
    assert "any more" in describe(BotState(leaf=1, name="Rob", on=False))


def test_a_reaction_is_said_and_taking_it_back_is_not() -> None:
    told = [Reaction(chat="00" * 8, leaf=1, name="Ada", emoji="👍", on=on) for on in (True, False)]
    assert [describe(one) for one in told] == ["Ada reacts: 👍", ""]


def test_a_connection_that_people_notice_is_told_with_what_is_bad_about_it() -> None:
    numbers = {"loss": 0.2, "sent_loss": None, "jitter_ms": 5.0, "concealed": 0.0}
    bad = QualityState(quality="bad", bad=["loss"], round_trip_ms=900.0, **numbers)
    said = "Your connection is bad: 20 percent lost, round trip 900 milliseconds."
    assert describe(bad) == said
    good = QualityState(quality="good", bad=[], round_trip_ms=90.0, **numbers)
    assert describe(good) == "Your connection is good again."
