"""Pictures of screens, as text: what stands on them and in which styles, in every size and theme, in one file each.

A file has, for each size, the rows and below them the style of each cell, run by run: `12a3b` is twelve cells in style
`a` and three in `b`. What a style is in each theme stands at the end. Blanks have no colour of letters.
"""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from string import ascii_letters
from typing import Any

import msgspec
import pytest
from rich.color import Color, ColorType
from rich.style import Style
from textual.pilot import Pilot
from textual.widgets import Input, TextArea

from flowerpower_tui.graph.model import Graph
from flowerpower_tui.pipeline.failure import Failure, Frame
from flowerpower_tui.pipeline.summary import Column, ValueSummary
from flowerpower_tui.runs.directory import OUTPUT
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
from flowerpower_tui.runs.request import RunRequest, StoredConfig
from flowerpower_tui.tui.app import FlowerPowerApp
from flowerpower_tui.tui.backstage import Backstage
from flowerpower_tui.tui.scout import Scout
from flowerpower_tui.tui.widgets import run_head, run_list, timeline
from flowerpower_tui.tui.widgets.dag_view import DagView
from flowerpower_tui.tui.widgets.log_view import LogView

OpenApp = Callable[[Path], FlowerPowerApp]
Until = Callable[..., Awaitable[None]]
Opened = Callable[..., Any]
AskedFor = Callable[..., Path]

SIZES = ((60, 16), (80, 24), (120, 40))
LOOKS = ("petal", "paper", "terminal", "no colours")
"""A dark theme, a light one, the terminal's sixteen colours, and the dark one on a terminal without any."""
PICTURES = Path(__file__).with_name("pictures")
PATIENCE = 30.0

Run = tuple[str, str]
"""Letters, and the style that all of them have."""
Picture = list[list[Run]]
"""Rows of runs, none of which could be one with the next."""
Place = tuple[tuple[int, int], str]
"""A size and a look."""

_PART = re.compile(r" +|[^ ]+")
_RUN = re.compile(r"(\d*)([a-zA-Z]+)")


@pytest.fixture
def shows(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[Pilot[Any], str], Awaitable[None]]:
    """Compares the screen with its pictures; with `--snapshot-update` makes them."""

    async def compare(pilot: Pilot[Any], name: str) -> None:
        path = PICTURES / f"{name}.txt"
        if request.config.getoption("update_snapshots"):
            taken = {place: await _at_rest(pilot) async for place in _everywhere(pilot)}
            assert str(tmp_path) not in written(taken), "a picture must be the same wherever the test runs"
            path.write_text(written(taken), encoding="utf-8")
            return
        assert path.exists(), f"there is no picture {name}; see docs/contributing.md"
        expected = read(path.read_text("utf-8"))
        patience = PATIENCE
        wrong = []
        async for place in _everywhere(pilot):
            if said := await _difference(pilot, expected[place], patience):
                wrong.append(f"{name} at {place[0][0]}x{place[0][1]} in {place[1]}\n{said}")
                patience = 1.0
        assert not wrong, "\n\n".join(wrong)

    return compare


async def _everywhere(pilot: Pilot[Any]) -> AsyncIterator[Place]:
    """Give every size and look, the screen being in it."""
    app = pilot.app
    # What a size looks like depends on the one before, as a DAG stays in its order: so each is come to once.
    for size in SIZES:
        await pilot.resize_terminal(*size)
        for look in LOOKS:
            app.no_color = look == LOOKS[-1]
            app.theme = LOOKS[0] if app.no_color else look
            yield size, look
        app.no_color = False


async def _difference(pilot: Pilot[Any], expected: Picture, patience: float) -> str:
    """Wait until the screen is as expected; say what is different if that never comes."""
    deadline = time.monotonic() + patience
    while (found := _picture(pilot)) != expected:
        if time.monotonic() > deadline:
            return _told(found, expected)
        await pilot.pause(0.02)
    return ""


async def _at_rest(pilot: Pilot[Any]) -> Picture:
    """Return the screen once it has been the same for a while."""
    found, since = _picture(pilot), time.monotonic()
    while time.monotonic() - since < 0.6:
        await pilot.pause(0.05)
        if (now := _picture(pilot)) != found:
            found, since = now, time.monotonic()
    return found


def _picture(pilot: Pilot[Any]) -> Picture:
    """Return what the terminal would show now."""
    strips = pilot.app.screen._compositor.render_strips()
    return [_joined((part, style) for text, look, _ in strip for part, style in _parts(text, look)) for strip in strips]


def _parts(text: str, style: Style | None) -> Iterator[Run]:
    for part in _PART.findall(text):
        yield part, _spoken(style or Style(), part[0] == " ")


def _joined(runs: Iterable[Run]) -> list[Run]:
    return [("".join(text for text, _ in same), style) for style, same in groupby(runs, key=lambda run: run[1])]


@lru_cache(None)
def _spoken(style: Style, is_blank: bool) -> str:
    """Return a style in words; of a blank only what can be seen of it."""
    is_blank = is_blank and not style.reverse
    seen = ("underline", "strike") if is_blank else ("bold", "dim", "italic", "underline", "reverse", "strike")
    words = [word for word in seen if getattr(style, word)]
    if style.color is not None and not is_blank:
        words.append(_name(style.color))
    if style.bgcolor is not None:
        words += ["on", _name(style.bgcolor)]
    return " ".join(words) or "plain"


def _name(colour: Color) -> str:
    return colour.name if colour.type != ColorType.TRUECOLOR or not colour.triplet else colour.triplet.hex


def _told(found: Picture, expected: Picture) -> str:
    texts = [[_text(row).rstrip() for row in picture] for picture in (found, expected)]
    if texts[0] != texts[1]:
        return "\n".join(("it shows", *texts[0], "and should show", *texts[1]))
    row = next(index for index, (now, then) in enumerate(zip(found, expected, strict=True)) if now != then)
    return f"row {row} is\n{found[row]}\nand should be\n{expected[row]}"


def _text(row: list[Run]) -> str:
    return "".join(text for text, _ in row)


def written(taken: dict[Place, Picture]) -> str:
    """Return pictures as text: for each size a part, or several where not the same stands there in every look.

    (Over the terminal's own background nothing is dimmed, but hidden: nobody knows what colour it has.)
    """
    codes: dict[tuple[str, ...], str] = {}
    parts = []
    for size in SIZES:
        by_text: dict[str, list[str]] = {}
        for look in LOOKS:
            by_text.setdefault("\n".join(map(_text, taken[size, look])), []).append(look)
        for text, looks in by_text.items():
            maps = []
            for rows in zip(*(taken[size, look] for look in looks), strict=True):
                cells = zip(*([style for letters, style in row for _ in letters] for row in rows), strict=True)
                names = [codes.setdefault(styles, _code(len(codes))) for styles in cells]
                runs = ((name, len(list(same))) for name, same in groupby(names))
                maps.append(" ".join(f"{count if count > 1 else ''}{name}" for name, count in runs))
            parts.append("\n".join((f"== {size[0]}x{size[1]} {' | '.join(looks)}", text, "-- styles", *maps)))
    legend = [f"{code}  {' | '.join(styles)}" for styles, code in codes.items()]
    return "\n".join((*parts, "== styles", *legend, ""))


def read(text: str) -> dict[Place, Picture]:
    """Return the pictures that `written` made."""
    *pieces, legend = re.split(r"^== (.*)\n", text, flags=re.MULTILINE)[1:]
    styles = {code: said.split(" | ") for code, said in (line.split("  ", 1) for line in legend.splitlines())}
    found: dict[Place, Picture] = {}
    for heading, part in zip(pieces[:-1:2], pieces[1:-1:2], strict=True):
        size, _, looks = heading.partition(" ")
        width, height = map(int, size.split("x"))
        rows, _, maps = part.partition("-- styles\n")
        lines = list(zip(rows.split("\n"), maps.split("\n"), strict=False))[:height]
        for index, look in enumerate(looks.split(" | ")):
            found[(width, height), look] = [_joined(_cells(row, runs, styles, index)) for row, runs in lines]
    return found


def _cells(row: str, runs: str, styles: dict[str, list[str]], look: int) -> Iterator[Run]:
    at = 0
    for count, code in _RUN.findall(runs):
        yield row[at : at + int(count or 1)], styles[code][look]
        at += int(count or 1)


def _code(number: int) -> str:
    first, last = divmod(number, len(ascii_letters))
    return (ascii_letters[first - 1] if first else "") + ascii_letters[last]


# What is shown: a project and its runs, written by hand, so that every time and number is fixed.

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
    """The clock stands, times are in UTC, no cursor blinks; and nobody looks for what changes on disk."""
    for module in (run_head, run_list, timeline):
        monkeypatch.setattr(module, "datetime", Frozen)
    for name in ("look", "start"):
        monkeypatch.setattr(Scout, name, lambda *_, **__: None)
    monkeypatch.setattr(Backstage, "warm_up", lambda _: None)
    monkeypatch.setattr(Input, "_toggle_cursor", lambda _: None)
    monkeypatch.setattr(TextArea, "_toggle_cursor_blink_visible", lambda _: None)
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

    def __init__(self, asked_for: AskedFor, root: Path, graph: Graph, name: str, begin: datetime) -> None:
        config = StoredConfig({"pipeline": {"run": {"log_level": "INFO"}}}, {"pipeline.run.log_level": "default"})
        request = RunRequest(str(root), "sales_etl", {"run": {"inputs": {"min_quantity": 1}}})
        self.path = asked_for(name, begin, request, graph, config)
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
def ran(asked_for: AskedFor, sales: Path, graph: Graph) -> Path:
    """The project after a run that succeeded, and another whose join failed."""
    script = Script(asked_for, sales, graph, FIRST, NOON - timedelta(minutes=30))
    script.run_to(graph)
    script.end("succeeded")
    script = Script(asked_for, sales, graph, SECOND, NOON)
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
