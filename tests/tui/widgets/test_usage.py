from __future__ import annotations

import pytest

from rooms.ledger import LedgerLine
from tui.widgets.usage import NOTHING, usage

LINE = LedgerLine("192.0.2.7:4433", "signalling", "who, when and how much", 12_345, 67_890)


def test_nothing_is_said_to_have_left_before_something_has() -> None:
    assert usage([], 80).plain == NOTHING


@pytest.mark.parametrize("width", [24, 40, 80])
def test_an_address_has_its_bytes_and_what_it_could_read(width: int) -> None:
    text = usage([LINE, LINE], width).plain
    assert "↑ 12.3 kB  ↓ 67.9 kB" in text
    assert "it could read: who, when and how much" in " ".join(text.split())
    assert "1 address, ↑ 24.7 kB  ↓ 135.8 kB in all" in text
    assert all(len(line) <= width for line in text.splitlines()[:-1])
