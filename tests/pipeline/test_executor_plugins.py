"""An installed package can bring an executor of its own."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from flowerpower_tui.config import known
from flowerpower_tui.errors import ConfigError
from flowerpower_tui.pipeline.runner import PipelineRunner

MakeProject = Callable[..., Path]

PLUGIN = """
from flowerpower_tui.pipeline.engine.executors import InTurn

asked = []


def make(config, recipe):
    asked.append(config.type)
    return InTurn()
"""
CONF = """
    run:
      final_vars: [answer]
      executor: {type: TYPE}
      retry: {max_retries: 0}
"""


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A package with two entry points, as an installer leaves it."""
    site = tmp_path / "site"
    info = site / "slow_lane-1.0.dist-info"
    info.mkdir(parents=True)
    (site / "slow_lane.py").write_text(PLUGIN)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: slow-lane\nVersion: 1.0\n")
    points = "slowlane = slow_lane:make\nbroken_lane = slow_lane:nothing_here\n"
    (info / "entry_points.txt").write_text(f"[{known.EXECUTOR_PLUGINS}]\n{points}")
    monkeypatch.syspath_prepend(str(site))
    known.installed_executors.cache_clear()
    yield
    known.installed_executors.cache_clear()
    sys.modules.pop("slow_lane", None)


def run(make_project: MakeProject, kind: str) -> dict[str, object]:
    root = make_project(
        {"pipelines/main.py": "def answer() -> int:\n    return 42\n"}, {"main": CONF.replace("TYPE", kind)}
    )
    return PipelineRunner(root, "main").run()


@pytest.mark.usefixtures("installed")
def test_a_plugins_executor_executes_the_nodes(make_project: MakeProject) -> None:
    assert run(make_project, "slowlane") == {"answer": 42}
    assert sys.modules["slow_lane"].asked == ["slowlane"]


@pytest.mark.usefixtures("installed")
def test_a_plugin_that_cannot_be_loaded_is_named(make_project: MakeProject) -> None:
    with pytest.raises(ConfigError, match="'broken_lane' cannot be loaded from slow_lane:nothing_here"):
        run(make_project, "broken_lane")


@pytest.mark.usefixtures("installed")
def test_a_misspelt_plugin_is_told_the_nearest(make_project: MakeProject) -> None:
    with pytest.raises(ConfigError, match="slowlane"):
        run(make_project, "slowlame")


def test_one_that_only_another_interpreter_has_is_told_where_it_is_used(make_project: MakeProject) -> None:
    known.ask_elsewhere(lambda: known.Elsewhere(("zzz",), "/other/python -m pip install"))
    with pytest.raises(ConfigError, match=r"There is no executor 'zzz'") as caught:
        run(make_project, "zzz")
    assert f"{sys.executable} -m pip install PACKAGE" in str(caught.value)


def test_an_executor_that_nobody_has_is_told_with_where_to_install_it(make_project: MakeProject) -> None:
    with pytest.raises(ConfigError) as caught:
        run(make_project, "zzz")
    assert f"{sys.executable} -m pip install PACKAGE" in str(caught.value)
