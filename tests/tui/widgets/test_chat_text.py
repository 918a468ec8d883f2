from __future__ import annotations

from datetime import datetime

from rooms.chat_events import KeptLine
from rooms.events import ChatReceived, FileDone, FileFailed, utc_now
from rooms.file_events import FileFields
from tui.widgets.chat_text import QUOTED, chat_line, file_line, first_words, kept_line


def line(text: str, *, name: str = "Ada", mine: bool = False, reply_to: str = "") -> ChatReceived:
    return ChatReceived(
        id="x", leaf=1, name=name, text=text, sent=utc_now(), mine=mine, reply_to=reply_to
    )


def styled(content, style: str) -> list[str]:
    return [content.plain[s.start : s.end] for s in content.spans if style in str(s.style)]


def test_names_and_texts_are_never_markup() -> None:
    text = chat_line(line("[red]look[/red] [link=http://x]here[/link]\nsecond", name="[b]Ada[/b]"))
    shown = "[b]Ada[/b] [red]look[/red] [link=http://x]here[/link]\n  second"
    assert shown in text.plain
    assert not any("@click" in str(span.style) or "link=" in str(span.style) for span in text.spans)


def test_an_answer_shows_the_beginning_of_what_it_answers() -> None:
    long = line("what " * 40, name="Grace")
    above, below = chat_line(line("yes", reply_to="y"), quoted=long).plain.split("\n")
    assert above.startswith("↳ Grace: what what")
    assert above.endswith("…")
    assert len(above) < QUOTED + 12
    assert below.endswith("Ada yes")


def test_an_answer_to_a_line_from_before_says_so() -> None:
    assert chat_line(line("yes", reply_to="y")).plain.startswith("↳ a line from before\n")


def test_the_line_of_a_file_is_never_markup_and_ends_with_how_to_save_it() -> None:
    fields = FileFields(
        file="ab" * 16, number=2, leaf=1, name="[b]A", file_name="[red]x", size=7, mine=False
    )
    text = file_line(FileDone(**fields))
    assert text.plain[6:] == "[b]A sends [red]x (7 B) · /save 2"
    assert styled(text, "bold") == ["[b]A"]
    assert styled(file_line(FileFailed(**fields, reason="no_room")), "error") == [
        "failed: too many others come at the same time"
    ]


def test_our_name_is_marked_in_what_others_write() -> None:
    assert "Me" in styled(chat_line(line("are you there, Me?"), me="Me"), "warning")
    assert "Me" not in styled(chat_line(line("I am Me", mine=True), me="Me"), "warning")


def test_links_are_marked_and_go_nowhere() -> None:
    text = chat_line(line("see https://example.org."))
    assert styled(text, "underline") == ["https://example.org"]
    assert not any("click" in str(span.style) or "link" in str(span.style) for span in text.spans)


def test_reactions_are_counted_and_ours_stands_out() -> None:
    text = chat_line(line("hi"), me="Me", reactions={"👍": ["Grace", "Me"], "🎉": ["Alan"]})
    assert text.plain.endswith("\n  👍 2  🎉 1")
    assert "👍 2" in styled(text, "bold")
    assert "🎉 1" not in styled(text, "bold")


def test_first_words_are_one_line() -> None:
    assert first_words("a\n b\tc") == "a b c"
    assert first_words("x" * 99, 10) == "x" * 9 + "…"


def test_a_kept_line_has_its_day_and_is_dimmed_and_never_markup() -> None:
    sent = datetime(2026, 7, 1, 12, 5).astimezone()
    kept = kept_line(KeptLine(name="[b]Ada[/b]", text="[red]one[/red]\ntwo", sent=sent))
    assert kept.plain == "2026-07-01 12:05 [b]Ada[/b] [red]one[/red]\n  two"
    assert styled(kept, "foreground-muted") == [kept.plain]
