"""The log of a call: lines that are added, change later, and are drawn only where they are seen.

One widget draws all lines. A widget a line costs a layout of the whole screen for each line, and
the time of that grows with the lines there are.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

from textual.binding import Binding
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.reactive import Reactive
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip
from textual.style import Style
from textual.timer import Timer
from textual.visual import Visual

MAX_LINES = 2000
"""Lines kept on the screen."""
MAX_DRAWN = 100
"""Lines at the end that are kept drawn: what is drawn is many objects for Python to look after."""
SLICE = 200
"""Lines that are wrapped anew at a time, so that keys wait for no more; no screen shows as many."""
PAUSE = 0.01
"""Seconds between two slices, for the keys."""


@dataclass(slots=True, eq=False)
class _Line:
    """One line and where it is drawn. Numbers and rows count from the first line ever added."""

    key: str
    content: Content
    number: int
    label: bool = False
    """Whether it is a rule, of which the content is the label."""
    top: int = 0
    rows: int = 0
    """0 until it is measured; as it was before, until it is wrapped at the present width."""
    width: int = 0
    """For which it was measured."""
    strips: list[tuple[Strip, int]] | None = None
    """Each row with the place in the text at which it begins; None until it is seen."""

    def forget(self) -> None:
        """Have it measured and drawn anew, at once."""
        self.rows, self.strips = 0, None


class ChatLog(ScrollView, can_focus=True):
    """The lines so far; stays at the end until it is scrolled."""

    ALLOW_SELECT = True
    DEFAULT_CSS = """
    ChatLog { height: 1fr; padding: 0 1; overflow: hidden scroll; scrollbar-size-vertical: 1; }
    """

    BINDINGS = [  # noqa: RUF012
        Binding("up", "mark(-1)", "Line above", show=False),
        Binding("down", "mark(1)", "Line below", show=False),
        Binding("enter", "choose", "Answer", show=False),
        Binding("escape", "done", "Back to the call", show=False),
    ]

    class Chosen(Message):
        """Enter was pressed on the marked line, or on none: then `key` is empty."""

        def __init__(self, key: str) -> None:
            super().__init__()
            self.key = key

    # Growing moves no widget: the scrollbar always has its place.
    virtual_size = Reactive(Size(0, 0), layout=False)

    def __init__(self) -> None:
        super().__init__()
        self._lines: list[_Line] = []
        self._keyed: dict[str, _Line] = {}
        self._divider: _Line | None = None
        self._marked: _Line | None = None
        self._first_row = 0
        self._width = 0
        self._end = 0.0
        self._wrapping: Timer | None = None

    # --- what is shown ---

    def add(self, content: Content, key: str = "", *, label: bool = False) -> None:
        """Append a line, dropping the oldest beyond what is kept; `key` is for `replace`.

        As a `label`, it stands in the middle of a rule.
        """
        number = self._lines[-1].number + 1 if self._lines else 0
        line = _Line(key, content, number, label)
        self._lines.append(line)
        if key:
            self._keyed[key] = line
        if len(self._lines) >= MAX_DRAWN:
            self._lines[-MAX_DRAWN].strips = None
        if len(self._lines) > MAX_LINES:
            self._drop_oldest()
        self._place(len(self._lines) - 1)

    def replace(self, key: str, content: Content) -> bool:
        """Change a line that was added with this key; False if there is no such line any more."""
        line = self._keyed.get(key)
        if line is None:
            return False
        line.content = content
        line.forget()
        self._place(self._lines.index(line))
        return True

    def divide(self, label: str) -> None:
        """Put a rule after the last line, the only one of its kind: what follows is new."""
        self.undivide()
        self.add(Content(label), label=True)
        self._divider = self._lines[-1]

    def undivide(self) -> None:
        """Take the rule away."""
        line, self._divider = self._divider, None
        if line is not None:
            index = self._lines.index(line)
            del self._lines[index]
            self._place(index)

    # --- what is marked, among the lines with a key ---

    @property
    def marked(self) -> str:
        """The key of the marked line; empty for none."""
        return self._marked.key if self._marked is not None else ""

    def action_mark(self, step: int) -> None:
        """Mark the line before or after the marked one; at first, the last one there is."""
        keyed = list(self._keyed.values())
        if not keyed:
            return
        if self._marked is None:
            self._marked = keyed[-1]
        else:
            place = keyed.index(self._marked) + step
            self._marked = keyed[min(max(place, 0), len(keyed) - 1)]
        self._reveal(self._marked)
        self.refresh()

    def action_choose(self) -> None:
        """Answer the marked line."""
        self.post_message(self.Chosen(self.marked))

    def action_done(self) -> None:
        """Give the keys back to the call."""
        self.screen.set_focus(None)

    def on_blur(self) -> None:
        """Mark nothing while the keys go elsewhere."""
        self._marked = None
        self.refresh()

    def _reveal(self, line: _Line) -> None:
        """Scroll no further than it takes to see a line."""
        top, bottom = line.top - self._first_row, line.top - self._first_row + line.rows
        if top < self.scroll_y:
            self.scroll_to(y=top, animate=False)
        elif bottom > self.scroll_y + self.size.height:
            self.scroll_to(y=bottom - self.size.height, animate=False)

    # --- where it is shown ---

    @property
    def _following(self) -> bool:
        """Whether the end is shown, or was, before there was more."""
        return self.scroll_target_y >= self._end

    def _drop_oldest(self) -> None:
        gone = self._lines.pop(0)
        self._first_row += gone.rows
        if self._keyed.get(gone.key) is gone:
            del self._keyed[gone.key]
        if self._divider is gone:
            self._divider = None
        if self._marked is gone:
            self._marked = None
        if not self._following:  # who reads above keeps reading the same rows
            self.scroll_to(y=max(0, self.scroll_y - gone.rows), animate=False)

    def _place(self, first: int) -> None:
        """Give the lines from an index on their rows, and the log its height."""
        following = self._following
        row = self._first_row
        if first:
            row = self._lines[first - 1].top + self._lines[first - 1].rows
        for line in self._lines[first:]:
            line.top = row
            if not line.rows:
                self._measure(line)
            row += line.rows
        self._grown(row - self._first_row)
        if following:
            self.scroll_to(y=self._end, animate=False)
        self.refresh()

    def _measure(self, line: _Line) -> None:
        line.rows, line.width = self._height(line), self._width

    def _height(self, line: _Line) -> int:
        text = line.content.plain
        if line.label or (text.isprintable() and 2 * len(text) <= self._width):
            return 1
        return line.content.get_height({}, max(1, self._width))

    def _grown(self, height: int) -> None:
        self.virtual_size = Size(self._width, height)
        self.vertical_scrollbar.window_virtual_size = height
        self._end = self.max_scroll_y

    def on_resize(self) -> None:
        """Wrap the lines anew; the end stays in sight, or else the first line that was seen."""
        width, self._width = self._width, self.scrollable_content_region.width
        if width != self._width:
            for line in self._lines:
                line.strips = None
        self._wrap()

    def _wrap(self) -> None:
        """Wrap a slice of the lines at the present width, what is seen first, then the rest.

        The others have as many rows as before until it is their turn.
        """
        following, top = self._following, self._line_at(round(self.scroll_y))
        stale = [line for line in self._lines if line.width != self._width]
        first = top.number - SLICE // 2 if top is not None else 0
        near = [line for line in stale if line.number >= first]
        now = near[:SLICE] or stale[-SLICE:]
        for line in now:
            self._measure(line)
        self._place(0)
        if top is not None and not following:
            self.scroll_to(y=top.top - self._first_row, animate=False)
        if self._wrapping is not None:
            self._wrapping.stop()
        if len(stale) > len(now):
            self._wrapping = self.set_timer(PAUSE, self._wrap)

    # --- drawing ---

    def _line_at(self, y: int) -> _Line | None:
        """Return the line that is drawn at a row below the first."""
        index = bisect_right(self._lines, self._first_row + y, key=lambda line: line.top) - 1
        return self._lines[index] if index >= 0 else None

    def render_line(self, y: int) -> Strip:
        """Return one row of what is seen."""
        y += self.scroll_offset.y
        line = self._line_at(y)
        if line is not None:
            rows = self._rows(line)
            row = self._first_row + y - line.top
            if row < len(rows):
                strip, start = rows[row]
                return strip.apply_offsets(start, line.number).extend_cell_length(
                    self._width, self.visual_style.rich_style
                )
        return Strip.blank(self._width, self.visual_style.rich_style)

    def _rows(self, line: _Line) -> list[tuple[Strip, int]]:
        selection = self.text_selection
        span = selection.get_span(line.number) if selection is not None else None
        if span is not None:
            style = Style.from_styles(self.screen.get_component_styles("screen--selection"))
            end = None if span[1] < 0 else span[1]
            return self._draw(line, line.content.stylize(style, span[0], end))
        if line is self._marked:
            return self._draw(line, line.content.stylize("on $panel"))
        if line.strips is None:
            line.strips = self._draw(line, line.content)
        return line.strips

    def _draw(self, line: _Line, content: Content) -> list[tuple[Strip, int]]:
        if line.label:
            content = rule(content, self._width)
        strips = Visual.to_strips(
            self, content, self._width, None, self.visual_style, apply_selection=False
        )
        starts = [0]
        for part in content.plain.split("\n"):
            starts.append(starts[-1] + len(part) + 1)
        return [(strip, _start(strip, starts)) for strip in strips]

    def notify_style_update(self) -> None:
        """Draw all lines in the new colours."""
        super().notify_style_update()
        for line in self._lines:
            line.strips = None

    # --- selecting text: x counts characters of a line, y is the line's number ---

    def selection_updated(self, selection: Selection | None) -> None:
        """Draw what is selected now."""
        self.refresh()

    def get_selection(self, selection: Selection) -> tuple[str, str]:
        """Return the text that is selected, each line as it was written."""
        texts = []
        for line in self._lines:
            span = selection.get_span(line.number)
            if span is not None:
                text = line.content.plain
                texts.append(text[span[0] : len(text) if span[1] < 0 else span[1]])
        return "\n".join(texts), "\n"


def rule(label: Content, width: int) -> Content:
    """Return a horizontal rule of `width` cells with a label in the middle."""
    spare = max(0, width - label.cell_length - 2)
    left = "─" * (spare // 2)
    return (Content(f"{left} ") + label + Content(f" {'─' * (spare - len(left))}")).truncate(width)


def _start(strip: Strip, starts: list[int]) -> int:
    """Return where in the text a row begins, from what Textual noted in its first segment."""
    for segment in strip:
        if segment.style is not None and "offset" in segment.style.meta:
            x, y = segment.style.meta["offset"]
            return starts[int(y)] + int(x)
    return 0
