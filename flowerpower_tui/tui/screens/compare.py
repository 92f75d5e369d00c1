"""Two runs side by side: what they were given, how long each node took, whose value changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from rich.cells import cell_len, set_cell_size
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Footer, Static

from flowerpower_tui.runs.lines import spoken_time
from flowerpower_tui.terminal import one_line
from flowerpower_tui.tui import as_command
from flowerpower_tui.tui.bars import Window, bar
from flowerpower_tui.tui.clipboard import copy
from flowerpower_tui.tui.screens.modal import Modal
from flowerpower_tui.tui.states import look
from flowerpower_tui.tui.widgets.cursor_view import CursorView
from flowerpower_tui.tui.widgets.results_table import shape_of
from flowerpower_tui.yamldoc.dump import inline

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.app import ComposeResult

    from flowerpower_tui.pipeline.summary import ValueSummary
    from flowerpower_tui.runs.compare import Comparison, Difference, NodeComparison, Side
    from flowerpower_tui.tui.widgets.cursor_view import Piece

_LONGEST_NAME = 30
# Cells of a duration's bar: where there is room for it, else few or none.
_BARS = ((130, 16), (104, 8), (92, 4), (0, 0))


class ComparisonView(CursorView):
    """Differences, then nodes, as rows."""

    def __init__(self, found: Comparison, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._found = found
        self._lines: list[list[Piece]] = []

    def on_resize(self) -> None:
        """Lay the rows out for the room that there is."""
        bars = next(cells for least, cells in _BARS if self.size.width >= least)
        self._lines = [list(line) for line in comparison_lines(self._found, bars)]
        self.rows_changed(max((sum(cell_len(text) for text, _ in line) for line in self._lines), default=0))

    def line_count(self) -> int:
        """All rows."""
        return len(self._lines)

    def pieces(self, index: int) -> Iterator[Piece]:
        """A row."""
        yield from self._lines[index]


class Compare(Modal[None]):
    """A panel over the runs; esc closes it."""

    CSS_PATH = "compare.tcss"

    BINDINGS: ClassVar = [
        Binding(
            "Y",
            "copy_as_command",
            "Copy command",
            tooltip="Copy the fp-tui command that shows this comparison",
            id="compare.copy-command",
        ),
        Binding("escape,q", "dismiss", "Close", key_display="esc"),
    ]

    def __init__(self, found: Comparison) -> None:
        super().__init__()
        self._found = found

    def compose(self) -> ComposeResult:
        """The two runs, and what is different."""
        found = self._found
        with Vertical(id="comparison"):
            yield Static(_side("A", found.left, found.left_run), classes="side")
            yield Static(_side("B", found.right, found.right_run), classes="side")
            yield ComparisonView(found, id="differences")
            yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Keys go to the rows."""
        self.query_one(ComparisonView).focus()

    def action_copy_as_command(self) -> None:
        """Copy the command line that shows this comparison."""
        command = as_command.line("compare", self._found.left, self._found.right)
        copy(self.app, command)
        self.notify(one_line(command), title="Copied", timeout=4, markup=False)


def comparison_lines(found: Comparison, bars: int) -> Iterator[list[Piece]]:
    """Return a comparison as rows, safe to show, what differs first; durations have bars of at most so many cells."""
    yield [(" What they were given", "head")]
    if not found.given:
        yield [("   the same: pipeline, configuration, overrides and versions", "text-muted")]
    width = min(max((cell_len(one_line(each.path)) for each in found.given), default=0), 44)
    for difference in found.given:
        yield _given(difference, width)
    yield []
    changed = sum(not node.same_result for node in found.nodes)
    yield [(" Nodes", "head"), (f"   {changed} of {len(found.nodes)} values look different", "text-muted")]
    width = min(max((cell_len(one_line(node.node)) for node in found.nodes), default=0), _LONGEST_NAME)
    sides = f"{'A':>9} {' ' * bars}{'B':>9} {' ' * bars}{'B/A':>8}  value"
    yield [(f"   {'':<{width}}   {sides}", "text-disabled")]
    longest = max((side.duration or 0.0 for node in found.nodes for side in (node.left, node.right)), default=0.0)
    for node in found.changed_first:
        yield _node(node, width, longest, bars)


def _given(difference: Difference, width: int) -> list[Piece]:
    return [
        (f"   {_fit(one_line(difference.path), width)}  ", "text-primary"),
        (_value(difference.left), "text-error"),
        (" → ", "text-muted"),
        (_value(difference.right), "text-success"),
    ]


def _node(node: NodeComparison, width: int, longest: float, bars: int) -> list[Piece]:
    left, right = node.left, node.right
    pieces: list[Piece] = [(" ", "")]
    pieces += [(look(side.state).glyph, look(side.state).variable) for side in (left, right)]
    pieces.append((f" {_fit(one_line(node.node), width)}  ", "" if node.same_result else "strong"))
    for side, style in ((left, "text-muted"), (right, "text-primary")):
        pieces.append((f"{'-' if side.duration is None else spoken_time(side.duration):>9} ", ""))
        pieces += _bar(side.duration or 0.0, longest, bars, style)
    pieces.append(_ratio(node))
    pieces.append(("  ", ""))
    pieces += _result(node)
    return pieces


def _bar(seconds: float, longest: float, width: int, style: str) -> list[Piece]:
    if not seconds or not width:
        return [(" " * width, "")]
    cells = list(bar([(0.0, seconds)], Window(0.0, longest / width, width)))
    text = "".join(glyph for _, glyph, _ in cells)
    return [(text, style), (" " * (width - len(text)), "")]


def _ratio(node: NodeComparison) -> Piece:
    left, right = node.left.duration, node.right.duration
    if not left or right is None:
        return " " * 8, ""
    ratio = right / left
    text = f"×{ratio:.2f}" if ratio < 10 else f"×{ratio:,.0f}"
    if node.same_time:
        return f"{text:>8}", "text-muted"
    return f"{text:>8}", "strong text-warning" if ratio > 1 else "strong text-success"


def _result(node: NodeComparison) -> list[Piece]:
    left, right = _looks(node.left_result), _looks(node.right_result)
    if node.same_result:
        return [(left, "text-muted")]
    if left != right:
        return [(left or "no value", "text-error"), (" → ", "text-muted"), (right or "no value", "text-success")]
    # Of one type and shape, and yet not the same.
    return [(f"{left}  ", "text-warning"), ("changed in what it holds", "text-warning")]


def _looks(summary: ValueSummary | None) -> str:
    if summary is None:
        return ""
    nulls = f"{summary.nulls:,} nulls" if summary.nulls else ""
    return "  ".join(part for part in (one_line(summary.type), shape_of(summary), nulls) if part)


def _side(name: str, run_id: str, side: Side) -> Content:
    mark = look(side.state)
    took = f"  {spoken_time(side.duration)}" if side.duration is not None else ""
    return Content.assemble(
        (f" {name}  ", "bold"), (f"{mark.glyph} {side.state}{took}", f"${mark.variable}"), f"  {one_line(run_id)}"
    )


def _value(value: Any) -> str:
    return "not set" if value is None else one_line(inline(value))


def _fit(text: str, width: int) -> str:
    return set_cell_size(text, width) if cell_len(text) <= width else set_cell_size(text, width - 1) + "…"
