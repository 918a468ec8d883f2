"""The Proposals of an epoch that a Commit may name: members' fresh keys, and that they leave.

Nothing else is held, and of each member only the first of either kind: whoever could fill the list
up could have Commits refused by those who hold less than the committer. All members see the
server's order, so they hold the same. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from e2ee.mls.group import Group, Member, ReceivedProposal
from e2ee.mls.proposals import Remove, Update
from rooms.errors import PolicyError


class HeldProposals:
    """References by the leaf that proposed; to be made anew for each epoch."""

    def __init__(self) -> None:
        self._updates: dict[int, bytes] = {}
        self._leaving: dict[int, bytes] = {}

    @property
    def updates(self) -> Mapping[int, bytes]:
        """The Updates of others."""
        return MappingProxyType(self._updates)

    @property
    def leaving(self) -> Mapping[int, bytes]:
        """The Removes by which others leave."""
        return MappingProxyType(self._leaving)

    def hold(self, received: ReceivedProposal, group: Group) -> None:
        """Have the group hold a Proposal. Raises `PolicyError` for one that members may not make.

        Raises `InvalidError` if it is of another epoch.
        """
        match received.proposal:
            case Update(leaf):
                offered = Member.of(received.sender, leaf)
                if offered not in group.members:
                    raise PolicyError("a Proposal changes who a participant is")
                kind = self._updates
            case Remove(removed) if removed == received.sender:
                kind = self._leaving
            case _:
                raise PolicyError("a participant proposes what none may propose")
        if received.sender in kind:
            raise PolicyError("a participant proposes the same thing twice")
        group.hold(received)
        kind[received.sender] = received.reference

    def forget_updates(self) -> None:
        """Name none any more: one of them cannot be committed, and MLS does not say which."""
        self._updates.clear()

    def references(self, removes: Iterable[int]) -> tuple[tuple[bytes, ...], tuple[int, ...]]:
        """Return what a Commit that removes some leaves is to name, and whom it removes itself.

        Who leaves is removed as it proposed; who is removed is not updated.
        """
        removes = tuple(removes)
        named = [self._leaving[leaf] for leaf in removes if leaf in self._leaving]
        named += [ref for leaf, ref in self._updates.items() if leaf not in removes]
        return tuple(named), tuple(leaf for leaf in removes if leaf not in self._leaving)
