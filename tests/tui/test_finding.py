from __future__ import annotations

from tui.finding import find_knock, find_participant


def test_a_knock_is_meant_by_number_name_or_nothing(knocker) -> None:
    ada, grace = knocker(1, "Ada"), knocker(2, "Grace")
    assert find_knock([ada, grace], "") is ada
    assert find_knock([ada, grace], "#2") is grace
    assert find_knock([ada, grace], "GRACE") is grace
    assert find_knock([ada], "Grace") == "Nobody of that name is knocking."
    assert find_knock([], "Ada") == "Nobody is knocking."


def test_two_of_one_name_are_not_mistaken_for_each_other(knocker, someone) -> None:
    assert "Several" in str(find_knock([knocker(1, "Ada"), knocker(2, "Ada")], "Ada"))
    assert "Several" in str(find_participant([someone(1, "Ada"), someone(2, "Ada")], "Ada"))


def test_a_participant_is_another_one_by_leaf_or_name(someone) -> None:
    me, ada = someone(0, "Me", me=True), someone(1, "Ada")
    assert find_participant([me, ada], "ada") is ada
    assert find_participant([me, ada], "#1") is ada
    for target in ("Me", "#0", "", "Grace"):
        assert find_participant([me, ada], target) == "Nobody else here has that name."
