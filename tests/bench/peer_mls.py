"""The same group work in `rfc9420` 1.2.0: add, receive, join. Run by `bench_mls.py`.

Needs that library: `python tests/bench/peer_mls.py MEMBERS...`, or `storm JOINERS BATCH`. Its Adds
are Proposals sent before the Commit, without the pre-shared key that ours mix in; they count into
adding and receiving. Its own cache spares the receiver the decoding. Each step can be done once
only: best of the last 5.
"""

from __future__ import annotations

import secrets
import sys
import time
from dataclasses import replace

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from rfc9420 import DefaultCryptoProvider, GroupConfig, MemoryStorageProvider
from rfc9420.api import MLSGroupSession
from rfc9420.extensions.extensions import build_capabilities_data
from rfc9420.messages.data_structures import Credential, Signature, Welcome
from rfc9420.messages.key_packages import KeyPackage, LeafNode

CONFIG = GroupConfig(DefaultCryptoProvider(), MemoryStorageProvider())
CREDENTIAL_LENGTH = 250
"""About that of ours, bytes."""
TIMES = 5


class Person:
    """A KeyPackage and the private keys that go with it."""

    def __init__(self) -> None:
        crypto, signing = CONFIG.crypto_provider, Ed25519PrivateKey.generate()
        self.signing_key = signing.private_bytes_raw()
        self.init_key, init = crypto.generate_key_pair()
        _, encryption = crypto.generate_key_pair()
        public, now = signing.public_key().public_bytes_raw(), int(time.time())
        leaf = LeafNode(
            encryption,
            public,
            build_capabilities_data([1], [], include_grease=False),
            Credential(secrets.token_bytes(CREDENTIAL_LENGTH), public),
            lifetime_not_before=now - 3600,
            lifetime_not_after=now + 86400,
        )
        proof = crypto.sign_with_label(self.signing_key, b"LeafNodeTBS", leaf.tbs_serialize())
        package = KeyPackage(init_key=init, leaf_node=replace(leaf, signature=Signature(proof)))
        proof = crypto.sign_with_label(self.signing_key, b"KeyPackageTBS", package.tbs_serialize())
        self.key_package = replace(package, signature=Signature(proof))

    def join(self, welcome: Welcome) -> MLSGroupSession:
        """Join by a Welcome."""
        return MLSGroupSession.join_from_welcome_with_config(
            CONFIG, welcome, self.init_key, self.key_package
        )


def measure(members: int) -> None:
    """Let people in one by one; print what the last ones cost."""
    founder, first = Person(), Person()
    host = MLSGroupSession.create_with_config(CONFIG, bytes(16), founder.key_package)
    host.process_proposal(host.add_member(first.key_package, founder.signing_key), 0)
    _, welcomes = host.commit(founder.signing_key)
    member = first.join(welcomes[0])
    steps = []
    for count in range(3, members + 1):
        person = Person()
        start = time.perf_counter()
        proposal = host.add_member(person.key_package, founder.signing_key)
        host.process_proposal(proposal, 0)
        commit, welcomes = host.commit(founder.signing_key)
        committed = time.perf_counter()
        member.process_proposal(proposal, 0)
        member.apply_commit(commit, 0)
        received = time.perf_counter()
        if count > members - TIMES:
            group = person.join(welcomes[0])
            joined = time.perf_counter()
            steps.append((committed - start, received - committed, joined - received))
    secrets = {side.export_secret(b"same", b"", 16) for side in (host, member, group)}
    print(f"rfc9420 1.2.0, {members} members, all in one epoch: {len(secrets) == 1}")
    for what, times in zip(
        ("add, Commit", "receive", "join"), zip(*steps, strict=True), strict=True
    ):
        print(f"  {what:32}{min(times) * 1000:8.2f} ms", flush=True)


def storm(joiners: int, batch: int) -> None:
    """Let people in, `batch` to a Commit; print what it cost the committer."""
    founder, people = Person(), [Person() for _ in range(joiners)]
    host = MLSGroupSession.create_with_config(CONFIG, bytes(16), founder.key_package)
    start = time.perf_counter()
    for begin in range(0, joiners, batch):
        for person in people[begin : begin + batch]:
            host.process_proposal(host.add_member(person.key_package, founder.signing_key), 0)
        host.commit(founder.signing_key)
    took = time.perf_counter() - start
    print(f"rfc9420 1.2.0, {joiners} joiners, {batch} to a Commit")
    print(f"  its Commits in the group            {took:6.2f} s", flush=True)


if __name__ == "__main__":
    if sys.argv[1] == "storm":
        storm(int(sys.argv[2]), int(sys.argv[3]))
    else:
        for argument in sys.argv[1:]:
            measure(int(argument))
