"""What one connection may send."""

from __future__ import annotations

from rooms.limits import Allowance, Limits
from rooms.wire import MAX_MESSAGE


def test_the_largest_message_passes_with_the_usual_limits() -> None:
    assert Allowance(Limits()).take_message(MAX_MESSAGE, 0.0)


def test_messages_and_bytes_are_counted_apart() -> None:
    allowance = Allowance(Limits(message_rate=1, message_burst=2, byte_rate=10, byte_burst=100))
    assert allowance.take_message(90, 0.0)
    assert not allowance.take_message(90, 0.0)  # too many bytes
    assert not allowance.take_message(1, 0.0)  # too many messages
    assert allowance.take_message(90, 9.0)


def test_media_offers_have_an_allowance_of_their_own() -> None:
    allowance = Allowance(Limits(media_rate=1, media_burst=1))
    assert allowance.take_media(0.0)
    assert not allowance.take_media(0.5)
    assert allowance.take_message(1, 0.5)
    assert allowance.take_media(2.0)


def test_a_pasted_minute_of_chat_passes() -> None:
    # Sixty lines in one burst, as when somebody pastes a text.
    allowance = Allowance(Limits())
    assert all(allowance.take_message(400, 0.0) for _ in range(60))
