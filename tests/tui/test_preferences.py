from __future__ import annotations

import msgspec
import pytest

from rooms.settings import Settings
from tui.preferences import LOOKS, PREFERENCES, PRIVACY, Preference

EVERY = pytest.mark.parametrize("preference", [*PRIVACY, *LOOKS], ids=lambda each: each.name)


@EVERY
def test_its_choices_are_all_that_the_setting_may_be(preference: Preference) -> None:
    field = Settings.__annotations__[preference.name]
    allowed = {
        choice.value
        for choice in preference.choices
        if msgspec.convert({preference.name: choice.value}, Settings)
    }
    count = field.count(",") + 1 if field.startswith("Literal") else 2
    assert len(allowed) == len(preference.choices) == count


@EVERY
def test_going_through_its_choices_comes_back_to_the_first(preference: Preference) -> None:
    settings, seen = Settings(), []
    for _ in preference.choices:
        seen.append(preference.current(settings))
        value = preference.next(settings).value
        settings = msgspec.structs.replace(settings, **{preference.name: value})
    assert set(seen) == set(preference.choices)
    assert settings == Settings()


@EVERY
def test_each_choice_can_be_typed_and_fits_a_line(preference: Preference) -> None:
    for choice in preference.choices:
        assert preference.typed(f" {choice.typed.upper()} ") is choice
        assert len(preference.title) + len(choice.words) <= 74
        assert len(choice.costs) <= 60
    assert preference.typed("perhaps") is None


def test_what_is_less_private_than_it_could_be_says_what_it_costs() -> None:
    equal = {"members_write", "members_show"}  # no cost to one's own privacy
    for preference in PRIVACY:
        if preference.name not in equal:
            assert all(choice.costs for choice in preference.choices[1:])


def test_a_setting_is_in_one_list_only() -> None:
    assert len(PREFERENCES) == len(PRIVACY) + len(LOOKS)
