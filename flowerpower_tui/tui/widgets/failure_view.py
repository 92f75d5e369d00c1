"""Why a run failed: the exception, its traceback from the user's code on with source lines, and what it came from."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from rich.cells import cell_len
from typing_extensions import override

from flowerpower_tui.terminal import one_line, sanitise
from flowerpower_tui.tui.run_work import read_sources
from flowerpower_tui.tui.sources import around
from flowerpower_tui.tui.spots import Spot
from flowerpower_tui.tui.widgets.spot_rows import SpotRows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flowerpower_tui.pipeline.failure import Failure, Frame
    from flowerpower_tui.runs.view import RunView
    from flowerpower_tui.tui.run_work import SourcesRead
    from flowerpower_tui.tui.sources import Sources
    from flowerpower_tui.tui.widgets.cursor_view import Piece


class Told(NamedTuple):
    """A row: its text, the place it leads to, and whether the cursor should begin there."""

    pieces: Sequence[Piece]
    spot: Spot | None = None
    is_own: bool = False


class FailureView(SpotRows):
    """Failures as rows; those that name a file lead there."""

    def __init__(self, root: Path, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._root = root
        self._told: list[Told] = []
        self._of: Sequence[tuple[str, Failure]] = ()

    def show(self, view: RunView) -> None:
        """Show why a run failed, and what else in it did; nothing if nothing did."""
        failures = _failures(view)
        if failures == self._of:
            return
        self._of = failures
        self._tell({})
        if failures:
            read_sources([failure for _, failure in failures], self)

    def on_sources_read(self, event: SourcesRead) -> None:
        """Show the lines around those that the frames name."""
        event.stop()
        if event.failures == [failure for _, failure in self._of]:
            self._tell(event.sources)

    def line_count(self) -> int:
        """All rows."""
        return len(self._told)

    def pieces(self, index: int) -> Iterator[Piece]:
        """A row."""
        yield from self._told[index].pieces

    @property
    @override
    def spot(self) -> Spot | None:
        """The place that the row under the cursor leads to."""
        return self._told[self.cursor].spot if self._told else None

    def _tell(self, sources: Sources) -> None:
        self._told = [row for node, failure in self._of for row in told(node, failure, self._root, sources)]
        self.rows_changed(max((sum(cell_len(text) for text, _ in row.pieces) for row in self._told), default=0))
        # One looks first where one's own code was last.
        first = _runs_of_own(self._told)
        self.cursor = first if first is not None else 0


def told(node: str, failure: Failure, root: Path, sources: Sources) -> Iterator[Told]:
    """Tell a failure, safe to show: the newest exception first, then what it was raised from."""
    head, *rest = sanitise(failure.message).splitlines() or [""]
    where = f" {one_line(node)}" if node else ""
    if failure.user_error:
        yield Told([(" ✗ ", "text-error"), (head, "strong text-error")])
        yield from (Told([(f"   {line}", "")]) for line in rest)
        place = _location(failure.location, root)
        if failure.location:
            yield Told([("   at ", "text-muted"), (one_line(failure.location), "text-accent")], place, is_own=True)
        yield from (Told([(f"   {line}", "text-success")]) for line in sanitise(failure.hint).splitlines())
        yield Told([])
        return
    kind = one_line(failure.type)
    yield Told(
        [(" ✗", "text-error"), (where, "strong"), (f" {kind}", "strong text-error"), (f": {head}", "text-error")]
    )
    yield from (Told([(f"   {line}", "text-error")]) for line in rest)
    # Around the last line of one's own there is what one looks for; of the others, the line itself is enough.
    last = next((frame for frame in reversed(failure.frames) if _is_own(frame, root)), None)
    for frame in failure.frames:
        yield from _frame(frame, root, sources if frame is last else {})
    yield Told([])
    if failure.cause is not None:
        yield Told([(" raised from", "text-muted")])
        yield from told("", failure.cause, root, sources)


def _frame(frame: Frame, root: Path, sources: Sources) -> Iterator[Told]:
    if not frame.file:
        yield Told([(f"   {one_line(frame.function)}", "text-disabled")])
        return
    path = Path(frame.file)
    is_own = _is_own(frame, root)
    shown = one_line(str(path.relative_to(root)) if is_own else frame.file)
    spot = Spot(path, frame.line)
    yield Told(
        [
            ("   ", ""),
            (f"{shown}:{frame.line}", "text-accent" if is_own else "text-muted"),
            (f"  {one_line(frame.function)}", "" if is_own else "text-muted"),
        ],
        spot,
        is_own,
    )
    for number, line in around(frame, sources):
        is_it = number == frame.line
        mark, style = ("▸" if is_it and sources else " "), ("strong" if is_own and is_it else "text-muted")
        pieces = [(f" {mark} ", "text-error"), (f"{number:>5} │ ", "text-disabled"), (one_line(line), style)]
        yield Told(pieces, Spot(path, number))


def _is_own(frame: Frame, root: Path) -> bool:
    return bool(frame.file) and Path(frame.file).is_relative_to(root)


def _failures(view: RunView) -> list[tuple[str, Failure]]:
    """The run's failure with the node that raised it, then those of other nodes, each once."""
    by_node = [(name, run.failure) for name, run in view.nodes.items() if run.failure is not None]
    if view.failure is None:
        return by_node
    node = next((name for name, failure in by_node if failure == view.failure), "")
    return [(node, view.failure), *((name, failure) for name, failure in by_node if failure != view.failure)]


def _location(text: str, root: Path) -> Spot | None:
    """The place that `file:line:column` names."""
    file, _, rest = text.partition(":")
    line = rest.partition(":")[0]
    return Spot(root / file, int(line) if line.isdigit() else 0) if file and "." in file else None


def _runs_of_own(rows: Sequence[Told]) -> int | None:
    """The last row of the first failure that leads into the project."""
    found = None
    for index, row in enumerate(rows):
        if row.is_own:
            found = index
        elif not row.pieces and found is not None:
            return found
    return found
