"""All about one node: what it is, how it ran, what its value looks like, why it failed."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from flowerpower_tui.pipeline.failure import render
from flowerpower_tui.runs.compare import spoken
from flowerpower_tui.runs.lines import spoken_time
from flowerpower_tui.runs.staleness import NEVER_RUN
from flowerpower_tui.terminal import one_line, sanitise
from flowerpower_tui.tui.spots import spot_of
from flowerpower_tui.tui.states import look

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from textual.app import ComposeResult

    from flowerpower_tui.graph.model import Graph, Node
    from flowerpower_tui.pipeline.failure import Failure
    from flowerpower_tui.pipeline.summary import ValueSummary
    from flowerpower_tui.runs.compare import NodeComparison
    from flowerpower_tui.runs.view import NodeRun

_COLUMNS_SHOWN = 12


class Inspector(VerticalScroll):
    """Shows a node in full; files of the project are told without the way to its root."""

    DEFAULT_CSS = """
    Inspector {
        padding: 0 1;
        scrollbar-size: 0 1;
        scrollbar-color: $panel;
        scrollbar-background: $background;
        & > Static { width: 100%; height: auto; }
    }
    """

    def __init__(self, root: Path | None = None, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._root = root
        self._node = ""
        self._text = Content()

    def compose(self) -> ComposeResult:
        """One text."""
        yield Static(id="node-text")

    def show(
        self,
        graph: Graph,
        node: Node,
        run: NodeRun,
        *,
        share: str = "",
        why: str = "",
        before: NodeComparison | None = None,
    ) -> None:
        """Tell of a node.

        Args:
            graph: what it is in.
            node: the node.
            run: how it stands in the run that is shown.
            share: its share in what that took.
            why: why it is stale.
            before: the node beside what it was in the run before.
        """
        parts: list[Content] = [_headline(node, run)]
        if run.failure is not None:
            at = f"  {_short(node.module)}:{spot_of(node, run).line}" if node.line else ""
            what = f"{'failed':<8} {_said(run.failure)}"
            parts.append(Content.assemble((what, "$text-error"), (at, "$foreground-muted")))
        # That it has never run is not to be said of what runs before one's eyes, or has just failed.
        if why and (why != NEVER_RUN or run.started is None):
            parts.append(Content.assemble((f"{'stale':<8} {one_line(why)}", "$text-warning")))
        where = f"{_short(node.module)}:{node.line}" if node.line else node.module
        if where:
            parts.append(_line("defined", where))
        if share:
            parts.append(_line("slowest", share))
        if parents := graph.parents[node.name]:
            parts.append(_line("takes", ", ".join(parents)))
        if children := graph.children[node.name]:
            parts.append(_line("feeds", ", ".join(children)))
        if tags := {key: value for key, value in node.tags.items() if not key.startswith("hamilton.")}:
            parts.append(_line("tags", ", ".join(f"{key}={value}" for key, value in tags.items())))
        if node.doc:
            parts += [Content(""), Content(sanitise(node.doc)).stylize("$foreground-muted italic")]
        if before is not None:
            parts += _since(before)
        if run.summary is not None:
            parts += [Content(""), *_value(run.summary)]
        if run.failure is not None:
            parts += [Content(""), Content(sanitise("\n".join(render(run.failure, self._root)))).stylize("$text-error")]
        self._tell(node.name, parts)

    def clear(self) -> None:
        """Tell of nothing."""
        self._tell("", ())

    def show_fold(self, name: str, members: Mapping[str, NodeRun]) -> None:
        """Tell of a fold by its nodes, each as it stands."""
        parts = [Content.assemble((one_line(name), "bold"), (f"  {len(members):,} nodes", "$foreground-muted"))]
        for member, run in members.items():
            mark = look("" if run.state == "waiting" else run.state)
            elapsed = run.elapsed()
            took = f"  {spoken_time(elapsed)}" if elapsed is not None else ""
            parts.append(
                Content.assemble((f"{mark.glyph} ", f"${mark.variable}"), one_line(member), (took, "$foreground-muted"))
            )
        self._tell(name, parts)

    def _tell(self, name: str, parts: Sequence[Content]) -> None:
        text = Content("\n").join(parts)
        if text != self._text:
            self._text = text
            self.query_one("#node-text", Static).update(text)
        if name != self._node:
            # Whoever has scrolled down is left there while the same node goes on.
            self._node = name
            self.scroll_home(animate=False)


def in_a_line(node: Node, run: NodeRun) -> Content:
    """Return a node's name, type, duration, value and place as one line; of one that failed, what matters first."""
    if run.failure is not None:
        mark = look(run.state)
        name = (one_line(node.name), "bold")
        parts = [
            Content.assemble((f"{mark.glyph} ", f"${mark.variable}"), name),
            Content(_said(run.failure)).stylize("$text-error"),
        ]
    else:
        parts = [_headline(node, run)]
    if run.failure is None and run.summary is not None and run.summary.shape:
        parts.append(Content(_shape(run.summary)))
    if node.line:
        parts.append(Content(f"{_short(node.module)}:{spot_of(node, run).line}").stylize("$foreground-muted"))
    return Content("  ").join(parts)


def fold_in_a_line(name: str, members: Mapping[str, NodeRun]) -> Content:
    """Return a fold's name, and how many of its nodes stand how."""
    parts = [Content(one_line(name)).stylize("bold"), Content(f"{len(members):,} nodes").stylize("$foreground-muted")]
    for state, count in Counter(run.state for run in members.values()).items():
        if state != "waiting":
            mark = look(state)
            parts.append(Content(f"{mark.glyph} {count:,}").stylize(f"${mark.variable}"))
    return Content("  ").join(parts)


def _said(failure: Failure) -> str:
    """What a failure is, in a line."""
    return one_line(" ".join(f"{failure.type}: {failure.message}".split()))


def _headline(node: Node, run: NodeRun) -> Content:
    state = "" if run.state == "waiting" else run.state
    mark = look(state)
    parts: list[Content | tuple[str, str]] = []
    if state:
        parts.append((f"{mark.glyph} ", f"${mark.variable}"))
    parts.append((one_line(node.name), "bold"))
    if node.type:
        parts.append((f": {one_line(node.type)}", "$foreground-muted"))
    elapsed = run.elapsed()
    if elapsed is not None:
        parts.append((f"  {spoken_time(elapsed)}", f"${mark.variable}"))
    if run.total:
        parts.append((f"  {run.done}/{run.total}", "$text-accent"))
    return Content.assemble(*parts)


def _since(before: NodeComparison) -> list[Content]:
    """What is different about a node's value, and how long it took, than in the run before."""
    left, right = before.left, before.right
    lines: list[Content] = []
    if before.left_result and before.right_result:
        for text in (text for change in before.result_changes for text in spoken(change)):
            colour = {"- ": "$text-error", "+ ": "$text-success"}.get(text[:2], "$text-warning")
            lines.append(Content(f"  {one_line(text)}").stylize(colour))
    took = ""
    if left.duration is not None and right.duration is not None:
        took = f"took {spoken_time(left.duration)}, now {spoken_time(right.duration)}"
    if not lines and not (took and before.left_result and before.right_result):
        return []
    same = "" if lines else "looked the same; "
    return [Content(""), _line("before", f"{same}{took}"), *lines]


def _value(summary: ValueSummary) -> list[Content]:
    what = " ".join(part for part in (summary.type, _shape(summary)) if part)
    lines = [_line("value", what)]
    if summary.nulls:
        lines.append(_line("nulls", f"{summary.nulls:,}"))
    shown = summary.columns[:_COLUMNS_SHOWN]
    width = max((len(column.name) for column in shown), default=0)
    for column in shown:
        nulls = f"  {column.nulls} nulls" if column.nulls else ""
        lines.append(Content(sanitise(f"  {column.name:<{width}}  {column.dtype}{nulls}")))
    if len(summary.columns) > len(shown):
        lines.append(Content(f"  … {len(summary.columns) - len(shown)} more columns"))
    if summary.preview:
        lines += [Content(""), Content(sanitise(summary.preview))]
    return lines


def _shape(summary: ValueSummary) -> str:
    return " × ".join(f"{extent:,}" for extent in summary.shape)


def _short(module: str) -> str:
    return one_line(module.removeprefix("pipelines.").replace(".", "/")) + ".py"


def _line(label: str, text: str) -> Content:
    return Content.assemble((f"{label:<8} ", "$foreground-muted"), one_line(text))
