from __future__ import annotations

from rooms.roles import RULES as RULES_THERE_ARE
from tui.rules import RULES, rule_in_words


def test_every_rule_there_is_has_words() -> None:
    assert set(RULES) == set(RULES_THERE_ARE)


def test_a_rule_says_who_may() -> None:
    assert rule_in_words("chat", True) == "everybody may write"
    assert rule_in_words("recording", False) == "only hosts and cohosts may record"
    assert rule_in_words("share", False) == "only hosts and cohosts may show themselves"
