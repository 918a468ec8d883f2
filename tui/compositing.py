"""A compositor that draws only what will be seen, of the rows and columns that changed.

Textual has every widget draw that touches the smallest rectangle around all that changed: a line of
chat and a tile at the other end of the screen are the whole screen. It also has each widget draw
that others cover, and cuts all its rows at the edges of all others. Here a widget draws the rows
in which it is in front of everything else somewhere that is written now.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import cast

from textual._compositor import ChopsUpdate, Compositor
from textual.geometry import Region
from textual.strip import Strip

Span = tuple[int, int, int]
"""Row, first column, and the one after the last."""
Pieces = dict[int, Strip | None]
"""Of one row, by the column they begin at; `None` where nothing is written."""


class SparingCompositor(Compositor):
    """Overrides how Textual's own turns widgets into strips; what is written stays the same."""

    def render_partial_update(self) -> ChopsUpdate | None:
        """Return what changed, or None if nothing did."""
        spans = list(self._regions_to_spans(self._dirty_regions))
        self._dirty_regions.clear()
        if not spans:
            return None
        return ChopsUpdate(self._draw(spans), spans, [cuts[1:] for cuts in self.cuts])

    def _render_chops(
        self, crop: Region, is_rendered_line: Callable[[int], bool]
    ) -> Sequence[Mapping[int, Strip]]:
        return self._draw([(y, *crop.column_span) for y in crop.line_range if is_rendered_line(y)])

    def _draw(self, spans: Iterable[Span]) -> Sequence[Mapping[int, Strip]]:
        """Return the pieces of each row between its cuts, those within the spans drawn."""
        rows: list[Pieces] = [dict.fromkeys(cuts[:-1]) for cuts in self.cuts]
        empty = self._empty(spans)
        for widget, (region, clip) in self.visible_widgets.items():  # the foremost first
            shown = region.intersection(clip)
            seen = [
                y
                for y in shown.line_range
                if y in empty and any(shown.x <= start < shown.right for start in empty[y])
            ]
            if not seen:
                continue
            top, bottom = seen[0], seen[-1] + 1
            crop = Region(shown.x, top, shown.width, bottom - top).translate(-region.offset)
            strips = widget.render_lines(crop)
            for y in seen:
                _fill(rows[y], empty[y], strips[y - top], shown)
        return cast("Sequence[Mapping[int, Strip]]", rows)  # as Textual does

    def _empty(self, spans: Iterable[Span]) -> dict[int, dict[int, int]]:
        """Return, by row, the start and end of each piece that touches a span."""
        found: dict[int, dict[int, int]] = {}
        cuts = self.cuts
        for y, first, last in spans:
            pieces = zip(cuts[y], cuts[y][1:], strict=False)
            found.setdefault(y, {}).update(
                (start, end) for start, end in pieces if start < last and end > first
            )
        return found


def _fill(pieces: Pieces, empty: dict[int, int], strip: Strip, shown: Region) -> None:
    """Fill what is empty with a widget's row, as far as that reaches."""
    reach = shown.x + min(shown.width, strip.cell_length)
    for start, end in list(empty.items()):
        if shown.x <= start and end <= reach:
            pieces[start] = strip.crop(start - shown.x, end - shown.x)
            del empty[start]
