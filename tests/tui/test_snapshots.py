"""What the screens look like: made from a run that is written by hand, so that every time and number is fixed.

After a change that is meant: `pytest tests/tui/test_snapshots.py --snapshot-update`, and look at the pictures.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from textual.pilot import Pilot

from flowerpower_tui.graph.model import Graph
from flowerpower_tui.pipeline.failure import Failure, Frame
from flowerpower_tui.pipeline.summary import Column, ValueSummary
from flowerpower_tui.runs.directory import GRAPH, OUTPUT
from flowerpower_tui.runs.events import (
    AttemptStarted,
    LogEmitted,
    NodeFailed,
    NodeFinished,
    NodeSkipped,
    NodeStarted,
    OutputWritten,
    RunFinished,
    RunStarted,
)
from flowerpower_tui.runs.graph_cache import fingerprint, store_graph
from flowerpower_tui.runs.journal import JournalWriter
from flowerpower_tui.tui.app import FlowerPowerApp
from flowerpower_tui.tui.screens.help import Help
from flowerpower_tui.tui.widgets.dag_view import DagView
from flowerpower_tui.tui.widgets.log_view import LogView
from flowerpower_tui.tui.widgets.project_tree import ProjectTree
from flowerpower_tui.tui.widgets.source_view import SourceView

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SMALL, LARGE = (80, 24), (160, 48)
FINAL = ("headline", "saved_reports")
HEADLINE = """\
Revenue        243,817.40 EUR, most of it from North
Best month   2025-11, +18.2 % on the month before
Best client  Ostsee Handel (North)
Rejected     10 orders
"""

OpenApp = Callable[[Path], FlowerPowerApp]
Until = Callable[..., Awaitable[None]]
Snap = Callable[..., bool]


@pytest.fixture(autouse=True)
def utc() -> Iterator[None]:
    """Times are shown as they are in UTC."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", "UTC")
        time.tzset()
        yield
    time.tzset()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Somebody's home, so that the title shows `~/sales-etl` wherever the test runs."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def graph(sales: Path) -> Graph:
    """The graph of sales-etl, as Hamilton built it."""
    text = (Path(__file__).parent / "sales_etl.json").read_text("utf-8")
    return msgspec.json.decode(text.replace('"pipelines/', f'"{sales}/pipelines/'), type=Graph)


@pytest.fixture
def sales(home: Path, example: Callable[..., Path]) -> Path:
    """The project that is shown."""
    return example("sales-etl")


class Script:
    """Writes a run down, event by event, each some time after the one before."""

    def __init__(self, state: Path, root: Path, graph: Graph) -> None:
        name = "20260301-120000-sales_etl-0001"
        self.path = state / "runs" / name
        self.path.mkdir(parents=True)
        (self.path / GRAPH).write_bytes(msgspec.json.encode(graph))
        (self.path / OUTPUT).touch()
        self.now = NOON
        self._journal = JournalWriter(self.path)
        self._journal.append(
            RunStarted(time=NOON, run=name, project=str(root), pipeline="sales_etl", supervisor=1, worker=2)
        )
        self._journal.append(AttemptStarted(time=NOON, attempt=1, attempts=1, final_vars=FINAL))

    def wait(self, milliseconds: int) -> None:
        self.now += timedelta(milliseconds=milliseconds)

    def start(self, node: str) -> None:
        self._journal.append(NodeStarted(time=self.now, node=node))

    def finish(self, node: str, milliseconds: int, summary: ValueSummary) -> None:
        self._journal.append(NodeFinished(time=self.now, node=node, duration=milliseconds / 1000, summary=summary))

    def log(self, node: str, message: str, level: str = "INFO") -> None:
        self._journal.append(LogEmitted(time=self.now, level=level, logger="sales_etl", message=message, node=node))

    def print(self, node: str, text: str) -> None:
        output = self.path / OUTPUT
        start = output.stat().st_size
        output.write_bytes(output.read_bytes() + text.encode())
        self._journal.append(
            OutputWritten(time=self.now, stream="stdout", start=start, end=output.stat().st_size, node=node)
        )

    def fail(self, node: str, milliseconds: int, failure: Failure, skipped: tuple[str, ...]) -> None:
        self._journal.append(NodeFailed(time=self.now, node=node, duration=milliseconds / 1000, failure=failure))
        for name in skipped:
            self._journal.append(NodeSkipped(time=self.now, node=name, why=f"{node} failed"))
        self._end("failed", failure)

    def succeed(self) -> None:
        self._end("succeeded", None)

    def _end(self, outcome: Any, failure: Failure | None) -> None:
        self.wait(120)
        seconds = (self.now - NOON).total_seconds()
        code = 0 if failure is None else 1
        self._journal.append(
            RunFinished(time=self.now, outcome=outcome, duration=seconds, exit_code=code, failure=failure)
        )
        self._journal.close()


ORDERS = ValueSummary(
    "pandas.DataFrame",
    (395, 4),
    (
        Column("order_id", "object"),
        Column("region", "object"),
        Column("ordered_on", "datetime64[ns]"),
        Column("euros", "float64", 3),
    ),
    3,
    "SO-50001  North  2025-01-02   312.5\nSO-50002  South  2025-01-02    18.0\nSO-50003   West  2025-01-03     NaN",
)


def run_to(script: Script, graph: Graph, last: str = "") -> None:
    """Run the nodes in order, before `last` or to the end."""
    for name in graph.topological:
        if graph.by_name[name].role == "input":
            continue
        script.wait(4)
        script.start(name)
        if name == last:
            return
        if name == "exchange_rates":
            for month in range(1, 13):
                script.wait(300)
                script.log(name, f"exchange rates of 2025-{month:02} ({month} of 12)")
        if name == "rejected_orders":
            script.log(name, "order SO-50038 rejected: quantity missing", "WARNING")
        if name == "headline":
            script.print(name, HEADLINE)
        script.wait(11)
        script.finish(name, 3611 if name == "exchange_rates" else 11, ORDERS)


@pytest.fixture
def finished(state: Path, sales: Path, graph: Graph) -> Path:
    """The project after a run that succeeded."""
    script = Script(state, sales, graph)
    run_to(script, graph)
    script.succeed()
    store_graph(sales, "sales_etl", graph, FINAL, fingerprint(sales))
    return sales


@pytest.fixture
def failed(state: Path, sales: Path, graph: Graph) -> Path:
    """The project after a run whose join failed."""
    script = Script(state, sales, graph)
    run_to(script, graph, last="orders_in_euros")
    script.wait(7)
    frames = (
        Frame("/home/ada/sales-etl/pipelines/sales_etl.py", 93, "orders_in_euros", "orders = valid_orders.merge("),
        Frame("/usr/lib/python3/pandas/core/frame.py", 10859, "merge", "return merge("),
    )
    failure = Failure("pandas.errors.MergeError", "Merge keys are not unique in right dataset", frames)
    skipped = tuple(graph.descendants(["orders_in_euros"]) - {"orders_in_euros"})
    script.fail("orders_in_euros", 7, failure, tuple(name for name in graph.topological if name in skipped))
    store_graph(sales, "sales_etl", graph, FINAL, fingerprint(sales))
    return sales


@pytest.fixture
def settled(until: Until) -> Callable[[Pilot[Any]], Awaitable[None]]:
    """Waits until the project, its DAG and its last run are all there."""

    async def wait(pilot: Pilot[Any]) -> None:
        screen = pilot.app.screen
        await until(pilot, lambda: screen.query(DagView) and screen.query_one(DagView).drawing is not None)
        await until(
            pilot, lambda: screen.query_one(ProjectTree)._last_runs and len(screen.query_one(LogView).lines) > 20
        )
        await until(pilot, lambda: screen.query("FooterKey"))
        # The cursor may have gone along with the run, or the run come before the drawing.
        screen.query_one(DagView).goes_along = False
        screen.query_one(DagView).cursor = "orders_in_euros"
        await pilot.pause()

    return wait


@pytest.mark.parametrize("size", [SMALL, LARGE], ids=["80x24", "160x48"])
def test_a_finished_run(
    finished: Path, open_app: OpenApp, settled: Any, snap_compare: Snap, size: tuple[int, int]
) -> None:
    assert snap_compare(open_app(finished), terminal_size=size, run_before=settled)


def test_a_failed_run_with_the_inspector(failed: Path, open_app: OpenApp, settled: Any, snap_compare: Snap) -> None:
    async def to_the_dag(pilot: Pilot[Any]) -> None:
        await settled(pilot)
        pilot.app.screen.query_one(DagView).focus()
        await pilot.pause()

    assert snap_compare(open_app(failed), terminal_size=LARGE, run_before=to_the_dag)


def test_the_source_of_a_node(
    finished: Path, open_app: OpenApp, settled: Any, until: Until, snap_compare: Snap
) -> None:
    async def open_source(pilot: Pilot[Any]) -> None:
        await settled(pilot)
        pilot.app.screen.query_one(DagView).focus()
        await pilot.press("enter")
        source = pilot.app.screen.query_one(SourceView)
        await until(pilot, lambda: source.display and source.line_count() and source.scroll_offset.y)

    assert snap_compare(open_app(finished), terminal_size=SMALL, run_before=open_source)


def test_help(finished: Path, open_app: OpenApp, settled: Any, until: Until, snap_compare: Snap) -> None:
    async def open_help(pilot: Pilot[Any]) -> None:
        await settled(pilot)
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(pilot.app.screen, Help))

    assert snap_compare(open_app(finished), terminal_size=SMALL, run_before=open_help)


def test_welcome(home: Path, open_app: OpenApp, until: Until, snap_compare: Snap) -> None:
    (home / "reports").mkdir()

    async def settle(pilot: Pilot[Any]) -> None:
        await until(pilot, lambda: pilot.app.screen.query("FooterKey"))

    assert snap_compare(open_app(Path("reports")), terminal_size=SMALL, run_before=settle)
