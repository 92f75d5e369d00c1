"""What screens look like: at 60×16, 80×24 and 120×40; in the dark, in the light, in sixteen colours, and without.

The project and its runs are written by hand, so that every time and number is fixed. After a change that is meant:
`pytest tests/tui/snapshots --snapshot-update`, and look at the difference.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any

import msgspec
import pytest
from textual.pilot import Pilot
from textual.widgets import Button

from flowerpower_tui.errors import StorageError
from flowerpower_tui.graph.model import Graph
from flowerpower_tui.pipeline.failure import Failure, Frame
from flowerpower_tui.pipeline.summary import Column, ValueSummary
from flowerpower_tui.runs.directory import GRAPH, OUTPUT, REQUEST
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
from flowerpower_tui.runs.request import RunRecord, RunRequest, StoredConfig
from flowerpower_tui.tui.app import FlowerPowerApp
from flowerpower_tui.tui.background import Troubled
from flowerpower_tui.tui.backstage import Backstage
from flowerpower_tui.tui.scout import Scout
from flowerpower_tui.tui.screens import fetching
from flowerpower_tui.tui.screens.compare import Compare
from flowerpower_tui.tui.screens.editor import Editor
from flowerpower_tui.tui.screens.fetching import Fetched, Fetching, Remote
from flowerpower_tui.tui.screens.help import Help
from flowerpower_tui.tui.screens.jump import Jump
from flowerpower_tui.tui.screens.settings import OwnSettings
from flowerpower_tui.tui.screens.welcome import Welcome
from flowerpower_tui.tui.widgets import run_head, run_list, timeline
from flowerpower_tui.tui.widgets.dag_view import DagView
from flowerpower_tui.tui.widgets.log_view import LogView
from flowerpower_tui.tui.widgets.run_pages import RunPages
from flowerpower_tui.tui.widgets.source_view import SourceView

OpenApp = Callable[[Path], FlowerPowerApp]
Until = Callable[..., Awaitable[None]]
Shows = Callable[[Pilot[Any], str], Awaitable[None]]
Opened = Callable[..., Any]

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
FINAL = ("headline",)
NODES = (
    "orders_file",
    "raw_orders",
    "rejected_orders",
    "rates_file",
    "exchange_rates",
    "orders_in_euros",
    "revenue_by_region",
    "headline",
)
FIRST, SECOND = "20260301-113000-sales_etl-0001", "20260301-120000-sales_etl-0002"
HEADLINE = "Revenue        243,817.40 EUR, most of it from North\nBest month   2025-11, +18.2 % on the month before\n"
MISTAKEN = "name: sales_etl\n\nrun:\n  final_vars: [headline]\n  retry:\n    max_retries: often\n"
ORDERS = ValueSummary(
    "pandas.DataFrame",
    (395, 4),
    (Column("order_id", "object"), Column("region", "object"), Column("euros", "float64", 3)),
    3,
    "SO-50001  North   312.5\nSO-50002  South    18.0\nSO-50003   West     NaN",
)


class Frozen(datetime):
    """A clock that stands: it is a quarter past twelve."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
        return NOON.astimezone(tz) + timedelta(minutes=15)


@pytest.fixture(autouse=True)
def still(monkeypatch: pytest.MonkeyPatch, state: Path) -> Iterator[None]:
    """The clock stands, times are shown as they are in UTC; and nobody looks for what changes on disk."""
    for module in (run_head, run_list, timeline):
        monkeypatch.setattr(module, "datetime", Frozen)
    for name in ("look", "start"):
        monkeypatch.setattr(Scout, name, lambda *_, **__: None)
    monkeypatch.setattr(Backstage, "warm_up", lambda _: None)
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    state.mkdir()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Somebody's home, so that paths begin with `~` wherever the test runs."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("FP_TUI_CONFIG_DIR", str(tmp_path / ".config"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def sales(home: Path, example: Callable[..., Path]) -> Path:
    """The project that is shown, without runs."""
    root = example("sales-etl")
    for name in ("README.md", "data", "tests"):
        path = root / name
        if path.is_dir():
            shutil.rmtree(path)
    return root


@pytest.fixture
def graph(sales: Path) -> Graph:
    """A part of the graph of sales-etl, as Hamilton built it: small, since it is laid out for every size and theme."""
    text = (Path(__file__).parents[1] / "sales_etl.json").read_text("utf-8")
    whole = msgspec.json.decode(text.replace('"pipelines/', f'"{sales}/pipelines/'), type=Graph)
    nodes = tuple(whole.by_name[name] for name in NODES)
    edges = tuple(edge for edge in whole.edges if set(edge) <= set(NODES))
    part = Graph(nodes, (*edges, ("raw_orders", "orders_in_euros")))
    store_graph(sales, "sales_etl", part, FINAL, fingerprint(sales))
    return part


class Script:
    """Writes a run down, event by event, each some time after the one before."""

    def __init__(self, state: Path, root: Path, graph: Graph, name: str, begin: datetime) -> None:
        self.path = state / "runs" / name
        self.path.mkdir(parents=True)
        (self.path / GRAPH).write_bytes(msgspec.json.encode(graph))
        (self.path / OUTPUT).touch()
        config = StoredConfig({"pipeline": {"run": {"log_level": "INFO"}}}, {"pipeline.run.log_level": "default"})
        request = RunRequest(str(root), "sales_etl", {"run": {"inputs": {"min_quantity": 1}}})
        record = RunRecord(id=name, time=begin, request=request, versions={"python": "3.11"}, config=config)
        (self.path / REQUEST).write_bytes(msgspec.json.encode(record))
        self.begin = self.now = begin
        self.journal = JournalWriter(self.path)
        self.tell(RunStarted, run=name, project=str(root), pipeline="sales_etl", supervisor=1, worker=2)
        self.tell(AttemptStarted, attempt=1, attempts=1, final_vars=FINAL)

    def tell(self, kind: Any, wait: int = 0, **facts: Any) -> None:
        self.now += timedelta(milliseconds=wait)
        self.journal.append(kind(time=self.now, **facts))

    def print(self, node: str, text: str) -> None:
        output = self.path / OUTPUT
        start = output.stat().st_size
        output.write_bytes(output.read_bytes() + text.encode())
        self.tell(OutputWritten, stream="stdout", start=start, end=output.stat().st_size, node=node)

    def run_to(self, graph: Graph, last: str = "") -> None:
        """Run the nodes in order, before `last` or to the end."""
        for name in graph.topological:
            if graph.by_name[name].role == "input":
                continue
            self.tell(NodeStarted, 4, node=name)
            if name == last:
                return
            if name == "exchange_rates":
                for month in range(1, 13):
                    said = f"exchange rates of 2025-{month:02} ({month} of 12)"
                    self.tell(LogEmitted, 300, level="INFO", logger="sales_etl", message=said, node=name)
            if name == "rejected_orders":
                said = "order SO-50038 rejected: quantity missing"
                self.tell(LogEmitted, level="WARNING", logger="sales_etl", message=said, node=name)
            if name == "headline":
                self.print(name, HEADLINE)
            duration = 3.611 if name == "exchange_rates" else 0.011
            self.tell(NodeFinished, 11, node=name, duration=duration, summary=ORDERS)

    def end(self, outcome: Any, failure: Failure | None = None) -> None:
        seconds = (self.now - self.begin).total_seconds() + 0.12
        self.tell(RunFinished, 120, outcome=outcome, duration=seconds, exit_code=bool(failure) + 0, failure=failure)
        self.journal.close()


@pytest.fixture
def ran(state: Path, sales: Path, graph: Graph) -> Path:
    """The project after a run that succeeded, and another whose join failed."""
    script = Script(state, sales, graph, FIRST, NOON - timedelta(minutes=30))
    script.run_to(graph)
    script.end("succeeded")
    script = Script(state, sales, graph, SECOND, NOON)
    failing = "orders_in_euros"
    script.run_to(graph, last=failing)
    frames = (
        Frame("/home/ada/sales-etl/pipelines/sales_etl.py", 93, failing, "orders = valid_orders.merge("),
        Frame("/usr/lib/python3/pandas/core/frame.py", 10859, "merge", "return merge("),
    )
    failure = Failure("pandas.errors.MergeError", "Merge keys are not unique in right dataset", frames)
    script.tell(NodeFailed, 7, node=failing, duration=0.007, failure=failure)
    below = graph.descendants([failing]) - {failing}
    for name in graph.topological:
        if name in below:
            script.tell(NodeSkipped, node=name, why=f"it needs '{failing}', which failed")
    script.end("failed", failure)
    return sales


@pytest.fixture
def opened(open_app: OpenApp, until: Until) -> Opened:
    """Opens a project at the smallest size, and waits until its DAG and its last run are there."""

    class Opening:
        def __init__(self, root: Path, *keys: str) -> None:
            self.app = open_app(root)
            self.keys = keys

        async def __aenter__(self) -> Pilot[Any]:
            self._context = self.app.run_test(size=(60, 16))
            pilot = await self._context.__aenter__()
            await until(pilot, lambda: self.app.screen.query(DagView))
            dag = self.app.screen.query_one(DagView)
            await until(pilot, lambda: dag.drawing is not None and len(self.app.screen.query_one(LogView).lines) > 10)
            dag.goes_along = False
            dag.cursor = "orders_in_euros"
            await pilot.pause()
            if self.keys:
                await pilot.press(*self.keys)
            return pilot

        async def __aexit__(self, *exception: Any) -> None:
            await self._context.__aexit__(*exception)

    return Opening


def over(pilot: Pilot[Any], kind: type) -> Callable[[], bool]:
    """Whether such a screen is the one that is shown."""
    return lambda: isinstance(pilot.app.screen, kind)


# The places.


async def test_the_project(ran: Path, opened: Opened, shows: Shows) -> None:
    async with opened(ran) as pilot:
        await shows(pilot, "project")


async def test_the_source_of_a_node(ran: Path, opened: Opened, until: Until, shows: Shows) -> None:
    async with opened(ran) as pilot:
        pilot.app.screen.query_one(DagView).focus()
        await pilot.press("enter")
        source = pilot.app.screen.query_one(SourceView)
        await until(pilot, lambda: source.display and source.line_count() and source.scroll_offset.y)
        await shows(pilot, "project-source")


async def test_the_dag(ran: Path, opened: Opened, until: Until, shows: Shows) -> None:
    async with opened(ran, "2") as pilot:
        await until(pilot, lambda: pilot.app.screen.PLACE == "dag" and pilot.app.screen.query(DagView))
        dag = pilot.app.screen.query_one(DagView)
        await until(pilot, lambda: dag.drawing is not None)
        dag.goes_along = False
        dag.cursor = "orders_in_euros"
        await shows(pilot, "dag")


async def at_runs(pilot: Pilot[Any], until: Until) -> None:
    await until(pilot, lambda: pilot.app.screen.query(RunPages) and pilot.app.screen.query_one(RunPages).is_ready)


async def test_the_runs(ran: Path, opened: Opened, until: Until, shows: Shows) -> None:
    async with opened(ran, "3") as pilot:
        await at_runs(pilot, until)
        await shows(pilot, "runs")


async def test_the_editor_with_a_mistake(ran: Path, opened: Opened, until: Until, shows: Shows) -> None:
    path = ran / "conf" / "pipelines" / "sales_etl.yml"
    path.write_text(MISTAKEN)
    async with opened(ran) as pilot:
        pilot.app.session.edit(path, 6, 5)
        await until(pilot, lambda: over(pilot, Editor)() and pilot.app.screen.page)
        await until(pilot, lambda: pilot.app.screen.page.diagnostics)
        await shows(pilot, "edit")


# What lies over them.


async def test_help(ran: Path, opened: Opened, until: Until, shows: Shows) -> None:
    async with opened(ran, "question_mark") as pilot:
        await until(pilot, over(pilot, Help))
        await shows(pilot, "help")


async def test_jumping(ran: Path, opened: Opened, until: Until, shows: Shows) -> None:
    async with opened(ran) as pilot:
        below = pilot.app.screen
        # Letters end when the terminal becomes another: each size has its own.
        await until(pilot, lambda: below.query("FooterKey"))
        await pilot.press("apostrophe")
        await until(pilot, over(pilot, Jump))
        await shows(pilot, "jump")


async def test_the_settings(ran: Path, opened: Opened, until: Until, shows: Shows) -> None:
    async with opened(ran, "U") as pilot:
        await until(pilot, over(pilot, OwnSettings))
        await shows(pilot, "settings")


async def test_comparing_runs(ran: Path, opened: Opened, until: Until, shows: Shows) -> None:
    async with opened(ran, "3") as pilot:
        await at_runs(pilot, until)
        await pilot.press("m", "down", "m")
        await until(pilot, over(pilot, Compare))
        await shows(pilot, "compare")


# Before there is a project.


async def test_the_start_screen(home: Path, open_app: OpenApp, until: Until, shows: Shows) -> None:
    (home / "reports").mkdir()
    async with open_app(Path("reports")).run_test(size=(60, 16)) as pilot:
        await until(pilot, lambda: over(pilot, Welcome)() and pilot.app.screen.query("FooterKey"))
        await shows(pilot, "welcome")


class Elsewhere:
    """A project in a storage, as far as the question about it needs one."""

    is_trusted = False
    left_off = ("data/: 12,000 files, more than are fetched of one folder",)


async def test_a_project_that_is_fetched(
    home: Path, open_app: OpenApp, until: Until, shows: Shows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "in_background", lambda *_: None)
    app = open_app(home)
    async with app.run_test(size=(60, 16)) as pilot:
        await until(pilot, over(pilot, Welcome))
        screen = Fetching(Remote("s3://acme/pipelines/sales-etl"), goes_back=True)
        app.push_screen(screen)
        await until(pilot, lambda: app.screen is screen and screen.query("FooterKey"))
        await shows(pilot, "fetching")
        screen.post_message(Fetched(Elsewhere()))  # type: ignore[arg-type]  # nothing more is asked of it
        await until(pilot, lambda: screen.query_one("#look", Button).has_focus)
        await shows(pilot, "trust")
        hint = "Check the address, and that you are allowed to read there."
        screen.post_message(Troubled(StorageError("s3://acme/pipelines/sales-etl does not answer.", hint=hint)))
        await until(pilot, lambda: screen.query_one("#retry", Button).has_focus)
        await shows(pilot, "not-fetched")


# Where there is nothing yet.


async def test_a_project_without_anything_in_it(home: Path, open_app: OpenApp, until: Until, shows: Shows) -> None:
    root = home / "empty"
    (root / "conf").mkdir(parents=True)
    (root / "pipelines").mkdir()
    (root / "conf" / "project.yml").write_text("name: empty\n")
    app = open_app(root)
    async with app.run_test(size=(60, 16)) as pilot:
        await until(pilot, lambda: app.session and app.session.listing is not None and app.session.runs is not None)
        await shows(pilot, "empty-project")
        for key, name in (("2", "dag"), ("3", "runs"), ("4", "edit")):
            await pilot.press(key)
            await until(pilot, lambda name=name: name == app.screen.PLACE and app.screen.query("FooterKey"))
            await shows(pilot, f"empty-{name}")
