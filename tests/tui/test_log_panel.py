"""What can be done to a log: filter, search, open, copy, write it to a file; by keys, over a run's files."""

from __future__ import annotations

import base64
import shutil
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from textual.app import App, ComposeResult
from textual.message import Message
from textual.pilot import Pilot
from textual.widgets import Input, Static

from flowerpower_tui.graph.model import Graph, Node
from flowerpower_tui.runs.directory import OUTPUT, RunDirectory
from flowerpower_tui.runs.events import LogEmitted, OutputWritten, RunFinished, RunStarted
from flowerpower_tui.runs.graph_cache import fingerprint, store_graph
from flowerpower_tui.runs.journal import JOURNAL, encode
from flowerpower_tui.runs.logbook import LogBook
from flowerpower_tui.tui import follow
from flowerpower_tui.tui.clipboard import LIMIT
from flowerpower_tui.tui.screens.log_line import LogLineScreen, laid_out
from flowerpower_tui.tui.widgets.dag_view import DagView
from flowerpower_tui.tui.widgets.line_view import LineView
from flowerpower_tui.tui.widgets.log_panel import LogPanel
from flowerpower_tui.tui.widgets.log_view import LogView
from flowerpower_tui.tui.widgets.source_view import SourceView

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
Rows = Callable[[LineView], list[str]]
Until = Callable[..., Awaitable[None]]


class Run:
    """A run's files, to which is written by hand."""

    def __init__(self, path: Path) -> None:
        path.mkdir()
        self.path = path
        (path / OUTPUT).touch()

    def print(self, text: str, node: str = "", stream: Any = "stdout") -> None:
        with (self.path / OUTPUT).open("ab") as output:
            start = output.tell()
            output.write(text.encode())
            self.tell(OutputWritten(time=NOON, stream=stream, start=start, end=output.tell(), node=node))

    def log(self, message: str, level: str = "INFO", node: str = "") -> None:
        self.tell(LogEmitted(time=NOON, level=level, logger="l", message=message, node=node))

    def tell(self, event: Any) -> None:
        with (self.path / JOURNAL).open("ab") as journal:
            journal.write(encode(event) + b"\n")

    def book(self) -> LogBook:
        book = LogBook(RunDirectory(self.path))
        book.extend()
        return book


class Host(App[None]):
    """Nothing but the panel; it remembers what the panel asks for."""

    def __init__(self, root: Path) -> None:
        super().__init__()
        self.root = root
        self.wanted: list[Message] = []

    def compose(self) -> ComposeResult:
        yield LogPanel(self.root)

    def on_log_panel_node_wanted(self, event: LogPanel.NodeWanted) -> None:
        self.wanted.append(event)

    def on_log_panel_source_wanted(self, event: LogPanel.SourceWanted) -> None:
        self.wanted.append(event)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "project" / "pipelines").mkdir(parents=True)
    return tmp_path / "project"


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """A hundred lines of two nodes, and two that are worse than the others."""
    run = Run(tmp_path / "20260301-120000-etl-0001")
    for number in range(50):
        run.print(f"order {number}\n", "orders")
        run.log(f"rate {number}", node="rates")
    run.log("no rate for XAU", "WARNING", "rates")
    run.log("order 999 is broken", "ERROR", "orders")
    return run


def panel_of(pilot: Pilot[Any]) -> LogPanel:
    return pilot.app.query_one(LogPanel)


def view_of(pilot: Pilot[Any]) -> LogView:
    return pilot.app.query_one(LogView)


def said(pilot: Pilot[Any]) -> str:
    line = panel_of(pilot).query_one(Static)
    return str(line.render()) if line.display else ""


def texts(pilot: Pilot[Any]) -> list[str]:
    return [line.text for line in view_of(pilot).lines]


async def opened(pilot: Pilot[Any], book: LogBook) -> None:
    panel_of(pilot).show(book)
    view_of(pilot).focus()
    await pilot.pause()


async def ask(pilot: Pilot[Any], key: str, text: str) -> None:
    await pilot.press(key)
    pilot.app.query_one(Input).value = text
    await pilot.press("enter")


async def test_a_filter_shows_what_it_says_with_counts_and_escape_shows_all(root: Path, run: Run, until: Until) -> None:
    async with Host(root).run_test(size=(80, 20)) as pilot:
        await opened(pilot, run.book())

        await ask(pilot, "f", "level:warning")
        await until(pilot, lambda: "2 of 102 lines" in said(pilot))
        assert texts(pilot) == ["no rate for XAU", "order 999 is broken"]
        assert said(pilot).startswith("level:warning")
        assert view_of(pilot).has_focus

        await ask(pilot, "f", "node:orders order !999")
        await until(pilot, lambda: "50 of 102 lines" in said(pilot))

        await pilot.press("escape")
        assert len(texts(pilot)) == 102
        assert said(pilot) == ""


@pytest.mark.parametrize("key", ["f", "slash", "e"])
async def test_the_question_is_one_line_below_the_log(
    root: Path, run: Run, until: Until, screen_text: Callable[[Pilot[Any]], str], key: str
) -> None:
    hint = {"f": "level:warning node:orders", "slash": "a text, or /a regular", "e": "20260301-120000-etl-0001.log"}[
        key
    ]
    async with Host(root).run_test(size=(80, 20)) as pilot:
        await opened(pilot, run.book())
        await pilot.press(key)

        await until(pilot, lambda: hint in screen_text(pilot).splitlines()[-1])
        assert "999 is broken" in screen_text(pilot).splitlines()[-2]


async def test_in_the_question_enter_and_escape_are_what_there_is(root: Path, run: Run, until: Until) -> None:
    async with Host(root).run_test(size=(80, 24)) as pilot:
        await opened(pilot, run.book())
        await pilot.press("f")
        offered = {
            active.binding.description
            for active in pilot.app.screen.active_bindings.values()
            if active.node is panel_of(pilot)
        }
        assert offered == {"Apply", "Close"}
        await pilot.press("escape")
        assert not panel_of(pilot).query_one(Input).has_class("-shown")
        assert view_of(pilot).has_focus


async def test_a_filter_keeps_up_with_the_run(root: Path, run: Run, until: Until, rows: Rows) -> None:
    async with Host(root).run_test(size=(80, 20)) as pilot:
        book = run.book()
        await opened(pilot, book)
        await ask(pilot, "f", "level:error")
        await until(pilot, lambda: "1 of 102 lines" in said(pilot))

        run.log("worse", "CRITICAL")
        run.log("fine", "INFO")
        book.extend()
        panel_of(pilot).grown()

        await until(pilot, lambda: "2 of 104 lines" in said(pilot))
        assert rows(view_of(pilot))[1].endswith("worse")


async def test_a_filter_stays_where_one_has_looked_and_all_lines_do_too(root: Path, run: Run, until: Until) -> None:
    async with Host(root).run_test(size=(80, 20)) as pilot:
        await opened(pilot, run.book())
        view = view_of(pilot)
        view.go_to(60)
        assert view.lines[60].text == "order 30"

        await ask(pilot, "f", "order")
        await until(pilot, lambda: view.cursor == 30)

        await pilot.press("down", "escape")
        assert view.cursor == 62
        assert view.lines[62].text == "order 31"


async def test_a_filter_that_is_not_understood_says_so_and_is_asked_again(
    root: Path, run: Run, until: Until, screen_text: Callable[[Pilot[Any]], str]
) -> None:
    async with Host(root).run_test(size=(80, 20), notifications=True) as pilot:
        await opened(pilot, run.book())
        await ask(pilot, "f", "level:loud")

        await until(pilot, lambda: "There is no level 'loud'." in screen_text(pilot))
        assert pilot.app.query_one(Input).has_focus
        await pilot.press("escape")
        assert view_of(pilot).has_focus
        assert len(texts(pilot)) == 102


async def test_the_filter_stays_when_another_run_is_shown(root: Path, run: Run, tmp_path: Path, until: Until) -> None:
    other = Run(tmp_path / "20260301-130000-etl-0002")
    other.log("loud", "ERROR")
    other.log("quiet")
    async with Host(root).run_test(size=(80, 20)) as pilot:
        await opened(pilot, run.book())
        await ask(pilot, "f", "level:error")
        await until(pilot, lambda: "1 of 102" in said(pilot))

        panel_of(pilot).show(other.book())

        await until(pilot, lambda: "1 of 2 lines" in said(pilot))
        assert texts(pilot) == ["loud"]


async def test_a_search_goes_up_from_the_end_and_around(root: Path, run: Run, until: Until) -> None:
    async with Host(root).run_test(size=(80, 20)) as pilot:
        await opened(pilot, run.book())
        view = view_of(pilot)

        await ask(pilot, "slash", "Rate 4")
        await until(pilot, lambda: "is nowhere" in said(pilot))

        await ask(pilot, "slash", "rate 4")
        await until(pilot, lambda: view.cursor == 99)
        assert "line 100" in said(pilot)
        for key, row in [("n", 97), ("N", 99), ("n", 97), ("n", 95)]:
            await pilot.press(key)
            await until(pilot, lambda row=row: view.cursor == row)
        view.go_to(9)
        await pilot.press("n")
        await until(pilot, lambda: view.cursor == 99)
        assert "from the end again" in said(pilot)

        await pilot.press("escape")
        assert said(pilot) == ""
        assert view.pattern is None


async def test_what_is_found_is_marked(root: Path, run: Run, until: Until) -> None:
    run.print("\x1b[31mcolour\x1b[0mful rate\n")
    async with Host(root).run_test(size=(80, 20)) as pilot:
        await opened(pilot, run.book())
        view = view_of(pilot)
        await ask(pilot, "slash", "colourful")
        await until(pilot, lambda: view.cursor == 102)

        view.action_follow()
        strip = view.render_line(view.size.height - 1)
        marked = "".join(
            segment.text for segment in strip if segment.style and segment.style.bgcolor == view._style("match").bgcolor
        )
        assert marked == "colourful"


async def test_a_search_within_a_filter_finds_only_what_is_shown(root: Path, run: Run, until: Until) -> None:
    async with Host(root).run_test(size=(80, 20)) as pilot:
        await opened(pilot, run.book())
        await ask(pilot, "f", "node:orders")
        await until(pilot, lambda: "51 of 102" in said(pilot))
        await ask(pilot, "slash", "/[a-z] 4$/")

        await until(pilot, lambda: view_of(pilot).cursor == 4)
        assert view_of(pilot).lines[4].text == "order 4"


async def test_a_line_leads_to_its_node_and_a_node_to_its_lines(root: Path, run: Run, until: Until) -> None:
    async with Host(root).run_test(size=(80, 20)) as pilot:
        await opened(pilot, run.book())
        await pilot.press("up", "o")
        await until(pilot, lambda: pilot.app.wanted)  # type: ignore[attr-defined]
        assert pilot.app.wanted[0].node == "rates"  # type: ignore[attr-defined]

        panel_of(pilot).only_node("orders")
        await until(pilot, lambda: "51 of 102" in said(pilot))
        panel_of(pilot).only_node("orders")
        assert len(texts(pilot)) == 102


@pytest.mark.parametrize("how", ["enter", "click"])
async def test_a_line_that_names_a_place_in_the_project_leads_there(
    root: Path, run: Run, until: Until, how: str
) -> None:
    module = root / "pipelines" / "etl.py"
    module.write_text("x = 1\n")
    run.print("see pipelines/etl.py:7 and more\n")
    async with Host(root).run_test(size=(80, 20)) as pilot:
        await opened(pilot, run.book())
        view = view_of(pilot)
        if how == "enter":
            await pilot.press("enter")
        else:
            column = view.line_text(102).index("etl.py")
            await pilot.click(view, offset=(column, view.size.height - 1))
        await until(pilot, lambda: pilot.app.wanted)  # type: ignore[attr-defined]

        assert [(event.path, event.line) for event in pilot.app.wanted] == [(module, 7)]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "text", ["see /etc/passwd.txt:1", "../x.py:1", "pipelines/none.py:3", 'File "/usr/a.py", line 2']
)
async def test_what_is_not_in_the_project_leads_nowhere(root: Path, run: Run, until: Until, text: str) -> None:
    run.print(text + "\n")
    async with Host(root).run_test(size=(80, 20)) as pilot:
        await opened(pilot, run.book())
        await pilot.press("enter")

        await until(pilot, lambda: isinstance(pilot.app.screen, LogLineScreen))
        assert pilot.app.wanted == []  # type: ignore[attr-defined]


async def test_a_line_is_shown_whole_with_its_json_laid_out(root: Path, run: Run, until: Until) -> None:
    run.print('saved {"rows": 3, "columns": ["a", "b"]}\n', "orders")
    async with Host(root).run_test(size=(80, 20)) as pilot:
        await opened(pilot, run.book())
        for key, close in [("enter", "escape"), ("i", "i")]:
            await pilot.press(key)
            await until(pilot, lambda: isinstance(pilot.app.screen, LogLineScreen))
            text = str(pilot.app.screen.query_one("#text", Static).render())
            assert text.startswith('saved\n{\n  "rows": 3,\n')
            await pilot.press(close)
            await until(pilot, lambda: view_of(pilot).has_focus)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("[INFO] x", "[INFO] x"),
        ('[INFO] {"a": 1}', '[INFO]\n{\n  "a": 1\n}'),
        ("{broken", "{broken"),
    ],
)
def test_only_what_is_json_is_laid_out(text: str, shown: str) -> None:
    assert laid_out(text) == shown


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is written to the terminal beside the screen."""
    from textual.drivers.headless_driver import HeadlessDriver

    sequences: list[str] = []
    monkeypatch.setattr(HeadlessDriver, "write", lambda self, data: sequences.append(data) if "52;" in data else None)
    monkeypatch.delenv("TMUX", raising=False)
    return sequences


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


async def test_picked_lines_are_copied_as_they_are_seen(root: Path, run: Run, written: list[str]) -> None:
    async with Host(root).run_test(size=(80, 20)) as pilot:
        await opened(pilot, run.book())
        await pilot.press("t", "up", "shift+up", "shift+up", "y")

        copied = ["orders: order 49", "INFO    rates: rate 49", "WARNING rates: no rate for XAU"]
        assert pilot.app.clipboard == "\n".join(copied)
        assert written == [f"\x1b]52;c;{encoded(pilot.app.clipboard)}\a"]


async def test_the_line_one_is_on_is_copied(root: Path, run: Run) -> None:
    async with Host(root).run_test(size=(80, 20)) as pilot:
        await opened(pilot, run.book())
        await pilot.press("t", "y")

        assert pilot.app.clipboard == "ERROR   orders: order 999 is broken"


async def test_too_much_for_a_clipboard_goes_to_a_file(
    root: Path, run: Run, written: list[str], state: Path, until: Until, screen_text: Callable[[Pilot[Any]], str]
) -> None:
    run.print("".join(f"{number} {'x' * 1000}\n" for number in range(100)))
    async with Host(root).run_test(size=(120, 20), notifications=True) as pilot:
        await opened(pilot, run.book())
        view_of(pilot).go_to(110)
        await pilot.press("shift+down")
        view_of(pilot)._pick = 200
        await pilot.press("y")

        await until(pilot, lambda: "copied.txt" in screen_text(pilot))
        assert written == []
        text = (state / "copied.txt").read_text()
        assert len(text) > LIMIT
        assert text.count("\n") == 89
        assert (state / "copied.txt").stat().st_mode & 0o777 == 0o600


async def test_what_is_shown_is_written_to_a_file_that_is_new(
    root: Path, run: Run, until: Until, screen_text: Callable[[Pilot[Any]], str]
) -> None:
    async with Host(root).run_test(size=(120, 20), notifications=True) as pilot:
        await opened(pilot, run.book())
        await ask(pilot, "f", "level:warning")
        await until(pilot, lambda: "2 of 102" in said(pilot))
        await pilot.press("e")
        assert pilot.app.query_one(Input).value == "20260301-120000-etl-0001.log"
        await pilot.press("enter")

        await until(pilot, lambda: "2 lines written" in screen_text(pilot))
        text = (root / "20260301-120000-etl-0001.log").read_text()
        assert [line.split("  ", 1)[1] for line in text.splitlines()] == [
            "WARNING   rates: no rate for XAU",
            "ERROR     orders: order 999 is broken",
        ]

        await ask(pilot, "e", "20260301-120000-etl-0001.log")
        await until(pilot, lambda: "There is already" in screen_text(pilot))


async def test_the_tail_is_shown_before_the_rest_and_a_filter_waits_for_it(root: Path, run: Run, until: Until) -> None:
    async with Host(root).run_test(size=(80, 20)) as pilot:
        book = run.book()
        await opened(pilot, book)
        await ask(pilot, "f", "level:error")
        panel_of(pilot).show(book.tail(10).lines)
        assert texts(pilot) == []

        panel_of(pilot).show(book, 92)
        await until(pilot, lambda: texts(pilot) == ["order 999 is broken"])

        await pilot.press("escape")
        panel_of(pilot).show(book.tail(10).lines)
        assert len(texts(pilot)) == 10
        panel_of(pilot).show(book, 92)
        assert len(texts(pilot)) == 102


async def test_a_run_that_is_pruned_meanwhile_can_still_be_read(root: Path, run: Run, until: Until, rows: Rows) -> None:
    async with Host(root).run_test(size=(80, 20)) as pilot:
        book = run.book()
        await opened(pilot, book)
        for file in run.path.iterdir():
            file.unlink()
        run.path.rmdir()
        panel_of(pilot).look_for_files()
        assert "This run was pruned" in said(pilot)

        await pilot.press("home")
        assert rows(view_of(pilot))[0].endswith("order 0")
        await ask(pilot, "slash", "rate 7")
        await until(pilot, lambda: view_of(pilot).cursor == 15)


async def test_files_that_were_cut_leave_rows_that_say_so(root: Path, tmp_path: Path, until: Until, rows: Rows) -> None:
    run = Run(tmp_path / "cut")
    run.print("".join(f"line {number}\n" for number in range(1000)))
    async with Host(root).run_test(size=(80, 20)) as pilot:
        await opened(pilot, run.book())
        book = run.book()
        (run.path / OUTPUT).write_bytes(b"line 0\n")
        panel_of(pilot).show(book)
        await until(pilot, lambda: rows(view_of(pilot))[-1].endswith("this line can no longer be read"))
        await ask(pilot, "f", "line")
        await until(pilot, lambda: "of" in said(pilot))
        assert len(book) == 1000


async def test_in_the_workspace_a_log_line_leads_to_its_node_and_a_node_to_its_log(
    example: Callable[..., Path], open_app: Callable[[Path], Any], until: Until, state: Path
) -> None:
    project = example("hello-world")
    module = project / "pipelines" / "hello_world.py"
    nodes = tuple(Node(name, "str", module="pipelines.hello_world", file=str(module), line=8) for name in ("a", "b"))
    store_graph(project, "hello_world", Graph(nodes, (("a", "b"),)), ("b",), fingerprint(project))
    (state / "runs").mkdir(parents=True)
    run = Run(state / "runs" / "20260301-120000-hello_world-0001")
    run.tell(
        RunStarted(time=NOON, run=run.path.name, project=str(project), pipeline="hello_world", supervisor=1, worker=2)
    )
    run.print("said by a in pipelines/hello_world.py:9\n", "a")
    run.print("said by b\n", "b")
    run.tell(RunFinished(time=NOON, outcome="succeeded", duration=1))
    async with open_app(project).run_test(size=(120, 40)) as pilot:
        screen = pilot.app.screen
        dag, log = screen.query_one(DagView), screen.query_one(LogView)
        await until(pilot, lambda: dag.drawing is not None and len(log.lines) == 4)
        dag.goes_along = False
        dag.cursor = "b"
        log.focus()

        log.go_to(1)
        await pilot.press("o")
        await until(pilot, lambda: dag.cursor == "a")

        await pilot.press("enter")
        source = screen.query_one(SourceView)
        await until(pilot, lambda: source.display and source._marked == 9)
        await pilot.press("escape")
        await until(pilot, lambda: dag.display)

        dag.focus()
        dag.cursor = "b"
        await pilot.press("o")
        await until(pilot, lambda: [line.text for line in log.lines] == ["said by b"])
        await pilot.press("o")
        await until(pilot, lambda: len(log.lines) == 4)

        shutil.rmtree(run.path)
        await until(pilot, lambda: "pruned" in str(screen.query_one(LogPanel).query_one(Static).render()))
        assert log.lines[1].text.startswith("said by a")


async def test_in_the_workspace_a_large_run_shows_its_end_first_and_then_all_of_it(
    example: Callable[..., Path],
    open_app: Callable[[Path], Any],
    until: Until,
    state: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(follow, "LARGE", 10_000)
    monkeypatch.setattr(follow, "TAIL_ROWS", 50)
    shown: list[int] = []
    show = LogPanel.show
    monkeypatch.setattr(
        LogPanel, "show", lambda self, rows, moved=None: (shown.append(len(rows)), show(self, rows, moved))
    )
    project = example("hello-world")
    (state / "runs").mkdir(parents=True)
    run = Run(state / "runs" / "20260301-120000-hello_world-0001")
    run.tell(
        RunStarted(time=NOON, run=run.path.name, project=str(project), pipeline="hello_world", supervisor=1, worker=2)
    )
    for number in range(3_000):
        run.log(f"line {number}")
    async with open_app(project).run_test(size=(120, 40)) as pilot:
        log = pilot.app.screen.query_one(LogView)
        await until(pilot, lambda: len(log.lines) == 3_001)

        assert [rows for rows in shown if rows] == [50, 3_001]
        assert log.following
        assert log.lines[-1].text == "line 2999"
