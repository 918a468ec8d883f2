"""Changing one value of a TOML text and nothing else."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rooms.toml_edit import Value, changes, written

BY_HAND = """# mine
name = "Zoë"  # as written
 bell = true

# keys I like
[keys]
mute = 'M' # not the small one
"""


def first(text: str, path: str, value: Value | None, wanted: dict[str, Any]) -> str | None:
    """The first change after which a parser reads what it should."""
    for changed in changes(text, tuple(path.split(".")), value):
        try:
            if tomllib.loads(changed) == wanted:
                return changed
        except tomllib.TOMLDecodeError:
            pass
    return None


@pytest.mark.parametrize(
    ("path", "value", "before", "after"),
    [
        ("name", 'A "b" \\', '"Zoë"  #', r'"A \"b\" \\"  #'),
        ("bell", False, " bell = true", " bell = false"),
        ("bell", None, " bell = true\n", ""),
        ("theme", "light", " bell = true\n", ' bell = true\ntheme = "light"\n'),
        ("keys.mute", "m", "'M'", '"m"'),
        ("keys.mute", None, "mute = 'M' # not the small one\n", ""),
        ("keys.leave", "^q", "[keys]\n", '[keys]\nleave = "^q"\n'),
    ],
)
def test_one_place_changes(path: str, value: Value | None, before: str, after: str) -> None:
    wanted: dict[str, Any] = tomllib.loads(BY_HAND)
    table, name = (wanted["keys"], path[5:]) if path.startswith("keys.") else (wanted, path)
    table.pop(name, None)
    if value is not None:
        table[name] = value
    assert first(BY_HAND, path, value, wanted) == BY_HAND.replace(before, after)


@pytest.mark.parametrize(
    ("text", "path", "after"),
    [
        ("", "bell", "bell = false\n"),
        ("", "keys.mute", "[keys]\nmute = false\n"),
        ("a = 1", "bell", "a = 1\nbell = false\n"),
        ('"bell" = true', "bell", '"bell" = false'),
        ("bell=true\r\n", "bell", "bell=false\r\n"),
        ("keys . mute = true", "keys.mute", "keys . mute = false"),
        ("keys.a = 1\n", "keys.mute", "keys.a = 1\nkeys.mute = false\n"),
        ("a = '''\nbell = true\n[keys]\n'''\n", "bell", None),
        ("[keys]\nbell = true\n", "bell", "bell = false\n[keys]\nbell = true\n"),
        ("[ keys ] # of mine", "keys.mute", "[ keys ] # of mine\nmute = false\n"),
    ],
)
def test_many_ways_of_writing_are_understood(text: str, path: str, after: str | None) -> None:
    wanted: dict[str, Any] = tomllib.loads(text)
    table, name = (wanted.setdefault("keys", {}), path[5:]) if "." in path else (wanted, path)
    table[name] = False
    assert first(text, path, False, wanted) == (after or f"{text}bell = false\n")


@pytest.mark.parametrize("text", ['a = """\nx"""\n', 'keys = { a = "x" }\n'])
def test_what_is_not_understood_has_no_change(text: str) -> None:
    path = "a" if text.startswith("a") else "keys.a"
    wanted: dict[str, Any] = {"a": "y"} if path == "a" else {"keys": {"a": "y"}}
    assert first(text, path, "y", wanted) is None


@given(st.text())
def test_any_text_is_written_so_that_it_is_read(text: str) -> None:
    assert tomllib.loads(f"a = {written(text)}")["a"] == text


LINES = st.sampled_from(
    [
        "# a comment [with] = signs",
        "",
        'name = "Ada" # me',
        "bell = true",
        "theme = 'dark'",
        "text = '''",
        "'''",
        'more = """',
        '"""',
        "[keys]",
        'mute = "m"',
        "bell = 'b'",
        "[other]",
    ]
)


@given(
    st.lists(LINES, max_size=12),
    st.sampled_from(["name", "bell", "keys.mute", "keys.bell"]),
    st.one_of(st.none(), st.booleans(), st.text(max_size=5)),
    st.sampled_from(["\n", "\r\n"]),
)
def test_whatever_is_around_it_one_value_changes_and_no_other_line(
    lines: list[str], path: str, value: Value | None, end: str
) -> None:
    text = end.join(lines)
    try:
        wanted = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    table, name = (wanted.setdefault("keys", {}), path[5:]) if "." in path else (wanted, path)
    if name not in table and value is None:
        return
    if isinstance(table.get(name), str) and "\n" in table[name]:
        return
    table.pop(name, None)
    if value is not None:
        table[name] = value
    changed = first(text, path, value, wanted)
    assert changed is not None
    before, after = (t.split("\n") for t in (text, changed))
    common = [line for line in before if line in after]
    assert len(common) >= len(before) - 1
