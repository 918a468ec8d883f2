"""Messages by which a room is named and passcodes are tried; `rooms.wire` has all others. Pure."""

from __future__ import annotations

from rooms import bounds
from rooms.messages import PROTOCOL_VERSION, Message

# --- client -> server ---


class NameRoom(Message, frozen=True, tag="name_room"):
    """From a member: tries of passcodes with this name are for the sender from now on.

    The sender's former name is free again. The server learns the name, never the words after it.
    """

    name: bounds.RoomName


class TryPasscode(Message, frozen=True, tag="try_passcode"):
    """Begin to prove a passcode to whoever has the name; `share` is that of SPAKE2.

    The first message of a connection, and again in the place of a confirmation: another try.
    """

    name: bounds.RoomName
    share: bounds.Share
    version: int = PROTOCOL_VERSION


class ConfirmPasscode(Message, frozen=True, tag="confirm_passcode"):
    """Prove the passcode, once the other side has."""

    confirmation: bounds.Confirmation


class ReplyPasscode(Message, frozen=True, tag="reply_passcode"):
    """Answer a try: our share and confirmation; or a confirmation: the link, sealed."""

    attempt: bounds.ParticipantId
    reply: bounds.PasscodeReply


class RefusePasscode(Message, frozen=True, tag="refuse_passcode"):
    """Answer no more of somebody's tries."""

    attempt: bounds.ParticipantId


# --- server -> client ---


class RoomNamed(Message, frozen=True, tag="room_named"):
    """To whoever named its room: tries with this name come to it now."""

    name: bounds.RoomName


class NameTaken(Message, frozen=True, tag="name_taken"):
    """To whoever named its room: choose another name, this one is not free."""

    name: bounds.RoomName


class PasscodeTried(Message, frozen=True, tag="passcode_tried"):
    """To whoever has a name: somebody tries a passcode, the first time or again."""

    attempt: bounds.ParticipantId
    share: bounds.Share


class PasscodeConfirmed(Message, frozen=True, tag="passcode_confirmed"):
    """To whoever has a name: somebody who tries sent a confirmation."""

    attempt: bounds.ParticipantId
    confirmation: bounds.Confirmation


class PasscodeGone(Message, frozen=True, tag="passcode_gone"):
    """To whoever has a name: somebody who tried is gone; the number is not given again."""

    attempt: bounds.ParticipantId


class PasscodeReplied(Message, frozen=True, tag="passcode_replied"):
    """To whoever tries: what whoever has the name answers."""

    reply: bounds.PasscodeReply


class PasscodeRefused(Message, frozen=True, tag="passcode_refused"):
    """To whoever tries: no more of it; the server closes the connection."""
