"""Nothing that a log, a file or a value holds reaches the terminal as a control sequence, or is read as markup."""

from __future__ import annotations

import unicodedata
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from queue import Queue
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from rich.style import Style
from textual.message import Message
from textual.pilot import Pilot
from textual.strip import Strip
from textual.widgets import Static

from flowerpower_tui.errors import FlowerPowerError, Location
from flowerpower_tui.graph.model import Graph, Node
from flowerpower_tui.pipeline.failure import Failure, Frame
from flowerpower_tui.pipeline.summary import Column, ValueSummary
from flowerpower_tui.project.tree import Folder, ProjectListing
from flowerpower_tui.runs.graph_cache import fingerprint, store_graph
from flowerpower_tui.runs.lines import LogLine, Source
from flowerpower_tui.runs.view import NodeRun, NodeState
from flowerpower_tui.tui.app import FlowerPowerApp
from flowerpower_tui.tui.background import Troubled
from flowerpower_tui.tui.backstage import Backstage, SourceRead
from flowerpower_tui.tui.screens.welcome import Welcome
from flowerpower_tui.tui.screens.workspace import Workspace
from flowerpower_tui.tui.widgets.dag_view import DagView, Shape
from flowerpower_tui.tui.widgets.inspector import Inspector, in_a_line
from flowerpower_tui.tui.widgets.line_view import LineView
from flowerpower_tui.tui.widgets.log_view import LogView
from flowerpower_tui.tui.widgets.project_tree import ProjectTree
from flowerpower_tui.tui.widgets.source_view import SourceView
from flowerpower_tui.tui.widgets.title_bar import TitleBar

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)

SEQUENCES = (
    "\x1b]52;c;aGVsbG8=\x07",
    "\x1b]0;title\x1b\\",
    "\x1b]8;;https://example.org\x1b\\link\x1b]8;;\x1b\\",
    "\x1b[2J",
    "\x1b[?1049h",
    "\x1b[31m",
    "\x1b[0m",
    "\x1bP+q544e\x1b\\",
    "\x1bc",
    "\x1b",
    "\x1b[",
    "\x1b]",
    "\x9b2J",
    "\x9d0;title\x9c",
    "\r",
    "\b\b",
    "\x07",
    "\x00",
    "\x0b",
    "\x1f",
    "\x7f",
    "\x85",
    "\u202e",
    "\u2066",
    "\u2028",
    "\t",
)
MARKUP = (
    "[/foo]",
    "[red]x[/]",
    "[@click=app.quit]x[/]",
    "[link=https://example.org]x[/link]",
    "list[int]",
    "[[",
    "]",
    "\\[b]",
    "$error",
    "[$error]x",
    ":smile:",
)
letters = st.text(st.characters(categories=["L", "N"]), max_size=4)
nasty_text = st.lists(
    st.one_of(st.sampled_from(SEQUENCES), st.sampled_from(MARKUP), st.text(max_size=6)), max_size=8
).map("".join)
nasty_lines = nasty_text.map(lambda text: text.replace("\n", " "))
markup_text = st.lists(st.one_of(st.sampled_from(MARKUP), letters), min_size=1, max_size=5).map("".join).filter(bool)
quick = settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))

Until = Callable[..., Awaitable[None]]
ScreenText = Callable[[Pilot[Any]], str]


def is_safe(text: str, *, lines: bool = False) -> bool:
    """Whether a terminal would show all of this, and obey none of it."""
    bidirectional = {*"\u061c\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"}
    found = {char for char in text if unicodedata.category(char) == "Cc"} | bidirectional & set(text)
    return not found - ({"\n", "\t"} if lines else set())


def as_file_name(text: str) -> str:
    """The text without what no file's name can hold."""
    return text.replace("/", "∕").replace("\0", "")


def does_nothing(strip: Strip) -> bool:
    """Whether no cell is a link or an action."""
    styles = [segment.style for segment in strip if segment.style]
    return not any(style.link or any(key.startswith("@") for key in style.meta) for style in styles)


def strips(view: LineView) -> list[Strip]:
    """Every line of a view, as it is rendered."""
    return [view._strip(y, view.rich_style) for y in range(view.line_count())]


def assert_safe(view: LineView) -> str:
    """Assert that no line of a view holds anything but text; return the text."""
    shown = strips(view)
    assert all(is_safe(strip.text) for strip in shown), [strip.text for strip in shown]
    assert all(map(does_nothing, shown))
    return "\n".join(strip.text for strip in shown)


def assert_safe_static(static: Static) -> str:
    """Assert that a text holds nothing but text; return it."""
    text = str(static.render())
    assert is_safe(text, lines=True), text
    return text


@pytest.fixture
def opened(project: Callable[..., Path], open_app: Callable[[Path], FlowerPowerApp], until: Until) -> Any:
    """Opens the interface on a project whose graph is remembered, so that no process is started."""
    root = project("def one() -> int:\n    return 1\n")
    plain = Graph((Node("one", "int"),))

    @asynccontextmanager
    async def enter(graph: Graph = plain) -> Any:
        store_graph(root, "job", graph, tuple(graph.by_name), fingerprint(root))
        async with open_app(root).run_test(size=(160, 48), notifications=True) as pilot:
            await until(pilot, lambda: pilot.app.screen.query_one(DagView).drawing is not None)
            yield pilot, pilot.app.screen

    return enter


async def test_log_lines(opened: Any) -> None:
    async with opened() as (_, screen):
        log = screen.query_one(LogView)

        def show(text: str, source: Source, level: str, node: str) -> str:
            log.show([LogLine(NOON, source, level, node, text, 1)])
            return assert_safe(log)

        sources = st.sampled_from(get_args(Source))
        levels = st.sampled_from(["", "DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL", "\x1b[2J", "[/x]"])

        @quick
        @given(nasty_lines, sources, levels, nasty_text)
        @example("\x1b[31m[/foo]\x1b[2J\x1b]0;x\x07", "stdout", "", "a\nb\tc")
        def no_control_is_left(text: str, source: Source, level: str, node: str) -> None:
            show(text, source, level, node)

        @quick
        @given(markup_text, sources, st.sampled_from(["", "INFO"]))
        def brackets_are_brackets(text: str, source: Source, level: str) -> None:
            assert text in show(text, source, level, "n")
            assert f"{text}: " in show("x", "log", level, text)

        no_control_is_left()
        brackets_are_brackets()
        for before in range(1_990, 2_001):
            show("x" * before + "\x1b[31mred\x1b[0m" + "y" * 100, "stdout", "", "")


async def test_what_a_file_holds(opened: Any, tmp_path: Path) -> None:
    async with opened() as (_, screen):
        show = shower(screen, tmp_path)
        names = st.sampled_from(["a.py", "a.yml", "a.md", "a.csv", "a.json", "a.txt", "a.unknown"])

        @quick
        @given(names, nasty_text)
        @example("a.py", "# [/foo] \x1b[2J\x9b2J\n\x1b]0;never ended\nkey: [red]x[/]\n\tx\x0b\x0cy\x85z\u2028")
        def no_control_is_left(name: str, text: str) -> None:
            show(name, text.encode())

        @quick
        @given(names, markup_text)
        def brackets_are_brackets(name: str, text: str) -> None:
            assert text in show(name, text.encode())

        no_control_is_left()
        brackets_are_brackets()
        show("a.txt", bytes(range(1, 256)))
        show("a.txt", bytes(range(256)))


async def test_what_a_file_is_called(opened: Any, tmp_path: Path) -> None:
    async with opened() as (_, screen):
        show = shower(screen, tmp_path)
        title = screen.query_one("#preview .pane--title", Static)
        names = nasty_text.map(lambda name: as_file_name(name)[:40])

        @quick
        @given(names.filter(lambda name: name not in ("", ".", "..")))
        @example("[∕foo]\x1b[2J\n.py")
        def no_control_is_left(name: str) -> None:
            show(name, b"x")
            assert_safe_static(title)

        @quick
        @given(markup_text)
        def brackets_are_brackets(name: str) -> None:
            name = as_file_name(name)
            show(name, b"x")
            assert name in assert_safe_static(title)

        no_control_is_left()
        brackets_are_brackets()


def shower(screen: Workspace, folder: Path) -> Callable[[str, bytes], str]:
    """Shows a file through everything that it passes on its way to the screen."""
    answers: Queue[Message] = Queue()

    class Listener:
        is_running = True
        post_message = answers.put

    backstage = Backstage(folder, Listener())  # type: ignore[arg-type]
    source = screen.query_one(SourceView)

    def show(name: str, content: bytes) -> str:
        path = folder / name
        path.write_bytes(content)
        backstage.read_source(path, marked=1)
        answer = answers.get(timeout=30)
        path.unlink()
        assert isinstance(answer, SourceRead), answer
        screen._file = path
        screen.on_source_read(answer)
        return assert_safe(source)

    return show


def nasty_graph(*names: str) -> Graph:
    names = tuple(dict.fromkeys(names))
    nodes = (
        Node(name, name, module=name, file=name, line=3, tags={name: name, "more": [name]}, doc=name) for name in names
    )
    return Graph(tuple(nodes), tuple((names[0], name) for name in names[1:]))


@pytest.mark.parametrize("shape", ["boxes", "lanes"])
async def test_names_of_nodes_in_the_dag(opened: Any, shape: Shape) -> None:
    async with opened() as (_, screen):
        dag = screen.query_one(DagView)
        dag.shape = shape

        @quick
        @given(st.lists(nasty_text, min_size=1, max_size=4), st.sampled_from(get_args(NodeState)))
        @example(["a\nb\tc\x1b[2J", "a\x1b[2J", "\u202e"], "failed")
        def no_control_is_left(names: list[str], state: NodeState) -> None:
            dag.show(nasty_graph(*names), dict.fromkeys(names, state))
            assert_safe(dag)

        @quick
        @given(st.lists(markup_text, min_size=1, max_size=4))
        def brackets_are_brackets(names: list[str]) -> None:
            dag.show(nasty_graph(*names))
            text = assert_safe(dag)
            assert all(name in text for name in names)

        no_control_is_left()
        brackets_are_brackets()


async def test_all_that_is_told_of_a_node(opened: Any) -> None:
    async with opened() as (_, screen):
        inspector, text = screen.query_one(Inspector), screen.query_one("#node-text", Static)
        line = screen.query_one("#node-line", Static)

        def show(name: str, other: str) -> str:
            graph = nasty_graph(name, other)
            failure = Failure(
                name, name, (Frame(name, 3, name, name),), Failure(name, name, user_error=True, hint=name)
            )
            run = NodeRun("failed", NOON, 1.0, ValueSummary(name, (3,), (Column(name, name, 2),), 3, name), failure)
            inspector.show(graph, graph.by_name[name], run)
            line.update(in_a_line(graph.by_name[name], run))
            assert "\n" not in assert_safe_static(line)
            return assert_safe_static(text)

        @quick
        @given(nasty_text, nasty_text)
        @example("[/foo]\x1b[2J\nx\ty", "x\x1b]0;t\x07")
        def no_control_is_left(name: str, other: str) -> None:
            show(name, other)

        @quick
        @given(markup_text, markup_text)
        def brackets_are_brackets(name: str, other: str) -> None:
            shown = show(name, other)
            # Name, type, place, tags, docstring, value, column, preview, failure, frame, cause.
            assert shown.count(name) >= 11
            assert other in shown
            assert name in str(line.render())

        no_control_is_left()
        brackets_are_brackets()


async def test_lines_of_the_tree(opened: Any) -> None:
    async with opened() as (_, screen):
        tree = screen.query_one(ProjectTree)
        root = Path("/project")

        def show(names: list[str]) -> list[str]:
            paths = tuple(root / name for name in names)
            tree.show(ProjectListing(root, (), paths, paths, Folder(root, paths)))
            labels = [tree.render_label(line.node, Style(), Style()) for line in tree._tree_lines]
            assert all(is_safe(label.plain) for label in labels), labels
            assert all(not span.style or "@" not in str(span.style) for label in labels for span in label.spans)
            return [label.plain for label in labels]

        names = st.lists(nasty_text.map(as_file_name).filter(bool), min_size=1, max_size=4)

        @quick
        @given(names)
        @example(["[∕foo]", "a\nb", "\t", "\x1b[2J", " "])
        def no_control_is_left(names: list[str]) -> None:
            show(names)

        @quick
        @given(st.lists(markup_text.map(as_file_name), min_size=1, max_size=4))
        def brackets_are_brackets(names: list[str]) -> None:
            assert set(names) <= set(show(names))

        no_control_is_left()
        brackets_are_brackets()


async def test_what_went_wrong(opened: Any) -> None:
    async with opened() as (_, screen):
        problems = screen.query_one("#problems", Static)

        def show(text: str) -> str:
            error = FlowerPowerError(text, location=Location(text, 3), hint=text)
            # The whole way goes over the loop, which waits for this.
            screen.session._take(Troubled(error))
            screen._troubled(None)
            return assert_safe_static(problems)

        @quick
        @given(nasty_text)
        def no_control_is_left(text: str) -> None:
            show(text)

        @quick
        @given(markup_text)
        def brackets_are_brackets(text: str) -> None:
            assert show(text).count(text) >= 3

        no_control_is_left()
        brackets_are_brackets()


async def test_the_title(opened: Any) -> None:
    async with opened():

        def show(name: str) -> str:
            (static, *_) = TitleBar(Path("/") / as_file_name(name), "project").compose()
            assert isinstance(static, Static)
            return assert_safe_static(static)

        @quick
        @given(nasty_text)
        def no_control_is_left(name: str) -> None:
            assert "\n" not in show(name)

        @quick
        @given(markup_text)
        def brackets_are_brackets(name: str) -> None:
            assert as_file_name(name) in show(name)

        no_control_is_left()
        brackets_are_brackets()


@pytest.mark.parametrize("text", ["".join((*SEQUENCES, *MARKUP)), "[@click=app.quit][/foo]\x1b[2J\x9b2Jx\ny\tz\u202e"])
async def test_the_whole_screen_with_everything_nasty_on_it(
    opened: Any, until: Until, screen_text: ScreenText, text: str
) -> None:
    node = Node(f"X{text}", text, role="input")
    async with opened(Graph((node, Node("two", text)), ((node.name, "two"),))) as (pilot, screen):
        name = as_file_name(text)
        screen.on_troubled(Troubled(FlowerPowerError(text)))
        screen.query_one(LogView).show([LogLine(NOON, "stdout", "", text, text.replace("\n", " "), 1)])
        screen.query_one(ProjectTree).show(
            ProjectListing(Path("/p"), (), (Path("/p") / name,), (), Folder(Path("/p"), (Path("/p") / name,)))
        )
        dag = screen.query_one(DagView)
        dag.cursor = node.name
        dag.action_open_source()
        await until(pilot, lambda: screen.query("Toast"))

        assert is_safe(screen_text(pilot), lines=True)
        assert "\t" not in screen_text(pilot)
        assert all(does_nothing(strip) for strip in strips(dag))
        assert screen_text(pilot).count("click=app") >= 4


@pytest.mark.parametrize("name", ["[@click=app.quit]x[red]", "a\x1b[2J\x9b2Jb", "x\ny\tz\u202e"])
async def test_the_welcome_screen_in_a_folder_of_any_name(
    tmp_path: Path, open_app: Callable[[Path], FlowerPowerApp], until: Until, screen_text: ScreenText, name: str
) -> None:
    folder = tmp_path / name
    folder.mkdir()
    async with open_app(folder).run_test(size=(200, 48)) as pilot:
        await until(pilot, lambda: isinstance(pilot.app.screen, Welcome))
        await pilot.click("#open")
        await until(pilot, lambda: assert_safe_static(pilot.app.screen.query_one("#trouble", Static)))

        assert is_safe(screen_text(pilot), lines=True)
        if name.isprintable():
            assert name in screen_text(pilot)
