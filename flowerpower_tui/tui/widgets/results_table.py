"""What came of a run: each node's value in a line, and the one under the cursor with columns and first rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len, set_cell_size
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from flowerpower_tui.runs.lines import spoken_time
from flowerpower_tui.terminal import one_line, sanitise
from flowerpower_tui.tui.states import look
from flowerpower_tui.tui.widgets.cursor_view import CursorView

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from textual.app import ComposeResult

    from flowerpower_tui.pipeline.summary import ValueSummary
    from flowerpower_tui.runs.view import NodeRun
    from flowerpower_tui.tui.widgets.cursor_view import Piece

_LONGEST_NAME = 32
_LONGEST_TYPE = 26
_COLUMNS_SHOWN = 50


class ResultRows(CursorView):
    """Nodes with what their values look like."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.nodes: list[str] = []
        self._runs: Mapping[str, NodeRun] = {}
        self._final: Collection[str] = ()
        self._name_width = 0
        # Of types, shapes, nulls.
        self._widths = (0, 0, 0)

    @property
    def node(self) -> str:
        """The node under the cursor; empty if there is none."""
        return self.nodes[self.cursor] if self.nodes else ""

    def show(self, runs: Mapping[str, NodeRun], final: Collection[str]) -> None:
        """Show nodes that have a value, those that the run was for first; the cursor stays on its node."""
        here = self.node
        self._runs, self._final = runs, final
        valued = [name for name, run in runs.items() if run.summary is not None]
        self.nodes = sorted(valued, key=lambda name: name not in final)
        self._name_width = min(max((cell_len(one_line(name)) for name in self.nodes), default=0), _LONGEST_NAME)
        summaries = [summary for name in self.nodes if (summary := runs[name].summary) is not None]
        self._widths = (
            min(max((cell_len(one_line(summary.type)) for summary in summaries), default=0), _LONGEST_TYPE),
            max((len(shape_of(summary)) for summary in summaries), default=0),
            max((len(_nulls(summary)) for summary in summaries), default=0),
        )
        self.rows_changed()
        if here in self.nodes:
            self.cursor = self.nodes.index(here)

    def line_count(self) -> int:
        """Nodes that have a value."""
        return len(self.nodes)

    def pieces(self, index: int) -> Iterator[Piece]:
        """Name, type, shape, nulls, time."""
        name = self.nodes[index]
        run = self._runs[name]
        summary = run.summary
        assert summary is not None
        mark = look(run.state)
        yield f" {mark.glyph} ", mark.variable
        yield f"{_fit(one_line(name), self._name_width)}  ", "strong" if name in self._final else ""
        types, shapes, nulls = self._widths
        yield f"{_fit(one_line(summary.type), types)}  ", "text-secondary"
        yield f"{shape_of(summary):>{shapes}}  ", ""
        yield f"{_nulls(summary):<{nulls}}", "text-warning"
        yield f"{spoken_time(run.duration) if run.duration is not None else '':>9}", "text-muted"
        if summary.preview and not summary.columns:
            first, *rest = sanitise(summary.preview).split("\n")
            yield f"  {one_line(first)}{' …' if rest else ''}", "text-disabled"


class ResultsTable(Vertical):
    """The list of values, and one of them in full."""

    DEFAULT_CSS = """
    ResultsTable {
        & > ResultRows { height: 2fr; }
        & > VerticalScroll { height: 3fr; border-top: hkey $panel; padding: 0 1; scrollbar-size: 0 1; }
        & Static { width: 100%; height: auto; }
        & Static.-table { width: auto; min-width: 100%; text-wrap: nowrap; }
    }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._runs: Mapping[str, NodeRun] = {}

    def compose(self) -> ComposeResult:
        """List and value."""
        yield ResultRows(id="result-rows")
        with VerticalScroll(can_focus=False):
            yield Static(id="value")

    @property
    def rows(self) -> ResultRows:
        """The list."""
        return self.query_one(ResultRows)

    def show(self, runs: Mapping[str, NodeRun], final: Collection[str]) -> None:
        """Show what there is of values."""
        self._runs = runs
        self.rows.show(runs, final)
        self._tell()

    def go_to_node(self, node: str) -> None:
        """Put the cursor on a node, if it has a value."""
        if node in self.rows.nodes:
            self.rows.cursor = self.rows.nodes.index(node)

    def on_cursor_view_highlighted(self) -> None:
        """Show the value under the cursor."""
        self._tell()

    def _tell(self) -> None:
        run = self._runs.get(self.rows.node)
        summary = run.summary if run else None
        value = self.query_one("#value", Static)
        # The rows of a table are no rows any more when they are wrapped.
        value.set_class(summary is not None and bool(summary.columns), "-table")
        value.update(value_in_full(summary) if summary else Content())


def value_in_full(summary: ValueSummary) -> Content:
    """Return a value's type and shape, its first rows, and its columns with their types."""
    head = "  ".join(part for part in (one_line(summary.type), shape_of(summary)) if part)
    lines = [Content.assemble((head, "bold"))]
    if summary.nulls is not None:
        lines[0] += Content(f"  {summary.nulls:,} nulls").stylize("$text-warning" if summary.nulls else "$text-muted")
    if summary.preview:
        lines += [Content(""), *map(Content, sanitise(summary.preview).expandtabs(4).split("\n"))]
    if summary.columns:
        lines.append(Content(""))
        shown = summary.columns[:_COLUMNS_SHOWN]
        width = max(cell_len(one_line(column.name)) for column in shown)
        kinds = max(cell_len(one_line(column.dtype)) for column in shown)
        for column in shown:
            nulls = f"  {column.nulls:,} nulls" if column.nulls else ""
            lines.append(
                Content.assemble(
                    (set_cell_size(one_line(column.name), width), "$text-primary"),
                    (f"  {set_cell_size(one_line(column.dtype), kinds)}", "$text-muted"),
                    (nulls, "$text-warning"),
                )
            )
    return Content("\n").join(lines)


_UNITS = {"str": "characters", "bytes": "bytes", "list": "items", "tuple": "items", "set": "items", "dict": "items"}
"""What the one number of a shape counts, by the type's name."""


def shape_of(summary: ValueSummary) -> str:
    """Return a shape as people write it: `395 × 4`; of a text and its like how much it holds: `12 characters`."""
    unit = _UNITS.get(summary.type.rpartition(".")[2])
    if unit and len(summary.shape) == 1:
        return f"{summary.shape[0]:,} {unit if summary.shape[0] != 1 else unit[:-1]}"
    return " × ".join(f"{extent:,}" for extent in summary.shape)


def _nulls(summary: ValueSummary) -> str:
    return f"{summary.nulls:,} nulls" if summary.nulls else ""


def _fit(text: str, width: int) -> str:
    return set_cell_size(text, width) if cell_len(text) <= width else set_cell_size(text, width - 1) + "…"
