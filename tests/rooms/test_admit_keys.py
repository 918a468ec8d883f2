"""--admit-keys: keys are read, and what means more or less than a key lets nobody in."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from e2ee.identity import DeviceIdentity
from rooms.admit_keys import MAX_FILE, load, parse
from rooms.errors import AdmitKeysError
from rooms.known_people import Pin, key_text

ADA, BOB = DeviceIdentity.generate(), DeviceIdentity.generate()
KEY = key_text(ADA.public_blob)
OTHER = key_text(BOB.public_blob)

GOOD = {
    "authorized_keys": KEY,
    "with a comment": f"{KEY} ada@home, her laptop",
    "with a key in the comment": f"{KEY} {OTHER}",
    "allowed_signers": f"ada {KEY}",
    "several names": f"ada,bob@example.org {KEY}",
    "quoted names": f'"ada lovelace,bob" {KEY}',
    "our namespace": f'ada namespaces="sottovoce" {KEY}',
    "our namespace among others": f'ada namespaces="git,sottovoce" {KEY} comment',
    "what we print": Pin("Ada Lovelace", ADA.public_blob).line(),
    "spaces and tabs": f"  ada\t{KEY}  \r",
}


@pytest.mark.parametrize("name", GOOD)
def test_a_line_with_a_key_admits_it_and_no_other(name: str) -> None:
    assert parse(f"# mine\n\n{GOOD[name]}\n", "keys") == {ADA.public_blob}


BAD = {
    "certificate authority": f"cert-authority {KEY}",
    "certificate authority of a name": f"ada cert-authority {KEY}",
    "certificate authority and a namespace": f'cert-authority,namespaces="sottovoce" {KEY}',
    "certificate authority after the namespace": f'a namespaces="sottovoce",cert-authority {KEY}',
    "certificate authority in capitals": f"Cert-Authority {KEY}",
    "certificate authority in quotes": f'"cert-authority" {KEY}',
    "restriction": f"restrict {KEY}",
    "flags": f"no-pty,no-port-forwarding {KEY}",
    "security key without a touch": f"no-touch-required {KEY}",
    "command": f'command="echo hi" {KEY}',
    "command with a key in it": f'command="{OTHER}" {KEY}',
    "address": f'from="10.0.0.0/8" {KEY}',
    "expiry": f'expiry-time="20200101" {KEY}',
    "time of validity": f'ada valid-before="20200101" {KEY}',
    "another namespace": f'ada namespaces="git" {KEY}',
    "lone quote": f'"ada {KEY}',
    "too many words": f"ada bob {KEY}",
    "a certificate": f"ssh-ed25519-cert-v01@openssh.com {KEY.split()[1]}",
    "another type than the key's": f"ssh-rsa {KEY.split()[1]}",
    "a key cut short": KEY[:-8],
    "no key": "ssh-ed25519",
    "not base64": "ssh-ed25519 ???",
    "a name alone": "ada",
    "a line without end": f"{KEY} {'x' * 10000}",
}


@pytest.mark.parametrize("name", BAD)
def test_line_with_options_or_without_a_whole_key_is_refused(name: str) -> None:
    with pytest.raises(AdmitKeysError, match="keys line 2") as caught:
        parse(f"{OTHER}\n{BAD[name]}\n", "keys")
    assert len(caught.value.message.splitlines()) == 1


def test_a_file_without_keys_is_said_so() -> None:
    with pytest.raises(AdmitKeysError, match="has no keys"):
        parse("# nobody\n\n", "keys")


@given(st.text(max_size=200))
def test_random_text_raises_only_our_error(text: str) -> None:
    with pytest.raises(AdmitKeysError):
        parse(text, "keys")


def test_a_file_is_read_if_nobody_else_may_change_it(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    file.write_text(f"{KEY}\n{OTHER}\n")
    file.chmod(0o644)
    assert load(file) == {ADA.public_blob, BOB.public_blob}
    for mode in (0o664, 0o646):
        file.chmod(mode)
        with pytest.raises(AdmitKeysError, match="changed by others"):
            load(file)


def test_what_is_no_such_file_is_said_plainly(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe", 0o600)
    for path in (tmp_path / "missing", tmp_path, tmp_path / "pipe"):
        with pytest.raises(AdmitKeysError) as caught:
            load(path)
        assert str(path) in caught.value.message
    long = tmp_path / "long"
    long.write_bytes(b"#" * (MAX_FILE + 1))
    long.chmod(0o600)
    with pytest.raises(AdmitKeysError, match="too long"):
        load(long)
