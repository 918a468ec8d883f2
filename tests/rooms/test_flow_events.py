from __future__ import annotations

import msgspec

from rooms import flow_events
from rooms.flow_events import Measured, QualityState, Stats


def test_the_numbers_of_a_quality_are_those_of_stats() -> None:
    shared = set(Measured.__args__)  # type: ignore[attr-defined]
    for kind in (Stats, QualityState):
        assert shared <= {field.name for field in msgspec.structs.fields(kind)}


def test_all_are_events_of_the_one_union() -> None:
    from rooms.events import AnyEvent

    own = {
        kind
        for kind in vars(flow_events).values()
        if isinstance(kind, type) and kind.__module__ == flow_events.__name__
    }
    assert own <= set(AnyEvent.__args__)
    assert len(own) == 13
