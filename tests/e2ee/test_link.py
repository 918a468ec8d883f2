"""Links: read strictly, never repeated in an error."""

from __future__ import annotations

import traceback

import pytest
from hypothesis import given
from hypothesis import strategies as st

from e2ee.errors import LinkError
from e2ee.link import MAX_LINK, Link, continuation, host_hash, key_pin, new_secret, room_keys

SECRET = bytes(range(16))
HOST = bytes(range(16, 32))
PIN = bytes(range(32, 48))
S = "aaaqeayeaudaocajbifqydiob4"
GOOD = Link("sotto.example:8443", SECRET, HOST, PIN)


def test_a_link_is_written_as_specified() -> None:
    text = GOOD.to_text()
    assert text.startswith(f"https://sotto.example:8443/r/#{S}.")
    fragment = text.split("#")[1]
    assert fragment == fragment.lower()
    assert [len(part) for part in fragment.split(".")] == [26, 26, 26]


@pytest.mark.parametrize(
    "server", ["a.example", "10.0.0.1:443", "[::1]:8443", "[2001:db8::1]", "localhost:1"]
)
@pytest.mark.parametrize("pin", [None, PIN])
def test_links_round_trip(server: str, pin: bytes | None) -> None:
    link = Link(server, SECRET, HOST, pin)
    assert Link.parse(link.to_text()) == link


def test_a_pasted_link_may_have_spaces_around_and_capitals() -> None:
    assert Link.parse(f"  {GOOD.to_text()}\n") == GOOD
    assert Link.parse(GOOD.to_text().upper()).secret == SECRET


@pytest.mark.parametrize("width", [1, 30, 60])
@pytest.mark.parametrize("gap", ["\n", "\r\n  ", " ", "\t"])
def test_a_link_copied_from_wrapped_rows_is_whole(width: int, gap: str) -> None:
    text = GOOD.to_text()
    rows = [text[start : start + width] for start in range(0, len(text), width)]
    assert Link.parse(gap.join(rows)) == GOOD


def test_what_may_follow_a_wrapped_link_is_known() -> None:
    text = GOOD.to_text()
    for cut in range(len(text)):
        rest = "." if cut == len(text) - 27 else ""  # without a pin it may be whole
        assert continuation(f" '{text[:cut]}\r") == rest
    for whole in (text, f"<{text}>", f"{text}\n", text.upper()):
        assert continuation(whole) is None
    for other in ("hello", "http://", "https:/x", text + "x" * 400, "https://" + "x" * 600):
        assert continuation(other) is None
    assert continuation("https://sotto.example/r/#secret.nonsense") is None


@pytest.mark.parametrize("around", ["<{}>", "'{}'", '"{}"', " '<{}>'\n"])
def test_a_pasted_link_may_be_quoted(around: str) -> None:
    assert Link.parse(around.format(GOOD.to_text())) == GOOD


MALFORMED = [
    "",
    "hello",
    GOOD.to_text().replace("https", "http"),
    GOOD.to_text().replace("/r/", "/x/"),
    GOOD.to_text().replace("#", ""),
    GOOD.to_text()[:-1],
    GOOD.to_text() + ".aaaq",
    GOOD.to_text() + "." + S,
    GOOD.to_text() + " more",
    f"https://a.example/r/#{S}",
    f"https://a.example/r/#{S}.",
    f"https://a.example/r/#{S[:-1]}5.{S}",  # another spelling of the same bits
    f"https://user@a.example/r/#{S}.{S}",
    f"https://a.example:0/r/#{S}.{S}",
    f"https://a.example:65536/r/#{S}.{S}",
    f"https://a.example:/r/#{S}.{S}",
    f"https://a.example:١٢/r/#{S}.{S}",
    f"https://-a.example/r/#{S}.{S}",
    f"https://a..example/r/#{S}.{S}",
    f"https://bücher.example/r/#{S}.{S}",
    f"https://\x1b[31m/r/#{S}.{S}",
    f"https://a.example/r/#{S}.{S}" + "a" * MAX_LINK,
]


@pytest.mark.parametrize("text", MALFORMED)
def test_malformed_link_is_refused_and_never_echoed(text: str) -> None:
    with pytest.raises(LinkError) as caught:
        Link.parse(text)
    error = caught.value
    shown = f"{error} {error!r} {error.message} {error.hint}"
    assert error.__cause__ is None
    assert S[:8] not in shown
    assert "example" not in shown
    assert S[:8] not in "".join(traceback.format_exception_only(error))


def test_secrets_are_hidden_in_repr() -> None:
    assert repr(GOOD) == "Link(server='sotto.example:8443')"
    keys = room_keys(SECRET)
    assert repr(keys) == f"RoomKeys(room_id={keys.room_id!r})"


def test_part_of_the_wrong_length_is_refused() -> None:
    with pytest.raises(LinkError):
        Link("a.example", SECRET[:8], HOST)


def test_room_keys_are_fixed_by_the_secret_and_independent() -> None:
    keys = room_keys(SECRET)
    assert keys == room_keys(SECRET)
    parts = [keys.room_id, keys.psk_id, keys.psk, keys.lobby_key, keys.heartbeat_key]
    assert [len(part) for part in parts] == [16, 16, 32, 16, 16]
    assert len({part[:16] for part in parts}) == 5
    assert SECRET not in parts
    assert room_keys(new_secret()).room_id != keys.room_id


def test_host_hash_and_key_pin_tell_keys_apart() -> None:
    assert len(host_hash(b"a")) == len(key_pin(b"a")) == 16
    assert len({host_hash(b"a"), host_hash(b"b"), key_pin(b"a"), key_pin(b"b")}) == 4


@given(st.text(max_size=120))
def test_random_text_raises_only_link_errors(text: str) -> None:
    for candidate in (text, f"https://a.example/r/#{text}", f"https://{text}/r/#{S}.{S}"):
        try:
            link = Link.parse(candidate)
        except LinkError:
            continue
        assert Link.parse(link.to_text()) == link
