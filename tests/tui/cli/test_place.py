from __future__ import annotations

from tui.cli.place import Place


def test_by_default_a_server_picks_its_port_and_keeps_nothing() -> None:
    assert Place() == Place(listen=(), port=0, state=None)
