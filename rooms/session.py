"""One room as a face talks to it: the server's connection, the protocol and the media, together.

Importing this loads no codec and no NumPy: media code is imported where the media runs.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from e2ee.identity import Identity
from e2ee.link import Link, host_hash, local_id, new_secret, room_keys
from media import control
from media.errors import DeviceError, MediaError
from rooms import events
from rooms.attention import Attention
from rooms.client import ServerAddress
from rooms.errors import RoomsError
from rooms.filing import Filing
from rooms.keeping_chat import KeepingChat
from rooms.latest import Latest
from rooms.ledger import Ledger
from rooms.media_events import error_of, translate
from rooms.moderating import Moderating
from rooms.own_media import MAY_NOT_SHOW, OwnMedia
from rooms.passcoding import Passcoding
from rooms.phases import Phase
from rooms.protocol import RoomProtocol
from rooms.reconnecting import Line
from rooms.remembering import Remembering
from rooms.session_options import SessionOptions
from rooms.signing import PreparedIdentity
from rooms.ticker import Ticker
from rooms.told import OnEvent, OnPicture, Told
from rooms.verifying import Verifying
from rooms.voices import Voices

__all__ = ["ServerAddress", "Session", "SessionOptions"]


class Session:
    """One participation in one room, from `run` to `Ended`. Implements `tui.ports.CallPort`."""

    def __init__(
        self,
        server: ServerAddress,
        link: Link,
        protocol: RoomProtocol,
        options: SessionOptions,
        *,
        identity: PreparedIdentity,
        ledger: Ledger,
    ) -> None:
        self.ledger = ledger
        self._link = link
        self._protocol = protocol
        self._identity = identity
        self._options = options
        self._media = OwnMedia(options.media, ledger, own_process=options.own_process)
        self._told = Told()
        self._passcodes = Passcoding(protocol, self._drain, wanted=options.passcode)
        self._attention = Attention(protocol, self._media.command)
        self._remembering = Remembering(link.to_text(), options.rooms, self._told.tell)
        self._keeping = KeepingChat(local_id(link.secret), options.chat, self._told.tell)
        self._files = Filing(protocol, self._drain)
        voices = Voices(protocol, self._media.command)
        kept = self._remembering, self._keeping
        for own in (self._passcodes, self._attention, voices, *kept, self._files):
            self._told.listen(own.on_event)
        self._verification = Verifying(protocol, options.people, self._told.tell)
        self._moderation = Moderating(protocol, self._drain)
        self._room_id = room_keys(link.secret).room_id
        self._line = Line(server, ledger, protocol, prepare=self._prepare, changed=self._drain)
        self._over: asyncio.Queue[events.Ended] = asyncio.Queue()
        self._ticker = Ticker(protocol, self._drain)
        self._presence_changed()

    @classmethod
    def host(
        cls,
        server: ServerAddress,
        identity: Identity,
        options: SessionOptions,
        ledger: Ledger,
    ) -> Session:
        """Return a session that opens a new room on a server."""
        link = Link(server.text, new_secret(), host_hash(identity.public_blob), server.pin)
        return cls._make(server, link, identity, options, ledger, hosting=True)

    @classmethod
    def join(
        cls, link: Link, identity: Identity, options: SessionOptions, ledger: Ledger
    ) -> Session:
        """Return a session that knocks at the room of a link."""
        server = ServerAddress.of_link(link)
        return cls._make(server, link, identity, options, ledger, hosting=False)

    @classmethod
    def _make(
        cls,
        server: ServerAddress,
        link: Link,
        identity: Identity,
        options: SessionOptions,
        ledger: Ledger,
        *,
        hosting: bool,
    ) -> Session:
        mine = PreparedIdentity(identity)
        protocol = RoomProtocol(link, mine, options.name, hosting=hosting, suites=options.suites)
        protocol.policy = options.policy
        return cls(server, link, protocol, options, identity=mine, ledger=ledger)

    # --- what a face reads ---

    @property
    def link(self) -> str:
        """The link others join with. It is a secret."""
        return self._link.to_text()

    @property
    def participants(self) -> Sequence[events.Participant]:
        """Everybody in the room, by leaf; empty before we are in it."""
        roster = self._protocol.roster
        return roster.participants() if roster is not None else []

    @property
    def knocks(self) -> Sequence[events.Knock]:
        """Those who wait for a host's decision, oldest first."""
        return list(self._told.knocks.values())

    @property
    def chat(self) -> Sequence[events.ChatReceived]:
        """The last lines written, in the order everybody sees."""
        return list(self._told.chat)

    @property
    def muted(self) -> bool:
        """Whether our microphone is off, or missing."""
        return self._media.devices.muted

    @property
    def camera(self) -> bool:
        """Whether our camera is on."""
        return self._media.devices.camera

    @property
    def has_microphone(self) -> bool | None:
        """Whether there is anything to be heard by; None until it is known."""
        return self._media.devices.has_microphone

    @property
    def has_camera(self) -> bool | None:
        """Whether there is anything to be seen by; None until it is known."""
        return self._media.devices.has_camera

    @property
    def publishing_audio(self) -> bool:
        """Whether sound of ours really leaves this machine."""
        return self._media.publishing.audio

    @property
    def publishing_video(self) -> bool:
        """Whether pictures of ours really leave this machine."""
        return self._media.publishing.video

    @property
    def verification(self) -> Verifying:
        """The verification code, and what came of comparing it."""
        return self._verification

    @property
    def sending_stopped(self) -> bool:
        """Whether we are in the room and nothing of ours is sent there now."""
        return self._protocol.sending_stopped

    @property
    def epoch(self) -> int:
        """The epoch of the group; 0 before there is one."""
        return self._protocol.epoch

    @property
    def moderation(self) -> Moderating:
        """The roles and rules of the room."""
        return self._moderation

    @property
    def passcodes(self) -> Passcoding:
        """What others may say instead of the link."""
        return self._passcodes

    @property
    def files(self) -> Filing:
        """The files that are sent in the room."""
        return self._files

    @property
    def latest(self) -> Latest:
        """What was told last about the keys, the connection and the media."""
        return self._told.latest

    def listen(self, on_event: OnEvent, on_picture: OnPicture | None = None) -> None:
        """Register a listener; both callbacks run in the event loop of the session."""
        self._told.listen(on_event, on_picture)

    # --- what a face wants ---

    def say(self, text: str, reply_to: str = "") -> None:
        """Write a line to everybody; `reply_to` is the id of the line it answers."""
        self._protocol.say(text, time.time(), reply_to)
        self._drain()

    def react(self, chat_id: str, emoji: str, on: bool = True) -> None:
        """React to a line with an emoji, or take that back."""
        self._protocol.react(chat_id, emoji, on=on)
        self._drain()

    def set_muted(self, muted: bool) -> None:
        """Turn our microphone off or on; one that is missing stays off."""
        self._media.mute(muted)
        self._presence_changed()

    def set_camera(self, on: bool) -> None:
        """Turn our camera on or off; one that is missing, or may not be on, stays off."""
        self._change(lambda: self._media.show(on, may=self._moderation.may("share")))

    def set_volume(self, leaf: int, gain: float) -> None:
        """Play one participant louder or softer, for us only."""
        self._attention.set_volume(leaf, gain)

    def volume(self, leaf: int) -> float:
        """Return how loud a participant is played for us; 1.0 is as they sent it."""
        return self._attention.volume(leaf)

    def set_view(self, leaf: int, width: int, height: int) -> None:
        """Ask for pictures of a participant in this size, pixels; 0 x 0 for none."""
        self._attention.set_view(leaf, width, height)

    def rehearse(self, on: bool) -> None:
        """Run microphone and camera for ourselves, from before we are in the room until we are."""
        self._media.command(control.Rehearse(on))

    def set_meters(self, on: bool) -> None:
        """Have `LevelState` told ten times a second, or no more."""
        self._media.command(control.SetMeters(on))

    def set_devices(
        self,
        audio_in: str | None = None,
        audio_out: str | None = None,
        video_in: str | None = None,
    ) -> None:
        """Take other devices, by spec (`media.control.Configure`); None keeps what there is.

        One that takes the place of none at all begins muted, or off. None is recorded to where the
        room's rules forbid it.
        """
        chosen = control.SetDevices(audio_in, audio_out, video_in)
        may_record = self._moderation.may("recording")
        self._change(lambda: self._media.choose(chosen, may_record=may_record))

    def set_privacy(self, *, share_level: bool, constant_bitrate: bool) -> None:
        """Say what packets of sound may give away from now on."""
        self._media.command(control.SetPrivacy(share_level, constant_bitrate))

    def admit(self, knock: int) -> None:
        """Let somebody in."""
        self._protocol.admit(knock, time.time())
        self._drain()

    def refuse(self, knock: int) -> None:
        """Turn somebody away."""
        self._protocol.refuse(knock)
        self._drain()

    def remove(self, leaf: int) -> None:
        """Put somebody out of the room."""
        self._protocol.remove(leaf, time.time())
        self._drain()

    def end_input(self, kind: str) -> None:
        """Have it told that what the person gives beside sound and pictures has come to its end."""
        self._told.tell(events.InputEnded(kind=kind))

    def leave(self) -> None:
        """Say goodbye and end the call."""
        self._protocol.leave()
        self._drain()

    # --- from start to end ---

    async def run(self) -> events.Ended:
        """Take part until the call is over; return how it ended. To be called once."""
        # First of all: while a media process loads its codecs, we talk to the server.
        self._media.start(self._on_media)
        talking = asyncio.create_task(self._line.run(), name="room")
        over = asyncio.create_task(self._over.get(), name="over")
        try:
            await asyncio.wait([talking, over], return_when=asyncio.FIRST_COMPLETED)
            if not over.done():
                talking.result()  # raises if it failed by a mistake of ours
            ended = await over
        finally:
            over.cancel()
            talking.cancel()
            kept = self._remembering, self._keeping
            parts = self._media, self._verification, self._passcodes, self._files, *kept
            closing = (part.close() for part in parts)
            await asyncio.gather(talking, *closing, return_exceptions=True)
        self._told.tell(ended)
        return ended

    async def _prepare(self) -> None:
        """Have our proof made: an agent may ask a person, and must not hold up anything else."""
        await self._identity.prepare(self._room_id, self._options.shown_name)

    # --- what comes of it ---

    def _drain(self) -> None:
        """Pass on what the protocol wants sent, done and told."""
        taken = self._protocol.out.take()
        for message in taken.outbox:
            self._line.send(message)
        for command in taken.commands:
            self._media.command(command)
        for event in taken.events:
            self._happened(event)
        self._line.settle()
        self._verification.remember()
        self._ticker.plan()

    def _happened(self, event: events.AnyEvent) -> None:
        if isinstance(event, events.Ended):
            self._over.put_nowait(event)  # told when everything is closed
            return
        self._told.tell(event)
        match event:
            case events.Knock() if self._options.admits(event):
                self.admit(event.knock)
            case events.RoomState() if self.camera and not self._moderation.may("share"):
                self._protocol.out.note(f"your camera is off: {MAY_NOT_SHOW}")
                self.set_camera(False)

    def _change(self, change: Callable[[], None]) -> None:
        """Change our devices, unless the room's rules forbid it."""
        try:
            change()
        except RoomsError as error:
            self._protocol.out.report(error)
        self._presence_changed()

    def _presence_changed(self) -> None:
        self._protocol.appear(replace(self._media.devices.appearance, bot=self._options.bot))
        self._drain()

    def _on_media(self, event: control.Event) -> None:
        self._media.heard(event)
        if self._protocol.phase is Phase.OVER:
            return
        match event:
            case control.Picture() if self._attention.sees(event.leaf):
                self._told.show(event)
            case control.Offered():
                self._protocol.media.offered(event.offer)
                self._drain()
            case control.Disconnected():
                self._protocol.media.broke(time.time())
                self._drain()
            case control.Failed():
                self._media_failed(error_of(event))
            case control.Devices():
                self._found(event)
            case control.RecordingEnded(reason) | control.InputEnded(reason=reason) if reason:
                self._protocol.out.report(DeviceError(reason))
                self._presence_changed()
        if (told := translate(event, self._protocol.roster)) is not None:
            self._told.tell(told)

    def _found(self, devices: control.Devices) -> None:
        missing = self._media.devices.found(devices)
        self._presence_changed()
        if missing:
            self._told.tell(events.DevicesMissing(devices=missing))

    def _media_failed(self, error: MediaError) -> None:
        """End a call whose devices are not those asked for; else it goes on without media."""
        if isinstance(error, DeviceError):
            self._protocol.fail(error)
        else:
            self._protocol.out.report(error)
        self._drain()
