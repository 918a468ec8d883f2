from __future__ import annotations

import pytest

from tui.errors import AmbiguousError, NotFoundError, UsageError
from tui.finding import find_knock, find_participant


def test_a_knock_is_meant_by_number_name_or_nothing(knocker) -> None:
    ada, grace = knocker(1, "Ada"), knocker(2, "Grace")
    assert find_knock([ada, grace], "") is ada
    assert find_knock([ada, grace], "#2") is grace
    assert find_knock([ada, grace], "GRACE") is grace
    with pytest.raises(NotFoundError, match="nobody of that name is knocking"):
        find_knock([ada], "Grace")
    with pytest.raises(NotFoundError, match="nobody is knocking"):
        find_knock([], "Ada")


def test_two_of_one_name_are_not_mistaken_for_each_other(knocker, someone) -> None:
    with pytest.raises(AmbiguousError, match="several of that name are knocking"):
        find_knock([knocker(1, "Ada"), knocker(2, "Ada")], "Ada")
    with pytest.raises(AmbiguousError, match="several here have that name"):
        find_participant([someone(1, "Ada"), someone(2, "Ada")], "Ada")


def test_a_participant_is_another_one_by_leaf_or_name(someone) -> None:
    me, ada = someone(0, "Me", me=True), someone(1, "Ada")
    assert find_participant([me, ada], "ada") is ada
    assert find_participant([me, ada], "#1") is ada
    with pytest.raises(UsageError, match="say who"):
        find_participant([me, ada], "")
    for target in ("Me", "#0", "Grace"):
        with pytest.raises(NotFoundError, match="nobody else here has that name"):
            find_participant([me, ada], target)
