"""What the interface's process imports when a project is opened, looked at and run: nothing of the user's."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from flowerpower_tui.runs.store import RunStore

PROGRAM = """
import asyncio, json, sys, time
from pathlib import Path

from flowerpower_tui.runs.store import RunStore
from flowerpower_tui.tui.app import FlowerPowerApp
from flowerpower_tui.tui.widgets.dag_view import DagView
from flowerpower_tui.tui.widgets.log_view import LogView

async def main(root):
    async with FlowerPowerApp(root).run_test(size=(160, 48)) as pilot:
        async def until(condition):
            deadline = time.monotonic() + 60
            while not condition():
                assert time.monotonic() < deadline
                await pilot.pause(0.05)

        screen = pilot.app.screen
        await until(lambda: screen.query_one(DagView).graph is not None)
        await pilot.press("r")
        await until(lambda: any(run.is_over for run in RunStore().runs()))
        await until(lambda: screen.query_one(LogView).lines[-1].text.startswith(("succeeded", "failed")))
    return {name: getattr(module, "__file__", None) for name, module in sys.modules.items()}

print(json.dumps(asyncio.run(main(Path(sys.argv[1])))))
"""

FOREIGN = {"hamilton", "pandas", "numpy", "flowerpower", "pipelines", "sales_etl", "s3fs", "fsspec", "loguru"}


def test_looking_at_a_project_and_running_it_imports_neither_hamilton_nor_user_code(
    example: Callable[..., Path], state: Path
) -> None:
    root = example("sales-etl")
    config = root / "conf" / "pipelines" / "sales_etl.yml"
    config.write_text(config.read_text().replace("seconds_per_month: 0.3", "seconds_per_month: 0"))

    ended = subprocess.run(
        [sys.executable, "-P", "-c", PROGRAM, str(root)], capture_output=True, text=True, timeout=100
    )

    assert ended.returncode == 0, ended.stderr
    assert [run.state for run in RunStore(state).runs()] == ["succeeded"]
    modules: dict[str, str | None] = json.loads(ended.stdout)
    print(f"{len(modules)} modules")
    assert {name for name in modules if name.partition(".")[0] in FOREIGN} == set()
    assert {file for file in modules.values() if file and Path(file).is_relative_to(root)} == set()


def modules_after(program: str) -> set[str]:
    """What a fresh interpreter has imported when it has done this."""
    program += "\nimport json, sys\nprint(json.dumps(sorted(sys.modules)))"
    ended = subprocess.run([sys.executable, "-P", "-c", program], capture_output=True, text=True, timeout=100)
    assert ended.returncode == 0, ended.stderr
    return set(json.loads(ended.stdout))


def test_the_first_frame_waits_for_nothing_that_fills_the_places() -> None:
    loaded = modules_after("import flowerpower_tui.tui.app, flowerpower_tui.tui.screens.first_frame")
    ours = {name.removeprefix("flowerpower_tui.") for name in loaded if name.startswith("flowerpower_tui.")}
    assert "tui.screens.first_frame" in ours
    assert {name for name in ours if name.startswith(("graph", "runs", "config.layers", "yamldoc", "assist"))} == set()
    assert not ours & {"tui.session", "tui.screens.place", "tui.screens.workspace", "tui.notices", "tui.palette"}
    assert not loaded & {"yaml", "pygments.lexers", "tree_sitter", "watchfiles"}


def test_opening_a_project_does_not_wait_for_what_commands_there_are() -> None:
    loaded = modules_after("from flowerpower_tui.cli import main\nmain._read(['examples/sales-etl'])")
    ours = {name.removeprefix("flowerpower_tui.cli.") for name in loaded if name.startswith("flowerpower_tui.cli.")}
    assert ours == {"completion", "console", "main", "parser", "place"}
