"""Errors of the control plane; `tui.cli` maps their codes to exit codes."""

from __future__ import annotations

from typing import Final

from e2ee.errors import Fault, SottovoceError


class RoomsError(SottovoceError):
    """Base of everything `rooms` raises."""

    code = "rooms.failed"


class NetworkError(RoomsError):
    """The server cannot be reached, or the connection to it broke."""

    code = "network.unreachable"
    fault = Fault.PEER


class ServerIdentityError(RoomsError):
    """The server's certificate key is not the one pinned in the link."""

    code = "network.wrong_server"
    fault = Fault.PEER


OTHER_VERSION: Final = "the server may be of another version than this: update both"


class WireError(RoomsError):
    """The other end sent something that is not a valid message here and now."""

    code = "wire.malformed"
    fault = Fault.PEER


class RoomMissingError(RoomsError):
    """No such room is open on the server (it ended, or the link is of another server)."""

    code = "room.missing"
    fault = Fault.PERSON


class RoomFullError(RoomsError):
    """The room or the server takes no more participants."""

    code = "room.full"
    fault = Fault.PERSON


class UnansweredError(RoomsError):
    """Nobody let us into the room in the time the server gives them."""

    code = "room.unanswered"
    fault = Fault.PEER


class RefusedError(RoomsError):
    """A host refused the knock."""

    code = "room.refused"
    fault = Fault.PEER


class RoomLockedError(RoomsError):
    """Nobody new comes in: a host locked the room."""

    code = "room.locked"
    fault = Fault.PEER


class RemovedError(RoomsError):
    """A host removed us from the room."""

    code = "room.removed"
    fault = Fault.PEER


class UntrustedHostError(RoomsError):
    """The group we were welcomed into is not the link's: no host key, no link PSK, or forged."""

    code = "room.untrusted_host"
    fault = Fault.PEER


class PolicyError(RoomsError):
    """A Commit breaks the room's rules; it was refused and the old state kept."""

    code = "room.policy"
    fault = Fault.PEER


class RecordingForbiddenError(RoomsError):
    """We were to record what we hear, and in this room only hosts and cohosts may."""

    code = "room.recording_forbidden"
    fault = Fault.PERSON

    def __init__(self) -> None:
        super().__init__(
            "only hosts and cohosts may record in this room",
            hint="ask a host to allow it (/policy recording on), or come without --audio-out",
        )


class LostThreadError(RoomsError):
    """The others are in an epoch that we could not follow them into."""

    code = "room.lost_thread"
    fault = Fault.PEER


class SuiteError(PolicyError):
    """Somebody cannot be let in because their client cannot do the room's cipher suite."""

    code = "room.suite"


class CertificateError(RoomsError):
    """What is kept as the server's own key is none that it can use."""

    code = "server.certificate"
    fault = Fault.PERSON


class SettingsError(RoomsError):
    """A settings file or the identity key cannot be used as it is."""

    code = "settings.invalid"
    fault = Fault.PERSON


class RoomUnknownError(RoomsError):
    """A saved room is meant that is not in the list, or not any more."""

    code = "settings.room_unknown"
    fault = Fault.PERSON


class AgentMissingError(RoomsError):
    """No ssh-agent is running, or it cannot be reached."""

    code = "identity.agent_missing"
    fault = Fault.PERSON

    def __init__(self, message: str) -> None:
        super().__init__(message, hint="start one: eval $(ssh-agent), then ssh-add")


class KeyNotInAgentError(RoomsError):
    """The ssh-agent does not hold the key that was asked for, or it is of no type we take."""

    code = "identity.not_in_agent"
    fault = Fault.PERSON


class AgentRefusedError(RoomsError):
    """The ssh-agent does not sign: locked, not confirmed, not touched, or broken."""

    code = "identity.agent_refused"
    fault = Fault.PERSON


class KeyFileError(RoomsError):
    """An SSH key file cannot be used as the identity, or its passphrase is wrong."""

    code = "identity.key_file"
    fault = Fault.PERSON


class AdmitKeysError(RoomsError):
    """A file of keys to admit cannot be read as what it is."""

    code = "identity.admit_keys"
    fault = Fault.PERSON


class PasscodeWrongError(RoomsError):
    """Whoever answered has another passcode than what was typed."""

    code = "passcode.wrong"
    fault = Fault.PERSON


class PasscodeTriesError(RoomsError):
    """No more passcodes may be tried, by this connection or at this moment."""

    code = "passcode.tries"
    fault = Fault.PEER
