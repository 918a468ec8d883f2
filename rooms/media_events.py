"""What the media plane tells, in terms of the room: leaves become people. Pure."""

from __future__ import annotations

from media import control
from media.errors import CodecError, DeviceError, MediaError, MediaProcessError, TransportError
from rooms import events
from rooms.roster import Roster

_BY_CODE = {
    error.code: error
    for error in (MediaError, DeviceError, CodecError, TransportError, MediaProcessError)
}


def translate(event: control.Event, roster: Roster | None) -> events.AnyEvent | None:
    """Return the event for the face; also notes in the roster who is speaking.

    None for leaves that are not in the room (any more), and for what only the session uses.
    """
    told: events.AnyEvent | None
    match event:
        case control.Heard() | control.Seen() | control.Speaking():
            known = roster is not None and event.leaf in roster
            told = _of_person(event, roster) if roster is not None and known else None
        case control.Publishing():
            told = events.PublishingState(audio=event.audio, video=event.video)
        case control.Levels():
            told = events.LevelState(microphone=event.microphone, loudspeaker=event.loudspeaker)
        case control.InputEnded():
            told = events.InputEnded(kind=event.kind)
        case control.DeviceNote():
            told = events.Note(text=event.text)
        case control.Disconnected():
            told = events.Note(text=f"sound and pictures stopped: {event.reason}")
        case control.MediaStats():
            told = _stats(event)
        case _:
            told = None
    return told


def error_of(event: control.Failed) -> MediaError:
    """Return the error that ended the media, possibly in another process."""
    return _BY_CODE.get(event.code, MediaError)(event.message, hint=event.hint)


def _of_person(
    event: control.Heard | control.Seen | control.Speaking, roster: Roster
) -> events.AnyEvent:
    leaf, name = event.leaf, roster.name(event.leaf)
    match event:
        case control.Heard():
            return events.FirstAudio(leaf=leaf, name=name)
        case control.Seen():
            return events.FirstPicture(leaf=leaf, name=name)
        case control.Speaking():
            roster[leaf].speaking = event.on
            return events.SpeakingState(leaf=leaf, name=name, on=event.on)


def _stats(event: control.MediaStats) -> events.Stats:
    transport = event.transport
    return events.Stats(
        sent_bytes=transport.sent_bytes,
        received_bytes=transport.received_bytes,
        lost_packets=transport.lost_packets,
        jitter_ms=transport.jitter_ms,
        round_trip_ms=transport.round_trip_ms,
        decrypted_frames=sum(event.decrypted_frames.values()),
        decrypt_failures=event.decrypt_failures,
        loss=transport.loss,
        sent_loss=transport.sent_loss,
        concealed=event.concealed,
    )
