"""A small real call for the faces' tests: state, events and nothing behind it."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
from collections.abc import AsyncIterator, Callable

import msgspec
import pytest
from scripted import ScriptedDevices, ScriptedFiles, ScriptedLedger, ScriptedSettings

from e2ee.spoken_words import SPOKEN_WORDS
from rooms.events import (
    AnyEvent,
    ChatReceived,
    CodeCompared,
    DevicesMissing,
    E2eeState,
    Ended,
    InputEnded,
    Joined,
    Knock,
    KnockWithdrawn,
    MuteState,
    Participant,
    ParticipantJoined,
    ParticipantLeft,
    PasscodeShown,
    PublishingState,
    Reaction,
    RecordingState,
    Role,
    RoomState,
    SpeakingState,
    StateChange,
    VerificationCode,
)
from rooms.latest import Latest
from rooms.ledger import LedgerLine
from tui.ports import Picture

SENT = dt.datetime(2026, 1, 2, 3, 4, tzinfo=dt.UTC)


def person(leaf: int, name: str, **changes: object) -> Participant:
    """Return a participant with a known key."""
    values: dict[str, object] = {
        "leaf": leaf,
        "name": name,
        "fingerprint": f"SHA256:{name}",
        "role": "member",
        "key_state": "known",
    }
    return Participant(**{**values, **changes})  # type: ignore[arg-type]


def knock(number: int, name: str, key_state: str = "new") -> Knock:
    """Return a knock."""
    return Knock(knock=number, name=name, fingerprint=f"SHA256:{name}", key_state=key_state)  # type: ignore[arg-type]


class ScriptedVerification:
    """A code that is always the same, told at once; it keeps every intent."""

    def __init__(self, call: ScriptedCall) -> None:
        self.call = call
        self.epoch: int | None = None
        self.since = 0
        self.told: int | None = None

    def ask(self) -> None:
        self.call.intents.append(("ask",))
        self.call.emit(self._code())

    async def code(self) -> VerificationCode | None:
        return self._code() if self.call.participants else None

    def _code(self) -> VerificationCode:
        self.told = self.call.epoch
        return VerificationCode(
            epoch=self.call.epoch,
            digits=[f"{group}" * 5 for group in range(1, 7)],
            words=list(SPOKEN_WORDS[:9]),
        )

    def answer(self, same: bool, epoch: int | None = None) -> bool:
        self.call.intents.append(("answer", same))
        if self.told is None or epoch not in (None, self.told):
            return False
        self.told = None
        self.epoch = self.call.epoch if same else None
        people = len(self.call.participants) - 1
        self.call.emit(CodeCompared(epoch=self.call.epoch, same=same, people=people))
        return True


class ScriptedPasscodes:
    """A passcode that is always the same, told at once; it keeps every intent."""

    def __init__(self, call: ScriptedCall) -> None:
        self.call = call

    def ask(self) -> None:
        self.call.intents.append(("ask passcode",))
        self.tell("asked")

    def renew(self) -> None:
        self.call.intents.append(("renew passcode",))
        self.tell("renewed")

    def tell(self, reason: str) -> None:
        self.call.emit(
            PasscodeShown(
                passcode="banana-acorn-bicycle-august",
                room="banana",
                server="127.0.0.1:4433",
                reason=reason,
            )
        )


class ScriptedModeration:
    """Roles and rules that change as soon as they are asked for; it keeps every intent."""

    def __init__(self, call: ScriptedCall) -> None:
        self.call = call
        self.role: Role = "host"
        self.state: RoomState | None = RoomState(
            locked=False,
            policy={"recording": False, "ai": False, "chat": True, "share": True, "stage": False},
            hosts=["SHA256:Me"],
            cohosts=[],
        )

    def lock(self, on: bool) -> None:
        self.call.intents.append(("lock", on))
        self.become(StateChange(what="locked" if on else "unlocked"), locked=on)

    def allow(self, rule: str, on: bool) -> None:
        self.call.intents.append(("allow", rule, on))
        assert self.state is not None
        what = StateChange(what="allowed" if on else "forbidden", of=rule)
        self.become(what, policy={**self.state.policy, rule: on})

    def appoint(self, leaf: int) -> None:
        self.call.intents.append(("appoint", leaf))
        who = self.call.change(leaf, role="cohost")
        self.become(StateChange(what="appointed", of=who.name), cohosts=[who.fingerprint])

    def dismiss(self, fingerprint: str) -> None:
        self.call.intents.append(("dismiss", fingerprint))
        self.become(StateChange(what="dismissed", of=fingerprint), cohosts=[])

    def become(self, what: StateChange, **changes: object) -> None:
        assert self.state is not None
        self.state = msgspec.structs.replace(
            self.state, name="Me", mine=True, changed=[what], **changes
        )
        self.call.emit(self.state)


class ScriptedCall:
    """A call whose other participants do what the test says; it keeps every intent."""

    def __init__(self) -> None:
        self.link = "https://127.0.0.1:4433/r/#secret.host.pin"
        self.me = person(0, "Me", role="host", me=True, muted=False)
        self.participants: list[Participant] = []
        self.knocks: list[Knock] = []
        self.chat: list[ChatReceived] = []
        self.muted = False
        self.camera = True
        self.has_microphone = True
        self.has_camera = True
        self.publishing_audio = False
        self.publishing_video = False
        self.sending_stopped = False
        self.epoch = 0
        self.latest = Latest()
        self.moderation = ScriptedModeration(self)
        self.passcodes = ScriptedPasscodes(self)
        self.files = ScriptedFiles(self)
        self.verification = ScriptedVerification(self)
        self.gains: dict[int, float] = {}
        self.intents: list[tuple[object, ...]] = []
        self.on_event: list[Callable[[AnyEvent], None]] = []
        self.on_picture: list[Callable[[Picture], None]] = []
        self.ended: asyncio.Future[Ended] | None = None
        self.joins = True
        self.reluctant = False

    # --- CallPort ---

    def listen(
        self,
        on_event: Callable[[AnyEvent], None],
        on_picture: Callable[[Picture], None] | None = None,
    ) -> None:
        self.on_event.append(on_event)
        if on_picture is not None:
            self.on_picture.append(on_picture)

    def say(self, text: str, reply_to: str = "") -> None:
        self.intents.append(("say", text, reply_to) if reply_to else ("say", text))
        self.hear(self.me.leaf, text, reply_to)

    def react(self, chat_id: str, emoji: str, on: bool = True) -> None:
        self.intents.append(("react", chat_id, emoji, on))
        self.reacted(self.me.leaf, chat_id, emoji, on)

    def set_muted(self, muted: bool) -> None:
        self.intents.append(("muted", muted))
        self.muted = muted
        if self.participants:
            self.change(self.me.leaf, muted=muted)
        self.emit(MuteState(leaf=self.me.leaf, name=self.me.name, muted=muted))

    def set_camera(self, on: bool) -> None:
        self.intents.append(("camera", on))
        self.camera = on

    def set_volume(self, leaf: int, gain: float) -> None:
        self.intents.append(("volume", leaf, gain))
        self.gains[leaf] = gain

    def volume(self, leaf: int) -> float:
        return self.gains.get(leaf, 1.0)

    def set_view(self, leaf: int, width: int, height: int) -> None:
        self.intents.append(("view", leaf, width, height))

    def rehearse(self, on: bool) -> None:
        self.intents.append(("rehearse", on))

    def set_meters(self, on: bool) -> None:
        self.intents.append(("meters", on))

    def set_devices(
        self,
        audio_in: str | None = None,
        audio_out: str | None = None,
        video_in: str | None = None,
    ) -> None:
        self.intents.append(("devices", audio_in, audio_out, video_in))

    def set_privacy(self, *, share_level: bool, constant_bitrate: bool) -> None:
        self.intents.append(("privacy", share_level, constant_bitrate))

    def admit(self, knock: int) -> None:
        self.intents.append(("admit", knock))
        self.withdraw(knock)

    def refuse(self, knock: int) -> None:
        self.intents.append(("refuse", knock))
        self.withdraw(knock)

    def remove(self, leaf: int) -> None:
        self.intents.append(("remove", leaf))

    def end_input(self, kind: str) -> None:
        self.emit(InputEnded(kind=kind))

    def leave(self) -> None:
        self.intents.append(("leave",))
        if not self.reluctant:
            self.end()

    # --- RunningCall ---

    async def run(self) -> Ended:
        self.ended = asyncio.get_running_loop().create_future()
        if self.joins:
            self.join()
        return await self.ended

    # --- what the test makes happen ---

    def emit(self, event: AnyEvent) -> None:
        self.latest.on_event(event)
        for listener in list(self.on_event):
            listener(event)

    def show(self, picture: Picture) -> None:
        for listener in self.on_picture:
            listener(picture)

    def join(self) -> None:
        self.participants = [self.me, *self.participants]
        self.epoch += 1
        self.emit(Joined(leaf=0, epoch=self.epoch, participants=list(self.participants)))
        self.emit(E2eeState(epoch=self.epoch, members=len(self.participants)))

    def arrive(self, someone: Participant) -> None:
        self.participants.append(someone)
        self.epoch += 1
        self.emit(ParticipantJoined(participant=someone))
        self.emit(E2eeState(epoch=self.epoch, members=len(self.participants)))

    def depart(self, leaf: int) -> None:
        gone = next(p for p in self.participants if p.leaf == leaf)
        self.participants.remove(gone)
        self.emit(ParticipantLeft(leaf=leaf, name=gone.name, reason="left"))

    def change(self, leaf: int, **changes: object) -> Participant:
        index = next(i for i, p in enumerate(self.participants) if p.leaf == leaf)
        self.participants[index] = msgspec.structs.replace(self.participants[index], **changes)
        return self.participants[index]

    def speak(self, leaf: int, on: bool) -> None:
        changed = self.change(leaf, speaking=on)
        self.emit(SpeakingState(leaf=leaf, name=changed.name, on=on))

    def hear(self, leaf: int, text: str, reply_to: str = "") -> None:
        who = next(p for p in self.participants if p.leaf == leaf)
        line = ChatReceived(
            id=f"{len(self.chat):016x}",
            leaf=leaf,
            name=who.name,
            text=text,
            sent=SENT,
            reply_to=reply_to,
            mine=who.me,
        )
        self.chat.append(line)
        self.emit(line)

    def reacted(self, leaf: int, chat: str, emoji: str, on: bool = True) -> None:
        who = next(p for p in self.participants if p.leaf == leaf)
        self.emit(Reaction(chat=chat, leaf=leaf, name=who.name, emoji=emoji, on=on, mine=who.me))

    def record(self, leaf: int, on: bool) -> None:
        changed = self.change(leaf, recording=on)
        self.emit(RecordingState(leaf=leaf, name=changed.name, on=on))

    def knocked(self, one: Knock) -> None:
        self.knocks.append(one)
        self.emit(one)

    def withdraw(self, number: int) -> None:
        self.knocks = [one for one in self.knocks if one.knock != number]
        self.emit(KnockWithdrawn(knock=number))

    def publish(self, audio: bool, video: bool) -> None:
        self.publishing_audio, self.publishing_video = audio, video
        self.emit(PublishingState(audio=audio, video=video))

    def lose_devices(self) -> None:
        self.has_microphone = self.has_camera = self.camera = False
        self.muted = True
        self.change(self.me.leaf, muted=True, camera=False)
        self.emit(MuteState(leaf=self.me.leaf, name=self.me.name, muted=True))
        self.emit(DevicesMissing(devices=["microphone", "camera", "loudspeaker"]))

    def end(self, reason: str = "", code: str = "") -> None:
        if self.ended is not None and not self.ended.done():
            ended = Ended(reason=reason, code=code)
            self.emit(ended)
            self.ended.set_result(ended)

    @contextlib.asynccontextmanager
    async def opened(self) -> AsyncIterator[ScriptedCall]:
        """Be the opener of itself."""
        yield self


@pytest.fixture
def call() -> ScriptedCall:
    """A call nobody has joined yet."""
    return ScriptedCall()


@pytest.fixture
def someone() -> Callable[..., Participant]:
    """Make participants."""
    return person


@pytest.fixture
def knocker() -> Callable[..., Knock]:
    """Make knocks."""
    return knock


@pytest.fixture
def settings() -> ScriptedSettings:
    """Settings as they are without a file."""
    return ScriptedSettings()


@pytest.fixture
def devices() -> ScriptedDevices:
    """Devices nobody has opened yet."""
    return ScriptedDevices()


@pytest.fixture
def ledger() -> ScriptedLedger:
    """A ledger of two addresses."""
    ledger = ScriptedLedger()
    ledger.lines = [
        LedgerLine("192.0.2.7:4433", "signalling", "who, when and how much", 12_345, 67_890),
        LedgerLine("192.0.2.7:40000", "media", "who sends when and how much", 1_234_567, 7_654_321),
    ]
    return ledger
