"""Pipelines of a project, run by the real worker."""

from __future__ import annotations

import os
import resource
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from flowerpower_tui.errors import ConfigError, PipelineNotFoundError
from flowerpower_tui.runs.directory import REQUEST, RunDirectory
from flowerpower_tui.runs.events import AnyEvent, AttemptStarted, NodeFinished, NodeSkipped, RunFinished
from flowerpower_tui.runs.journal import follow
from flowerpower_tui.runs.launcher import start
from flowerpower_tui.runs.lines import LineReader
from flowerpower_tui.runs.request import RunRequest
from flowerpower_tui.runs.seedbed import Seedbed
from flowerpower_tui.runs.store import RunStore
from flowerpower_tui.runs.view import RunView

Run = Callable[..., tuple[RunDirectory, list[AnyEvent]]]


@pytest.fixture
def run(warm: Seedbed, project: Path) -> Run:
    """Runs the pipeline to its end."""

    def run_pipeline(overrides: Mapping[str, Any] | None = None) -> tuple[RunDirectory, list[AnyEvent]]:
        started = start(RunRequest(str(project), "etl", overrides or {}), warm=warm.own)
        return started, list(follow(started))

    return run_pipeline


def end(events: list[AnyEvent]) -> RunFinished:
    assert isinstance(events[-1], RunFinished)
    return events[-1]


def test_a_pipeline_runs_and_tells(project: Path, run: Run) -> None:
    started, events = run()

    view = RunView.of(events)
    assert (view.state, view.pipeline, view.final_vars) == ("succeeded", "etl", ("total",))
    assert {name: node.state for name, node in view.nodes.items()} == {"orders": "succeeded", "total": "succeeded"}
    lines = [(line.node, line.text) for line in LineReader(started).read()[1]]
    assert ("", "printed at import") in lines
    assert ("total", "adding up") in lines
    assert any("logged at import" in text for _, text in lines)


def test_the_graph_is_there_before_the_first_attempt(project: Path) -> None:
    started = start(RunRequest(str(project), "etl"))

    for event in follow(started):
        if isinstance(event, AttemptStarted):
            graph = started.graph()
            assert graph is not None
            assert set(graph.edges) == {("path", "orders"), ("orders", "total")}
            break
    else:
        pytest.fail("no attempt")
    list(follow(started))


def test_overrides_reach_the_worker(project: Path, run: Run) -> None:
    _, events = run({"run": {"final_vars": ["orders"]}})

    assert [event.node for event in events if isinstance(event, NodeFinished)] == ["orders"]


def test_relative_paths_mean_the_project(project: Path, run: Run) -> None:
    (project / "data.txt").write_text("12")
    (project / "pipelines" / "etl.py").write_text("def total() -> str: return open('data.txt').read()\n")

    _, events = run()

    assert end(events).outcome == "succeeded"


def test_a_failing_node_fails_the_run_and_skips_what_needs_it(project: Path, run: Run) -> None:
    module = "def orders(path: str) -> int: raise ValueError('no')\ndef total(orders: int) -> int: return 1\n"
    (project / "pipelines" / "etl.py").write_text(module)

    _, events = run({"run": {"retry": {"max_retries": 0}}})

    failure = end(events).failure
    assert (end(events).outcome, end(events).exit_code) == ("failed", 1)
    assert failure is not None
    assert (failure.type, failure.user_error) == ("ValueError", False)
    assert failure.frames[0].file == str(project / "pipelines" / "etl.py")
    assert [event.node for event in events if isinstance(event, NodeSkipped)] == ["total"]


def test_a_module_with_a_syntax_error_is_a_mistake_in_input(project: Path, run: Run) -> None:
    (project / "pipelines" / "etl.py").write_text("def total(:\n")

    _, events = run()

    failure = end(events).failure
    assert failure is not None
    assert failure.user_error
    assert f"{project / 'pipelines' / 'etl.py'}:1" in failure.location


def test_a_broken_configuration_is_not_started(project: Path, state: Path) -> None:
    (project / "conf" / "pipelines" / "etl.yml").write_text("run:\n  final_vars: [total\n")

    with pytest.raises(ConfigError):
        start(RunRequest(str(project), "etl"))
    with pytest.raises(PipelineNotFoundError):
        start(RunRequest(str(project), "elt"))
    assert RunStore(state).runs() == []


def test_the_record_has_the_effective_configuration_without_secrets(project: Path, run: Run) -> None:
    (project / "conf" / "pipelines" / "etl.yml").write_text(
        "params:\n  api_key: hunter2\nrun:\n  final_vars: [total]\n  inputs: {path: x}\n"
    )

    started, _ = run()

    record = started.record()
    assert record.config is not None
    assert record.config.values["pipeline"]["run"]["final_vars"] == ["total"]
    assert record.config.origins["pipeline.run.final_vars"].endswith("etl.yml:4:15")
    assert b"hunter2" not in (started.path / REQUEST).read_bytes()
    assert {"python", "flowerpower-tui", "apache-hamilton"} <= set(record.versions)


def test_runs_are_found_by_any_path_to_their_project(project: Path, state: Path, tmp_path: Path, run: Run) -> None:
    started, _ = run()
    (tmp_path / "link").symlink_to(project)

    assert [info.id for info in RunStore(state).runs(str(tmp_path / "link"))] == [started.id]
    assert RunStore(state).runs(str(tmp_path)) == []


@pytest.fixture
def small_files() -> Iterator[None]:
    """Files of this process and its children cannot grow beyond a megabyte."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.usefixtures("small_files")
def test_a_run_that_cannot_be_recorded_any_more_ends_and_says_so(project: Path) -> None:
    module = "import os\ndef total() -> int:\n    while True: os.write(1, b'x' * 100_000)\n"
    (project / "pipelines" / "etl.py").write_text(module)

    # A process in waiting has limits of its own.
    events = list(follow(start(RunRequest(str(project), "etl"))))

    failure = end(events).failure
    assert end(events).outcome == "crashed"
    assert failure is not None
    assert "could not be recorded" in failure.message
    assert os.strerror(27) in failure.message
