"""The way through the interface with real projects and real runs: look, run, watch, cancel, read, leave."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from flowerpower_tui.runs.directory import RunDirectory
from flowerpower_tui.runs.events import LogEmitted
from flowerpower_tui.runs.journal import JournalReader
from flowerpower_tui.runs.launcher import start
from flowerpower_tui.runs.request import RunRequest
from flowerpower_tui.runs.store import RunStore
from flowerpower_tui.tui.app import FlowerPowerApp
from flowerpower_tui.tui.screens.workspace import Workspace
from flowerpower_tui.tui.widgets.dag_view import DagView
from flowerpower_tui.tui.widgets.log_view import LogView
from flowerpower_tui.tui.widgets.project_tree import ProjectTree

OpenApp = Callable[[Path], FlowerPowerApp]
Until = Callable[..., Awaitable[None]]
ScreenText = Callable[[Pilot[Any]], str]
Example = Callable[..., Path]
Project = Callable[..., Path]

LARGE = (160, 60)

SLEEPER = '''
import time


def first() -> int:
    """Quick."""
    print("first has begun")
    return 1


def nap(first: int) -> int:
    """Sleeps far longer than anybody waits."""
    print("good night", flush=True)
    time.sleep(600)
    return first


def after(nap: int) -> int:
    """Never reached."""
    return nap
'''
SLEEPER_RUN = "run:\n  final_vars: [after]\n"


def dag_of(pilot: Pilot[Any]) -> DagView:
    return pilot.app.screen.query_one(DagView)


def log_of(pilot: Pilot[Any]) -> LogView:
    return pilot.app.screen.query_one(LogView)


def glyphs(dag: DagView) -> dict[str, str]:
    """What stands at each node's mark, in the rows as they are shown."""
    if dag.drawing is None:
        return {}
    shown = {y: dag._strip(y, dag.rich_style).text for y in {y for _, y in dag.drawing.marks.values()}}
    return {name: shown[y][x] for name, (x, y) in dag.drawing.marks.items()}


def problems(pilot: Pilot[Any]) -> str:
    widget = pilot.app.screen.query_one("#problems", Static)
    return str(widget.render()) if widget.display else ""


def node_text(pilot: Pilot[Any]) -> str:
    return str(pilot.app.screen.query_one("#node-text", Static).render())


def only_run(state: Path) -> RunDirectory:
    (run,) = RunStore(state).runs()
    return run.directory


async def test_a_run_is_seen_from_its_first_node_to_its_last(
    example: Example, open_app: OpenApp, until: Until, screen_text: ScreenText, state: Path
) -> None:
    root = example("sales-etl")
    # The slow node is as slow as it takes to be seen.
    module = root / "pipelines" / "sales_etl.py"
    gate = "while not (PROJECT / 'go').exists():\n            time.sleep(0.01)"
    module.write_text(module.read_text().replace("time.sleep(seconds_per_month)", gate))
    async with open_app(root).run_test(size=LARGE) as pilot:
        dag = dag_of(pilot)
        await until(pilot, lambda: dag.graph is not None)
        assert dag.graph is not None
        ran = {node.name for node in dag.graph.nodes if node.role != "input"}
        before = glyphs(dag)
        assert "orders_in_euros" in screen_text(pilot)

        await pilot.press("r")
        # A warm run may be through its first nodes before the next look.
        seen: list[dict[str, str]] = [before]

        def shown() -> dict[str, str]:
            seen.append(glyphs(dag))
            return seen[-1]

        await until(pilot, lambda: shown()["exchange_rates"] == "▶")
        assert shown()["raw_orders"] == "✓"
        assert shown()["headline"] == before["headline"]
        (root / "go").touch()
        await until(pilot, lambda: all(shown()[name] == "✓" for name in ran))

        for name in ran:
            stages = list(dict.fromkeys(moment[name] for moment in seen))
            assert stages in ([before[name], "✓"], [before[name], "▶", "✓"])
        assert [name for name in seen[-1] if name not in ran and seen[-1][name] != before[name]] == []

        run = only_run(state)
        await until(pilot, lambda: log_of(pilot).lines[-1].text.startswith("succeeded after"))
        await until(pilot, lambda: not run.is_locked and "▶" not in screen_text(pilot).splitlines()[0])
        lines = log_of(pilot).lines
        assert [line.text for line in lines if line.source == "stdout"] == (
            (run.path / "output.log").read_text().splitlines()
        )
        records = [event.message for event in JournalReader(run.path).read() if isinstance(event, LogEmitted)]
        assert [line.text for line in lines if line.source == "log"] == records
        assert len(records) > 20
        assert [line.seq for line in lines] == sorted(line.seq for line in lines)
        assert lines[-1].text in screen_text(pilot)

    # Opened again, everything is there without a key.
    async with open_app(root).run_test(size=LARGE) as pilot:
        await until(pilot, lambda: glyphs(dag_of(pilot)) == seen[-1] and list(log_of(pilot).lines) == list(lines))
        assert "✓ sales_etl" in screen_text(pilot)


async def test_c_cancels_the_run_that_is_shown(
    project: Project, open_app: OpenApp, until: Until, screen_text: ScreenText, state: Path
) -> None:
    async with open_app(project(SLEEPER, SLEEPER_RUN)).run_test(size=LARGE) as pilot:
        dag = dag_of(pilot)
        await until(pilot, lambda: dag.graph is not None)
        await pilot.press("r")
        await until(pilot, lambda: glyphs(dag).get("nap") == "▶")
        await until(pilot, lambda: "good night" in screen_text(pilot))
        run = only_run(state)
        await until(pilot, lambda: "c Cancel" in screen_text(pilot).splitlines()[-1])

        await pilot.press("c")
        await until(pilot, lambda: glyphs(dag)["nap"] == "■")

        assert glyphs(dag)["first"] == "✓"
        await until(pilot, lambda: not run.is_locked)
        await until(pilot, lambda: "■ job" in screen_text(pilot))
        await until(pilot, lambda: "c Cancel" not in screen_text(pilot).splitlines()[-1])
        assert [line.text for line in log_of(pilot).lines if line.source == "stdout"] == [
            "first has begun",
            "good night",
        ]


async def test_a_run_that_was_started_elsewhere_shows_up_and_outlives_the_interface(
    project: Project, open_app: OpenApp, until: Until, screen_text: ScreenText, state: Path
) -> None:
    root = project(SLEEPER, SLEEPER_RUN)
    async with open_app(root).run_test(size=LARGE) as pilot:
        await until(pilot, lambda: dag_of(pilot).graph is not None)

        run = await asyncio.to_thread(start, RunRequest(str(root), "job"))
        await until(pilot, lambda: glyphs(dag_of(pilot)).get("nap") == "▶")
        await until(pilot, lambda: "good night" in screen_text(pilot))

        await pilot.press("q")

    ours = [thread for thread in threading.enumerate() if thread.name.startswith(("follow-", "runs-watcher"))]
    for thread in ours:
        await asyncio.to_thread(thread.join, 10)
        assert not thread.is_alive()
    assert run.is_locked, "the run goes on"

    async with open_app(root).run_test(size=LARGE) as pilot:
        await until(pilot, lambda: glyphs(dag_of(pilot)).get("nap") == "▶")
        assert "▶ job" in screen_text(pilot).splitlines()[0]
        await pilot.press("c")
        await until(pilot, lambda: not run.is_locked)


async def test_a_failure_is_shown_in_the_dag_the_log_and_the_inspector(
    example: Example, open_app: OpenApp, until: Until, screen_text: ScreenText, state: Path
) -> None:
    async with open_app(example("flaky")).run_test(size=LARGE) as pilot:
        dag = dag_of(pilot)
        await until(pilot, lambda: dag.graph is not None)

        await pilot.press("r")
        await until(pilot, lambda: glyphs(dag).get("balances") == "✗")
        run = only_run(state)
        await until(pilot, lambda: "✗ broken" in screen_text(pilot))

        assert glyphs(dag)["ledger_lines"] == "✓"
        assert glyphs(dag)["statement"] != "✓"
        told = [line.text for line in log_of(pilot).lines]
        assert any("is not an amount" in text for text in told)
        effect = told[told.index("That led to another exception:") :]
        frames = [text for text in effect if text.startswith("  File ")]
        assert "pipelines/broken.py" in frames[0], "the traceback begins in the user's code"
        assert "parse_amount" in frames[-1]
        dag.cursor = "balances"
        await until(pilot, lambda: "ValueError: line" in node_text(pilot))
        assert "parse_amount" in node_text(pilot)
        assert not run.is_locked


async def test_attempts_are_told_until_one_succeeds(
    example: Example, open_app: OpenApp, until: Until, screen_text: ScreenText
) -> None:
    async with open_app(example("flaky")).run_test(size=LARGE) as pilot:
        await until(pilot, lambda: "flaky" in screen_text(pilot) and dag_of(pilot).graph is not None)
        pilot.app.screen.query_one(ProjectTree).go_to_pipeline("flaky")
        await until(pilot, lambda: "warmest_day" in glyphs(dag_of(pilot)))

        await pilot.press("r")
        await until(pilot, lambda: glyphs(dag_of(pilot)).get("warmest_day") == "✓")

        assert "attempt 3 of 4" in screen_text(pilot)
        texts = [line.text for line in log_of(pilot).lines]
        assert sum("no answer from the station" in text for text in texts) == 2


async def test_a_module_that_breaks_shows_its_place_and_the_last_good_dag_stays(
    project: Project, open_app: OpenApp, until: Until, screen_text: ScreenText
) -> None:
    root = project("def one() -> int:\n    return 1\n\n\ndef two(one: int) -> int:\n    return one\n")
    module = root / "pipelines" / "job.py"
    async with open_app(root).run_test(size=LARGE) as pilot:
        await until(pilot, lambda: "two" in glyphs(dag_of(pilot)))

        good = module.read_text()
        module.write_text(good + "\n\ndef three(two: int -> int:\n    return two\n")
        await pilot.press("f5")
        await until(pilot, lambda: "job.py:9" in problems(pilot))
        assert "two" in glyphs(dag_of(pilot))
        assert "job.py:9" in screen_text(pilot)

        module.write_text(good + "\n\ndef three(two: int) -> int:\n    return two\n")
        await pilot.press("f5")
        await until(pilot, lambda: "three" in glyphs(dag_of(pilot)))
        assert problems(pilot) == ""


async def test_yaml_that_breaks_shows_its_place_and_nothing_is_run(
    project: Project, open_app: OpenApp, until: Until, state: Path
) -> None:
    root = project("def one() -> int:\n    return 1\n", "run:\n  final_vars: [one]\n")
    async with open_app(root).run_test(size=LARGE) as pilot:
        await until(pilot, lambda: "one" in glyphs(dag_of(pilot)))

        (root / "conf" / "pipelines" / "job.yml").write_text("name: job\nrun:\n  final_vars: [one\n")
        await pilot.press("f5")
        await until(pilot, lambda: "job.yml:" in problems(pilot))
        assert "one" in glyphs(dag_of(pilot))

        pilot.app.screen.query_one("#problems", Static).update("")
        await pilot.press("r")
        await until(pilot, lambda: "job.yml:" in problems(pilot))
        assert RunStore(state).runs() == []

        (root / "conf" / "pipelines" / "job.yml").write_text("name: job\nrun:\n  max_retries: many\n")
        await pilot.press("r")
        await until(pilot, lambda: "max_retries" in problems(pilot))
        assert RunStore(state).runs() == []


async def test_a_final_var_that_is_no_node_is_told_with_the_nearest_name(
    project: Project, open_app: OpenApp, until: Until
) -> None:
    root = project("def one() -> int:\n    return 1\n", "run:\n  final_vars: [ona]\n")
    async with open_app(root).run_test(size=LARGE) as pilot:
        await until(pilot, lambda: "'ona'" in problems(pilot))
        assert "'one'" in problems(pilot)


async def test_a_folder_may_have_any_name(
    project: Project, open_app: OpenApp, until: Until, screen_text: ScreenText
) -> None:
    # With a slash in it: a folder in a folder.
    folder = 'we [/ird] [red]x[/red] "it\'s" [@click=app.quit]日本[b'
    root = project("def one() -> int:\n    print('done')\n    return 1\n", "run:\n  final_vars: [one]\n", folder=folder)
    async with open_app(root).run_test(size=LARGE) as pilot:
        await until(pilot, lambda: "one" in glyphs(dag_of(pilot)))
        assert root.name in screen_text(pilot)
        await pilot.press("r")
        await until(pilot, lambda: glyphs(dag_of(pilot)).get("one") == "✓")
        await until(pilot, lambda: "✓ job" in screen_text(pilot))


@pytest.mark.parametrize("place", ["project", "dag"])
async def test_where_there_is_nothing_to_run_no_run_is_offered(
    open_app: OpenApp, until: Until, screen_text: ScreenText, tmp_path: Path, place: str
) -> None:
    (tmp_path / "conf").mkdir()
    (tmp_path / "pipelines").mkdir()
    (tmp_path / "conf" / "project.yml").write_text("name: empty\n")
    app = open_app(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.session and app.session.listing is not None and app.session.runs is not None)
        await app.action_go(place)
        await until(pilot, lambda: "q Quit" in screen_text(pilot).splitlines()[-1])
        await until(pilot, lambda: "r Run" not in screen_text(pilot).splitlines()[-1])
        assert "Cancel" not in screen_text(pilot).splitlines()[-1]


async def test_an_empty_folder_becomes_a_project_that_runs(
    tmp_path: Path, open_app: OpenApp, until: Until, screen_text: ScreenText
) -> None:
    folder = tmp_path / "fresh [start]"
    folder.mkdir()
    async with open_app(folder).run_test(size=LARGE) as pilot:
        await until(pilot, lambda: "There is no FlowerPower project here" in screen_text(pilot))
        assert "fresh [start]" in screen_text(pilot)

        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, Workspace))
        await until(pilot, lambda: glyphs(dag_of(pilot)))
        assert (folder / "conf" / "pipelines" / "my_pipeline.yml").is_file()

        await pilot.press("r")
        await until(pilot, lambda: "✓ my_pipeline" in screen_text(pilot))
