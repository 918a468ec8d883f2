from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rooms.text import clean_name
from tui.widgets.fitting import NAME, Part, fit, several, short

WORDS = st.text(st.sampled_from("ab文é "), min_size=1, max_size=30).map(clean_name)
FORMS = st.lists(WORDS, min_size=1, max_size=3).map(lambda f: tuple(sorted(f, key=len)[::-1]))
PARTS = st.lists(st.builds(Part, FORMS, st.just(""), st.booleans()), max_size=6)
HINTS = st.sampled_from([(), ("? help",), ("l link  ? help", "? help")])


@given(PARTS, HINTS, st.integers(0, 200))
def test_it_is_never_wider_than_there_is_room(parts, hints, width: int) -> None:
    assert fit(parts, hints, width).cell_length <= width


@given(PARTS, HINTS)
def test_where_there_is_room_everything_is_said_in_full(parts, hints) -> None:
    text = fit(parts, hints, 400).plain
    assert all(part.forms[0] in text for part in parts)
    assert text.endswith(hints[0] if hints else "")


def test_what_is_vital_costs_all_else() -> None:
    parts = [Part(("fine",)), Part(("an alarm", "alarm"), vital=True), Part(("so so",))]
    assert fit(parts, ("? help",), 7).plain == " alarm"
    assert fit(parts, ("? help",), 16).plain == " alarm   ? help"
    assert fit(parts, ("? help",), 18).plain == " an alarm  ? help"
    assert fit(parts, ("? help",), 24).plain == " fine  an alarm  ? help"


def test_what_does_not_fit_takes_nothing_shorter_with_it() -> None:
    assert fit([Part(("much too long",)), Part(("short",))], (), 9).plain == " short"


def test_people_are_named_as_far_as_there_is_room_and_counted() -> None:
    assert several([], 3) == ""
    assert several(["Ada"], 3) == "Ada"
    assert several(["Ada", "Grace"], 3) == "Ada and Grace"
    assert several(["Ada", "Grace", "Bob", "Linus"], 2) == "Ada, Grace and 2 more"
    assert several(["Ada", "Grace"], 1) == "Ada and 1 more"


@given(st.text(max_size=100).map(clean_name))
def test_a_name_is_short_and_inert(name: str) -> None:
    from rich.cells import cell_len

    assert cell_len(short(name)) <= NAME
    assert "\n" not in short(name)
    assert "\x1b" not in short(name)
    assert short("[b]Ada[/b]") == "[b]Ada[/b]"
