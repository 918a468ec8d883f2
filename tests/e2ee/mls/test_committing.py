"""Our own Commits: what they hold, and what they keep to themselves."""

from __future__ import annotations

from typing import Any

import pytest

from e2ee.errors import InvalidError, UnknownKeyError
from e2ee.mls.commit import Commit
from e2ee.mls.committing import build_commit
from e2ee.mls.framing import AuthenticatedContent
from e2ee.mls.group import Group, PendingCommit
from e2ee.mls.message import decode_message
from e2ee.mls.proposals import PreSharedKey, Remove
from e2ee.mls.psk import ExternalPsk, external_psks
from e2ee.mls.welcome import Welcome


def inside(people: Any, receiver: Group, pending: PendingCommit) -> AuthenticatedContent:
    verified, _ = people.state_of(receiver).open(people.private(pending.message))
    return verified.authenticated


@pytest.mark.parametrize(
    ("options", "path"),
    [
        ({}, True),
        ({"path": True}, True),
        ({"removes": [2]}, True),
        ({"extensions": {}}, True),
        ({"psks": {b"link": b"secret"}}, False),
        ({"psks": {b"link": b"secret"}, "path": True}, True),
    ],
)
def test_a_path_is_there_when_needed_or_asked_for(
    people: Any, options: dict[str, Any], path: bool
) -> None:
    host, ann, _ = people.trio()
    commit = inside(people, ann, host.commit(**options, now=people.now)).content.content
    assert isinstance(commit, Commit)
    assert (commit.path is not None) is path


def test_a_commit_is_built_without_leaving_the_epoch(people: Any) -> None:
    host, ann, _ = people.trio()
    state = people.state_of(host)
    pending, after = build_commit(state, [], external_psks({}), path=True, now=people.now)
    assert after.context is state.context
    assert after.secrets is state.secrets
    assert pending.base is state.context
    assert pending.next.context.epoch == pending.epoch == state.context.epoch + 1
    staged = ann.process(pending.message, now=people.now)
    assert staged.next.secrets == pending.next.secrets


def test_a_welcome_goes_to_those_who_are_added_only(people: Any) -> None:
    host, _, _ = people.trio()
    assert host.commit(path=True, now=people.now).welcome is None
    bundles = [people.bundle(name) for name in ("cat", "dan")]
    pending = host.commit(adds=[b.message for b in bundles], now=people.now)
    welcome = decode_message(pending.welcome)
    assert isinstance(welcome, Welcome)
    names = [secret.new_member for secret in welcome.secrets]
    assert names == [bundle.key_package.reference for bundle in bundles]


def test_path_secrets_differ_for_those_in_different_places(people: Any) -> None:
    host = people.found()
    bundles = [people.bundle(f"p{n}") for n in range(3)]
    pending = host.commit(adds=[b.message for b in bundles], path=True, now=people.now)
    welcome = decode_message(pending.welcome)
    assert isinstance(welcome, Welcome)
    secrets = [welcome.open_secrets(bundle).path_secret for bundle in bundles]
    # Leaf 1 is under the lowest node of the committer, leaves 2 and 3 share the root only.
    assert secrets[1] == secrets[2] != secrets[0]


def test_a_psk_we_do_not_have_and_a_proposal_we_do_not_hold_are_refused(people: Any) -> None:
    host, _, _ = people.trio()
    state, none = people.state_of(host), external_psks({})
    psk = PreSharedKey(ExternalPsk.fresh(b"x"))
    with pytest.raises(UnknownKeyError):
        build_commit(state, [psk], none, path=False, now=people.now)
    with pytest.raises(InvalidError):
        build_commit(state, [b"r" * 32], none, path=False, now=people.now)
    with pytest.raises(InvalidError):
        build_commit(state, [Remove(host.leaf)], none, path=False, now=people.now)


def test_a_pending_commit_shows_no_secret(people: Any) -> None:
    host, _, _ = people.trio()
    pending = host.commit(adds=[people.bundle("cat").message], now=people.now)
    assert "next=" not in repr(pending)
    assert "welcome=" not in repr(pending)
