"""Keys and mouse on a project that is only looked at: files, sources, panes, zoom, help."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from textual.app import App
from textual.pilot import Pilot
from textual.widgets import Input, Static

from flowerpower_tui.graph.model import Graph, Node
from flowerpower_tui.runs.graph_cache import fingerprint, store_graph
from flowerpower_tui.tui.app import FlowerPowerApp
from flowerpower_tui.tui.screens.dag import DagPlace
from flowerpower_tui.tui.screens.help import Help
from flowerpower_tui.tui.screens.welcome import Welcome
from flowerpower_tui.tui.screens.workspace import Workspace
from flowerpower_tui.tui.widgets.dag_view import DagView
from flowerpower_tui.tui.widgets.inspector import Inspector
from flowerpower_tui.tui.widgets.line_view import LineView
from flowerpower_tui.tui.widgets.log_view import LogView
from flowerpower_tui.tui.widgets.project_tree import ProjectTree
from flowerpower_tui.tui.widgets.source_view import SourceView

OpenApp = Callable[[Path], FlowerPowerApp]
Until = Callable[..., Awaitable[None]]
ScreenText = Callable[[Pilot[Any]], str]
Rows = Callable[[LineView], list[str]]

SIZES = [(80, 24), (160, 48)]


@pytest.fixture
def hello(example: Callable[..., Path]) -> Path:
    """The hello-world project, whose graph is remembered: nothing is imported to show it."""
    root = example("hello-world")
    module = root / "pipelines" / "hello_world.py"
    lines = module.read_text().splitlines()
    greeting, banner = (
        Node(name, "str", module="pipelines.hello_world", file=str(module), line=lines.index(first) + 1)
        for name, first in (
            ("greeting", "def greeting(salutation: str, name: str) -> str:"),
            ("banner", "def banner(greeting: str, width: int) -> str:"),
        )
    )
    width = Node("width", "int", role="input")
    graph = Graph((width, greeting, banner), (("greeting", "banner"), ("width", "banner")))
    store_graph(root, "hello_world", graph, ("banner",), fingerprint(root))
    return root


def labels(tree: ProjectTree) -> list[str]:
    """What the tree's lines say, from the top."""
    return [str(line.node.label) for line in tree._tree_lines]


def at(tree: ProjectTree) -> str:
    return str(tree.cursor_node.label) if tree.cursor_node else ""


async def go_to(pilot: Pilot[Any], until: Until, label: str) -> ProjectTree:
    """Walk the tree's cursor down to a line."""
    tree = pilot.app.screen.query_one(ProjectTree)
    await until(pilot, lambda: label in labels(tree) and tree.has_focus)
    steps = labels(tree).index(label) - tree.cursor_line
    await pilot.press(*(["down"] * steps or ["up"] * -steps))
    assert at(tree) == label
    return tree


async def opened(pilot: Pilot[Any], until: Until) -> DagView:
    """Wait for the DAG of the first pipeline."""
    await until(pilot, lambda: isinstance(pilot.app.screen, Workspace))
    dag = pilot.app.screen.query_one(DagView)
    await until(pilot, lambda: dag.drawing is not None and dag.display)
    return dag


def shown(app: App[Any]) -> str:
    return str(app.screen.query_one("#preview .pane--title", Static).render())


@pytest.mark.parametrize("size", SIZES)
async def test_a_file_that_is_chosen_is_shown_and_escape_goes_back(
    hello: Path, open_app: OpenApp, until: Until, rows: Rows, size: tuple[int, int]
) -> None:
    async with open_app(hello).run_test(size=size) as pilot:
        dag = await opened(pilot, until)
        await go_to(pilot, until, "hello_world.yml")
        source = pilot.app.screen.query_one(SourceView)
        await until(pilot, lambda: source.display and "name: hello_world" in "\n".join(rows(source)))
        assert "conf/pipelines/hello_world.yml" in shown(pilot.app)
        key = source.render_line(0)
        colours = {segment.text.strip(): segment.style.color for segment in key if segment.style}
        assert colours["name"] != colours["hello_world"], "it is highlighted"

        await pilot.press("escape")
        await until(pilot, lambda: dag.display and not source.display)
        assert "DAG" in shown(pilot.app)


async def test_enter_on_a_node_shows_its_source_at_its_line(
    hello: Path, open_app: OpenApp, until: Until, rows: Rows
) -> None:
    async with open_app(hello).run_test(size=(80, 24)) as pilot:
        dag = await opened(pilot, until)
        dag.focus()
        dag.cursor = "banner"
        await pilot.press("enter")

        source = pilot.app.screen.query_one(SourceView)
        await until(pilot, lambda: source.display and any("def banner(" in row for row in rows(source)))
        (row,) = (y for y, text in enumerate(rows(source)) if "def banner(" in text)
        marked, other = source.render_line(row), source.render_line(row + 1)
        assert [segment.style.bgcolor for segment in marked if segment.style][1] != (
            [segment.style.bgcolor for segment in other if segment.style][1]
        )


async def test_enter_on_an_input_says_where_its_value_comes_from(
    hello: Path, open_app: OpenApp, until: Until, screen_text: ScreenText
) -> None:
    async with open_app(hello).run_test(size=(80, 24), notifications=True) as pilot:
        dag = await opened(pilot, until)
        dag.focus()
        dag.cursor = "width"
        await pilot.press("enter")

        await until(pilot, lambda: "width is an input" in screen_text(pilot))


async def test_a_click_on_a_node_selects_it_and_tells_of_it(
    hello: Path, open_app: OpenApp, until: Until, screen_text: ScreenText
) -> None:
    async with open_app(hello).run_test(size=(160, 48)) as pilot:
        dag = await opened(pilot, until)
        assert dag.drawing is not None
        for name in ("greeting", "banner", "width"):
            rect = dag.drawing.rects[name]
            await pilot.click(dag, offset=(rect.x + 2, rect.y + rect.height // 2))
            assert dag.cursor == name
            inspector = pilot.app.screen.query_one("#node-text", Static)
            await until(pilot, lambda name=name, text=inspector: str(text.render()).startswith(name))


async def test_a_click_on_a_line_of_the_tree_goes_there(hello: Path, open_app: OpenApp, until: Until) -> None:
    async with open_app(hello).run_test(size=(80, 24)) as pilot:
        await opened(pilot, until)
        tree = pilot.app.screen.query_one(ProjectTree)
        line = labels(tree).index("hello_world.py")
        await pilot.click(tree, offset=(12, line - tree.scroll_offset.y))

        assert at(tree) == "hello_world.py"
        source = pilot.app.screen.query_one(SourceView)
        await until(pilot, lambda: source.display and source.line_count() > 20)


async def test_tab_goes_through_the_panes_and_back(hello: Path, open_app: OpenApp, until: Until) -> None:
    async with open_app(hello).run_test(size=(160, 48)) as pilot:
        await opened(pilot, until)
        await until(pilot, lambda: isinstance(pilot.app.focused, ProjectTree))
        names = [type(pilot.app.focused).__name__]
        for _ in range(4):
            await pilot.press("tab")
            names.append(type(pilot.app.focused).__name__)
        assert names == ["ProjectTree", "DagView", "LogView", "Inspector", "ProjectTree"]

        await pilot.press("shift+tab")
        assert type(pilot.app.focused).__name__ == "Inspector"


async def test_the_focused_pane_is_told_by_its_header(hello: Path, open_app: OpenApp, until: Until) -> None:
    async with open_app(hello).run_test(size=(160, 48)) as pilot:
        await opened(pilot, until)
        headers = {pane: pilot.app.screen.query_one(f"#{pane} .pane--header") for pane in ("project", "preview", "log")}
        pilot.app.screen.query_one(LogView).focus()
        await pilot.pause()

        plain = {headers[pane].background_colors for pane in ("project", "preview")}
        assert len(plain) == 1
        assert headers["log"].background_colors not in plain


@pytest.mark.parametrize("size", SIZES)
async def test_z_gives_a_pane_the_screen_and_takes_it_back(
    hello: Path, open_app: OpenApp, until: Until, size: tuple[int, int]
) -> None:
    async with open_app(hello).run_test(size=size) as pilot:
        await opened(pilot, until)
        for pane, back in ((DagView, "z"), (LogView, "escape"), (ProjectTree, "z")):
            widget = pilot.app.screen.query_one(pane)
            widget.focus()
            await pilot.pause()
            before = widget.region

            await pilot.press("z")
            await until(pilot, lambda widget=widget: widget.size.width >= size[0] - 4)
            assert widget.size.height >= size[1] - 4
            await pilot.press(back)
            await until(pilot, lambda widget=widget, before=before: widget.region == before)
            assert widget.has_focus


@pytest.mark.parametrize("size", SIZES)
async def test_z_gives_the_screen_to_what_scrolls_too(
    hello: Path, open_app: OpenApp, until: Until, size: tuple[int, int]
) -> None:
    async with open_app(hello).run_test(size=size) as pilot:
        await opened(pilot, until)
        await pilot.press("2")
        await until(pilot, lambda: isinstance(pilot.app.screen, DagPlace))
        inspector = pilot.app.screen.query_one(Inspector)
        inspector.focus()
        await until(pilot, lambda: inspector.has_focus)
        before = inspector.region
        await pilot.press("z")
        await until(pilot, lambda: inspector.size.width >= size[0] - 4 and inspector.size.height >= size[1] - 4)
        await pilot.press("z")
        await until(pilot, lambda: inspector.region == before)


@pytest.mark.parametrize(("size", "keys"), [((80, 24), ["escape"]), ((160, 48), ["question_mark", "q"])])
async def test_help_lists_the_keys_and_closes(
    hello: Path, open_app: OpenApp, until: Until, screen_text: ScreenText, size: tuple[int, int], keys: list[str]
) -> None:
    async with open_app(hello).run_test(size=size) as pilot:
        await opened(pilot, until)
        for key in keys:
            await pilot.press("question_mark")
            await until(pilot, lambda: isinstance(pilot.app.screen, Help))
            text = screen_text(pilot)
            for words in ("Go up", "Run the chosen pipeline"):
                assert words in text
            await pilot.press(key)
            await until(pilot, lambda: isinstance(pilot.app.screen, Workspace))


async def test_the_footer_names_the_keys_that_matter(
    hello: Path, open_app: OpenApp, until: Until, screen_text: ScreenText
) -> None:
    async with open_app(hello).run_test(size=(80, 24)) as pilot:
        await opened(pilot, until)
        for words in ("r Run", "e Edit", "Pane", "? Help", "q Quit"):
            await until(pilot, lambda words=words: words in screen_text(pilot).splitlines()[-1])


async def test_q_leaves_with_exit_code_0(hello: Path, open_app: OpenApp, until: Until) -> None:
    app = open_app(hello)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, until)
        await pilot.press("q")
        await until(pilot, lambda: not app.is_running)
    assert not app.return_code


async def test_a_file_name_is_never_markup(
    hello: Path, open_app: OpenApp, until: Until, screen_text: ScreenText
) -> None:
    names = ["[red]x[ red].csv", "a list[int].csv", "[@click=app.quit]x.csv"]
    for name in names:
        (hello / name).write_text("a,b\n1,2\n")
    (hello / "[").mkdir()
    (hello / "[" / "b].csv").write_text("a,b\n1,2\n")
    async with open_app(hello).run_test(size=(160, 48)) as pilot:
        await opened(pilot, until)
        for name in names:
            await go_to(pilot, until, name)
            await until(pilot, lambda name=name: name in screen_text(pilot) and name in shown(pilot.app))


async def test_a_source_that_is_read_is_not_taken_away_when_the_dag_is_ready(
    hello: Path, open_app: OpenApp, until: Until
) -> None:
    # The remembered graph is not fresh: the DAG is built again while something else is looked at.
    module = hello / "pipelines" / "hello_world.py"
    module.write_text(module.read_text() + "\n\ndef shout(banner: str) -> str:\n    return banner.upper()\n")
    async with open_app(hello).run_test(size=(80, 24)) as pilot:
        dag = await opened(pilot, until)
        await go_to(pilot, until, "hello_world.yml")
        source = pilot.app.screen.query_one(SourceView)
        await until(pilot, lambda: source.display)
        screen = pilot.app.screen
        assert isinstance(screen, Workspace)
        await until(pilot, lambda: "shout" in screen.session.graphs["hello_world"].by_name)
        await pilot.pause()
        assert source.display
        await pilot.press("escape")
        await until(pilot, lambda: dag.display)
        assert dag.graph is not None
        assert "shout" in dag.graph.by_name


async def test_a_source_that_is_saved_is_shown_as_it_is_now_where_one_was(
    hello: Path, open_app: OpenApp, until: Until, rows: Rows
) -> None:
    module = hello / "pipelines" / "hello_world.py"
    module.write_text(module.read_text() + "\n# before\n" * 20)
    async with open_app(hello).run_test(size=(80, 24)) as pilot:
        await opened(pilot, until)
        await go_to(pilot, until, "hello_world.py")
        source = pilot.app.screen.query_one(SourceView)
        await until(pilot, lambda: source.display and source.max_scroll_y)
        source.scroll_end(animate=False)
        await until(pilot, lambda: source.scroll_y == source.max_scroll_y)
        here = source.scroll_y

        screen = pilot.app.screen
        assert isinstance(screen, Workspace)
        await until(pilot, lambda: screen.session.reload.scout._watcher)
        module.write_text(module.read_text().replace("before", "after"))
        await until(pilot, lambda: any("# after" in row for row in rows(source)))
        assert source.scroll_y == here


async def test_the_welcome_screen_opens_a_project_that_is_elsewhere(
    hello: Path, open_app: OpenApp, until: Until, tmp_path: Path, screen_text: ScreenText
) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    async with open_app(empty).run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: isinstance(pilot.app.screen, Welcome))
        path = pilot.app.screen.query_one("#path", Input)
        path.value = "/nowhere/at/all"
        await pilot.click("#open")
        await until(pilot, lambda: "/nowhere/at/all" in str(pilot.app.screen.query_one("#trouble", Static).render()))

        path.value = str(hello)
        # A button that was just pressed takes no second press.
        await until(pilot, lambda: not pilot.app.screen.query_one("#open").has_class("-active"))
        await pilot.click("#open")
        await opened(pilot, until)
        assert "hello-world" in screen_text(pilot).splitlines()[0]
