"""SPAKE2: the vectors of RFC 9382 appendix B, and what each attack comes to."""

from __future__ import annotations

import secrets

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from e2ee import spake2
from e2ee.errors import AuthenticationError, KeysError, MalformedError
from e2ee.spake2 import ORDER, Agreed, Exchange, Side

# A, B, w, x, y, pA, pB, Ke, confirmation of A, confirmation of B
VECTORS = [
    (
        b"server",
        b"client",
        "2ee57912099d31560b3a44b1184b9b4866e904c49d12ac5042c97dca461b1a5f",
        "43dd0fd7215bdcb482879fca3220c6a968e66d70b1356cac18bb26c84a78d729",
        "dcb60106f276b02606d8ef0a328c02e4b629f84f89786af5befb0bc75b6e66be",
        "04a56fa807caaa53a4d28dbb9853b9815c61a411118a6fe516a8798434751470"
        "f9010153ac33d0d5f2047ffdb1a3e42c9b4e6be662766e1eeb4116988ede5f912c",
        "0406557e482bd03097ad0cbaa5df82115460d951e3451962f1eaf4367a420676"
        "d09857ccbc522686c83d1852abfa8ed6e4a1155cf8f1543ceca528afb591a1e0b7",
        "0e0672dc86f8e45565d338b0540abe69",
        "58ad4aa88e0b60d5061eb6b5dd93e80d9c4f00d127c65b3b35b1b5281fee38f0",
        "d3e2e547f1ae04f2dbdbf0fc4b79f8ecff2dff314b5d32fe9fcef2fb26dc459b",
    ),
    (
        b"",
        b"client",
        "0548d8729f730589e579b0475a582c1608138ddf7054b73b5381c7e883e2efae",
        "403abbe3b1b4b9ba17e3032849759d723939a27a27b9d921c500edde18ed654b",
        "903023b6598908936ea7c929bd761af6039577a9c3f9581064187c3049d87065",
        "04a897b769e681c62ac1c2357319a3d363f610839c4477720d24cbe32f5fd85f"
        "44fb92ba966578c1b712be6962498834078262caa5b441ecfa9d4a9485720e918a",
        "04e0f816fd1c35e22065d5556215c097e799390d16661c386e0ecc84593974a6"
        "1b881a8c82327687d0501862970c64565560cb5671f696048050ca66ca5f8cc7fc",
        "642f05c473c2cd79909f9a841e2f30a7",
        "47d29e6666af1b7dd450d571233085d7a9866e4d49d2645e2df975489521232b",
        "3313c5cefc361d27fb16847a91c2a73b766ffa90a4839122a9b70a2f6bd1d6df",
    ),
    (
        b"server",
        b"",
        "626e0cdc7b14c9db3e52a0b1b3a768c98e37852d5db30febe0497b14eae8c254",
        "07adb3db6bc623d3399726bfdbfd3d15a58ea776ab8a308b00392621291f9633",
        "b6a4fc8dbb629d4ba51d6f91ed1532cf87adec98f25dd153a75accafafedec16",
        "04f88fb71c99bfffaea370966b7eb99cd4be0ff1a7d335caac4211c4afd855e2"
        "e15a873b298503ad8ba1d9cbb9a392d2ba309b48bfd7879aefd0f2cea6009763b0",
        "040c269d6be017dccb15182ac6bfcd9e2a14de019dd587eaf4bdfd353f031101"
        "e7cca177f8eb362a6e83e7d5e729c0732e1b528879c086f39ba0f31a9661bd34db",
        "005184ff460da2ce59062c87733c299c",
        "bc9f9bbe99f26d0b2260e6456e05a86196a3307ec6663a18bf6ac825736533b2",
        "c2370e1bf813b086dff0d834e74425a06e6390f48f5411900276dcccc5a297ec",
    ),
    (
        b"",
        b"",
        "7bf46c454b4c1b25799527d896508afd5fc62ef4ec59db1efb49113063d70cca",
        "8cef65df64bb2d0f83540c53632de911b5b24b3eab6cc74a97609fd659e95473",
        "d7a66f64074a84652d8d623a92e20c9675c61cb5b4f6a0063e4648a2fdc02d53",
        "04a65b367a3f613cf9f0654b1b28a1e3a8a40387956c8ba6063e8658563890f4"
        "6ca1ef6a676598889fc28de2950ab8120b79a5ef1ea4c9f44bc98f585634b46d66",
        "04589f13218822710d98d8b2123a079041052d9941b9cf88c6617ddb2fcc0494"
        "662eea8ba6b64692dc318250030c6af045cb738bc81ba35b043c3dcb46adf6f58d",
        "fc6374762ba5cf11f4b2caa08b2cd1b9",
        "dfb4db8d48ae5a675963ea5e6c19d98d4ea028d8e898dad96ea19a80ade95dca",
        "d0f0609d1613138d354f7e95f19fb556bf52d751947241e8c7118df5ef0ae175",
    ),
]
W = 0x1234567890


def pair(w_a: int = W, w_b: int = W, *, room: bytes = b"tulip") -> tuple[Exchange, Exchange]:
    """A joiner and a host."""
    return Exchange(Side.A, w_a, b"joiner", room), Exchange(Side.B, w_b, b"joiner", b"tulip")


def finished(one: Exchange, other: Exchange) -> tuple[Agreed, Agreed]:
    return one.finish(other.share), other.finish(one.share)


@pytest.mark.parametrize("vector", VECTORS, ids=["both", "no A", "no B", "neither"])
def test_the_vectors_of_rfc_9382(vector: tuple) -> None:
    name_a, name_b, w, x, y, share_a, share_b, key, confirmation_a, confirmation_b = vector
    one = Exchange(Side.A, int(w, 16), name_a, name_b, secret=int(x, 16))
    other = Exchange(Side.B, int(w, 16), name_a, name_b, secret=int(y, 16))
    assert (one.share.hex(), other.share.hex()) == (share_a, share_b)
    a, b = finished(one, other)
    assert a.key.hex() == b.key.hex() == key
    assert (a.confirmation.hex(), b.confirmation.hex()) == (confirmation_a, confirmation_b)
    a.check(b.confirmation)
    b.check(a.confirmation)


def test_the_same_password_gives_the_same_key_and_never_twice() -> None:
    keys = set()
    for _ in range(3):
        a, b = finished(*pair())
        a.check(b.confirmation)
        b.check(a.confirmation)
        assert a.key == b.key
        keys.add(a.key)
    assert len(keys) == 3


@pytest.mark.parametrize("scalar", [1, 2, 3, ORDER - 3, ORDER - 2, ORDER - 1])
def test_multiples_at_the_edges(scalar: int) -> None:
    base = ec.derive_private_key(1, ec.SECP256R1()).public_key().public_numbers()
    wanted = ec.derive_private_key(scalar, ec.SECP256R1()).public_key().public_numbers()
    found = spake2._times(scalar, spake2.Point(base.x, base.y))
    assert (found.x, found.y) == (wanted.x, wanted.y)


def refused(a: Agreed, b: Agreed) -> None:
    assert a.key != b.key
    for one, other in ((a, b), (b, a)):
        with pytest.raises(AuthenticationError):
            one.check(other.confirmation)


def test_attack_a_wrong_password() -> None:
    refused(*finished(*pair(W, W + 1)))


def test_attack_an_exchange_is_moved_to_another_room() -> None:
    refused(*finished(*pair(room=b"onion")))


def test_attack_a_server_in_the_middle_puts_its_own_shares_in() -> None:
    joiner, host = pair()
    guess = Exchange(Side.B, W + 1, b"joiner", b"tulip")
    refused(joiner.finish(guess.share), guess.finish(joiner.share))
    assert host.share != guess.share


def test_attack_a_share_or_confirmation_is_sent_back_to_its_sender() -> None:
    joiner, host = pair()
    agreed = joiner.finish(joiner.share)
    with pytest.raises(AuthenticationError):
        agreed.check(agreed.confirmation)
    assert host.share != joiner.share


def test_attack_messages_of_an_earlier_exchange_are_played_again() -> None:
    joiner, host = pair()
    share, (earlier, _) = joiner.share, finished(joiner, host)
    again = pair()[1].finish(share)
    with pytest.raises(AuthenticationError):
        again.check(earlier.confirmation)


def test_attack_a_second_guess_against_one_share() -> None:
    joiner, host = pair()
    joiner.finish(host.share)
    with pytest.raises(KeysError):
        joiner.finish(host.share)


def test_attack_brute_force_of_what_the_server_saw(monkeypatch: pytest.MonkeyPatch) -> None:
    # Every password could have made the share: there is a secret for each that makes the very
    # same. Finding it takes the logarithm of M, so this M is one whose logarithm we chose.
    logarithm, secret = 987654321, 1 + secrets.randbelow(ORDER - 1)
    known = ec.derive_private_key(logarithm, ec.SECP256R1()).public_key()
    encoded = known.public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
    monkeypatch.setattr(spake2, "M", encoded)
    shares = {
        Exchange(Side.A, guess, b"", b"", secret=(secret + (W - guess) * logarithm) % ORDER).share
        for guess in (W, W + 1, W + 1000)
    }
    assert len(shares) == 1


INVALID = {
    "nothing": b"",
    "identity": b"\x00",
    "padded identity": bytes(65),
    "not on the curve": b"\x04" + (1).to_bytes(32, "big") + (1).to_bytes(32, "big"),
    "coordinate too large": b"\x04" + b"\xff" * 64,
    "compressed": spake2.M,
    "too long": spake2._encode(spake2._decode(spake2.M)) + b"\x00",
    "hybrid": b"\x06" + spake2._encode(spake2._decode(spake2.M))[1:],
}


@pytest.mark.parametrize("share", INVALID.values(), ids=INVALID)
def test_attack_invalid_points(share: bytes) -> None:
    with pytest.raises(MalformedError):
        pair()[1].finish(share)


def test_attack_a_share_that_cancels_to_the_identity() -> None:
    # w M itself: whoever knows w could fix the key, whatever the other side's secret is.
    share = spake2._encode(spake2._times(W, spake2._decode(spake2.M)))
    with pytest.raises(MalformedError):
        pair()[1].finish(share)


@pytest.mark.parametrize("w", [0, ORDER, -1])
def test_a_number_that_is_none_of_the_curve(w: int) -> None:
    with pytest.raises(KeysError):
        Exchange(Side.A, w, b"", b"")


def test_nothing_secret_is_shown() -> None:
    one, other = pair()
    agreed, _ = finished(one, other)
    assert repr(one) == "Exchange(Side.A)"
    assert repr(agreed) == "Agreed()"


def test_random_bytes_are_refused() -> None:
    for _ in range(20):
        with pytest.raises(MalformedError):
            pair()[0].finish(b"\x05" + secrets.token_bytes(64))
