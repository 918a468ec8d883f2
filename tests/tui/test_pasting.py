from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tui.pasting import END, START, PasteFilter


def through(*parts: str) -> str:
    """Return what a filter lets through of input that comes in parts."""
    paste = PasteFilter()
    return "".join(paste.through(part) for part in parts)


def test_attack_an_escape_inside_a_paste_is_taken_out() -> None:
    assert through(f"{START}hi\x1bm\x1b[97;1:3u{END}") == f"{START}him[97;1:3u{END}"


def test_what_is_typed_keeps_its_escapes() -> None:
    typed = f"\x1b[A{START}x{END}\x1b[B\x1b"
    assert through(typed) == typed


@given(
    st.lists(
        st.one_of(
            st.sampled_from([START, END, "\x1b", "\x1b[20", "0~", "1~"]),
            st.text("am[\x1b201~\n", max_size=8),
        ),
        max_size=12,
    ).map("".join),
    st.lists(st.integers(0, 80), max_size=6),
)
def test_wherever_input_is_cut_it_means_the_same(data: str, cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), len(data)]
    parts = [data[start:stop] for start, stop in pairwise(edges)]
    ended = END + "x"  # so that nothing is held
    assert through(*parts, ended) == through(data + ended)


@given(st.text("am[\x1b201~", max_size=40).filter(lambda text: END not in text + END[:-1]))
def test_a_paste_stays_one_paste(text: str) -> None:
    assert through(START + text + END) == START + text.replace("\x1b", "") + END
