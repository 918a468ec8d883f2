"""Whom we have met: pins, look-alikes and files edited by hand."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from needing import need

from e2ee import sshsig
from e2ee.errors import MalformedError
from e2ee.identity import NAMESPACE, DeviceIdentity, tidy_name
from rooms import known_people
from rooms.known_people import KnownPeople, Pin, key_of, key_text, read_key, read_line
from rooms.settings import GUEST
from rooms.text import clean_name

ADA = DeviceIdentity.generate()
EVE = DeviceIdentity.generate()
KEY, OTHER = ADA.public_blob, EVE.public_blob
DAY = "2026-11-05"


def after(people: KnownPeople) -> KnownPeople:
    """The same people in the next call."""
    return KnownPeople.parse(people.to_text())


def test_a_person_is_new_in_the_first_call_and_known_in_the_next_one() -> None:
    people = KnownPeople()
    assert people.state("Ada", KEY) == "new"
    people.meet("Ada", KEY)
    assert people.state("Ada", KEY) == "new"
    assert [pin.name for pin in people.news] == ["Ada"]
    assert after(people).state("Ada", KEY) == "known"


def test_another_key_under_a_known_name_is_changed_also_within_one_call() -> None:
    people = KnownPeople()
    people.meet("Ada", KEY)
    assert people.state("Ada", OTHER) == "changed"
    assert after(people).state("Ada", OTHER) == "changed"


def test_attack_a_changed_key_does_not_become_known_by_coming_again() -> None:
    people = KnownPeople([Pin("Ada", KEY)])
    people.meet("Ada", OTHER)
    assert people.news == []
    assert after(people).state("Ada", OTHER) == "changed"
    assert after(people).state("Ada", KEY) == "known"


@pytest.mark.parametrize("name", ["ada", "Аdа", "A d a", "Ada (SHA256)"])
def test_attack_a_look_alike_of_a_known_name_is_not_silently_new(name: str) -> None:
    people = KnownPeople([Pin("Ada", KEY)])
    assert people.state(name, OTHER) == "changed"
    assert people.state(name, KEY) == "known"


def test_a_known_key_under_another_name_is_new() -> None:
    """Nobody is shown as known under a name we never knew them by."""
    assert KnownPeople([Pin("Ada", KEY)]).state("Grace", KEY) == "new"


def test_a_compared_code_makes_a_person_verified_also_one_whose_key_changed() -> None:
    people = KnownPeople([Pin("Ada", KEY, "from work")])
    people.verify("Ada", OTHER, DAY)
    people.verify("Ada", KEY, DAY)
    again = after(people)
    assert (again.state("Ada", KEY), again.state("Ada", OTHER)) == ("verified", "verified")
    assert again.named("Ada")[0].comment == f"from work verified={DAY}"
    people.verify("Ada", KEY, "2027-01-01")
    assert people.named("Ada")[0].comment == "from work verified=2027-01-01"


@pytest.mark.parametrize("name", [GUEST, clean_name("")])
def test_people_without_a_name_are_not_mistaken_for_one_another(name: str) -> None:
    people = KnownPeople()
    people.meet(name, KEY)
    assert people.state(name, OTHER) == "new"


def test_attack_a_flood_of_people_makes_nobody_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known_people, "MAX_PINS", 2)
    people = KnownPeople([Pin("Ada", KEY)])
    people.meet("Grace", OTHER)
    people.meet("Eve", OTHER)
    assert [pin.name for pin in people.pins] == ["Ada", "Grace"]
    assert people.state("Ada", OTHER) == "changed"


def test_forgetting_a_name_leaves_its_look_alikes() -> None:
    people = KnownPeople([Pin("Ada", KEY), Pin("Ada", OTHER), Pin("ada", bytes(KEY[:-1]) + b"x")])
    assert len(people.forget("Ada")) == 2
    assert [pin.name for pin in people.pins] == ["ada"]
    assert people.forget("Ada") == []


def test_what_a_person_wrote_by_hand_is_kept() -> None:
    text = "\n".join(
        [
            "# friends",
            "",
            f'Ada,ada@home {key_text(KEY)}   met at the fair: "she" said # hello',
            f'"Grace Hopper" namespaces="git,sottovoce" {key_text(OTHER)}',
            f'Bob namespaces="git" {key_text(OTHER)}',
            f'Carl cert-authority,namespaces="sottovoce" {key_text(OTHER)}',
            f"* {key_text(OTHER)}",
            "Dan ssh-ed25519 AAAA",
            "nonsense",
            "Long " + "x" * 10_000,
        ]
    )
    people = KnownPeople.parse(text)
    assert [pin.name for pin in people.pins] == ["Ada", "ada@home", "Grace Hopper"]
    kept = people.to_text()
    assert kept.startswith("# friends\n\n")
    assert kept.count('met at the fair: "she" said # hello') == 2
    for line in text.splitlines()[4:]:
        assert line in kept.splitlines()
    assert KnownPeople.parse(kept).to_text() == kept


@given(st.text(max_size=40), st.text(max_size=40))
def test_hostile_names_make_one_line_and_come_back(name: str, comment: str) -> None:
    pin = Pin(clean_name(name), KEY, " ".join(clean_name(comment).split()))
    line = pin.line()
    assert len(line.splitlines()) == 1
    (read,) = read_line(line)
    assert (read.name, read.public_blob) == (pin.name, KEY)
    assert KnownPeople.parse(line).state(pin.name, KEY) in ("known", "verified")


@given(st.text(max_size=200))
def test_no_line_raises(line: str) -> None:
    read_line(line)
    read_line(f"Ada {line} {key_text(KEY)}")


def test_a_name_cannot_smuggle_in_a_verified_note() -> None:
    (pin,) = read_line(Pin("Ada verified=2026", KEY).line())
    assert not pin.verified


@pytest.mark.parametrize(
    "text",
    ["", "ssh-ed25519", "ssh-ed25519 !", "ssh-rsa " + key_text(KEY)[12:]],
    ids=["empty", "no key", "no base64", "another kind"],
)
def test_what_is_no_public_key_is_refused(text: str) -> None:
    with pytest.raises(MalformedError):
        read_key(text)


def test_a_key_is_read_from_what_people_send_each_other() -> None:
    for text in (key_text(KEY), f"# mine\n\n{key_text(KEY)} ada@home\n", Pin("Ada", KEY).line()):
        assert key_of(text) == KEY
    for text in ("", "# nothing\n", "hello there"):
        with pytest.raises(MalformedError):
            key_of(text)


@pytest.mark.parametrize("name", ["Ada", 'Ada "the" Countess, of #1*', "Äda 爱达"])
def test_openssh_reads_the_file(tmp_path: Path, name: str) -> None:
    need("ssh-keygen")
    assert tidy_name(name) == name
    signers, signature = tmp_path / "known_people", tmp_path / "signature"
    pin = Pin(name, KEY).noting(f"first-seen={DAY}")
    signers.write_text(pin.line() + "\n")
    signature.write_text(sshsig.armor(sshsig.sign(ADA.public_blob, ADA.sign, b"hello", NAMESPACE)))
    command = ["ssh-keygen", "-Y", "verify", "-f", signers, "-n", "sottovoce"]
    principal = pin.line().split()[0]
    done = subprocess.run(
        [*command, "-I", principal, "-s", signature],
        input=b"hello",
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
