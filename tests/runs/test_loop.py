"""The loop: a save is seen, what is stale is told with its reason and runs, and the results are compared."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TypeVar, cast

import pytest

from flowerpower_tui.runs.events import NodeFinished, NodeStarted
from flowerpower_tui.runs.inspect import inspect
from flowerpower_tui.runs.launcher import start
from flowerpower_tui.runs.loop import Begun, Ended, Happening, Loop, Seen, Told
from flowerpower_tui.runs.seedbed import Seedbed

H = TypeVar("H", bound=Happening)

MODULE = """
import time
STEP = 1
def _helper(x): return x + STEP
def orders(path: str) -> int: return len(path)
def total(orders: int) -> list: return [_helper(orders)]
"""


class Driven:
    """A loop that is driven to the next happening that counts."""

    def __init__(self, loop: Loop) -> None:
        self.ends = 0
        self.seen: list[Happening] = []
        self._happenings = loop.happenings(lambda: self.ends)

    def until(self, kind: type[H], so: Callable[[H], object] = lambda _: True) -> H:
        for happening in self._happenings:
            self.seen.append(happening)
            if isinstance(happening, kind) and so(happening):
                return happening
        raise AssertionError(f"it ended before {kind.__name__}")

    def rest(self) -> list[Happening]:
        return list(self._happenings)


class Shared:
    """The process in waiting that all tests share, for one project."""

    def __init__(self, project: Path, warm: Seedbed) -> None:
        self.start = partial(start, warm=warm.own)
        self.inspect = partial(inspect, project, ask=warm.look)


Drive = Callable[..., Driven]


@pytest.fixture
def drive(project: Path, state: Path, warm: Seedbed) -> Iterator[Drive]:
    (project / "pipelines/etl.py").write_text(MODULE)
    driven: list[Driven] = []

    def begin(**options: str) -> Driven:
        one = Driven(Loop(project, "etl", cast(Seedbed, Shared(project, warm)), **options))  # type: ignore[arg-type]
        driven.append(one)
        return one

    yield begin
    for one in driven:
        one.ends = 1
        one.rest()


def save(project: Path, old: str, new: str) -> None:
    module = project / "pipelines/etl.py"
    assert old in module.read_text()
    module.write_text(module.read_text().replace(old, new))


def reused(driven: Driven) -> dict[str, bool]:
    events = [happening.event for happening in driven.seen if isinstance(happening, Told)]
    return {event.node: event.reused for event in events if isinstance(event, NodeFinished)}


def test_a_save_runs_what_it_made_stale_and_compares(project: Path, drive: Drive) -> None:
    loop = drive()
    assert loop.until(Seen).picture.stale == {"orders": "never run", "total": "never run"}
    assert (loop.until(Ended).outcome, loop.seen[-1].stale) == ("succeeded", {})  # type: ignore[union-attr]

    loop.seen.clear()
    save(project, "STEP = 1", "STEP = 2")
    seen = loop.until(Seen)
    assert seen.changes.modules == (str(project / "pipelines/etl.py"),)
    assert (seen.picture.changed, seen.picture.stale) == ({"total": "constant STEP changed"},) * 2
    ended = loop.until(Ended)
    assert reused(loop) == {"orders": True, "total": False}
    assert ended.comparison is not None
    changes = {node.node: node.result_changes for node in ended.comparison.nodes if node.result_changes}
    assert [(change.path, change.left, change.right) for change in changes["total"]] == [("head", "[2]", "[3]")]


def test_what_is_broken_does_not_run_and_runs_when_it_is_mended(project: Path, drive: Drive) -> None:
    loop = drive()
    loop.until(Ended)
    loop.seen.clear()
    save(project, "STEP = 1", "STEP = (")
    broken = loop.until(Seen)
    assert (broken.picture.is_broken, broken.mended) == (True, False)
    save(project, "STEP = (", "STEP = 3")
    assert loop.until(Seen).mended
    assert loop.until(Ended).outcome == "succeeded"
    assert len([one for one in loop.seen if isinstance(one, Begun)]) == 1


def test_a_comment_runs_nothing_and_neither_does_a_check(project: Path, drive: Drive) -> None:
    loop = drive(on_change="check")
    assert loop.until(Seen).picture.stale
    save(project, "STEP = 1", "STEP = 1  # by experience")
    assert loop.until(Seen).picture.changed == {}
    assert not [one for one in loop.seen if not isinstance(one, Seen)]


@pytest.mark.parametrize(
    ("while_running", "outcomes"), [("restart", ["cancelled", "succeeded"]), ("queue", ["succeeded"] * 2)]
)
def test_a_save_during_a_run_cancels_it_or_waits(
    project: Path, drive: Drive, while_running: str, outcomes: list[str]
) -> None:
    wait = "while not __import__('os').path.exists('go'): time.sleep(0.01)"
    save(project, "def _helper(x): return", f"def _helper(x):\n    {wait}\n    return")
    loop = drive(while_running=while_running)
    loop.until(Told, lambda told: isinstance(told.event, NodeStarted) and told.event.node == "total")
    save(project, "STEP = 1", "STEP = 2")
    loop.until(Seen)
    if while_running == "queue":
        (project / "go").touch()
    first = loop.until(Ended)
    (project / "go").touch()
    second = loop.until(Ended)

    assert [first.outcome, second.outcome] == outcomes
    assert second.stale == {}


def test_the_end_of_the_loop_is_the_end_of_its_run(project: Path, drive: Drive) -> None:
    save(project, "return len(path)", "time.sleep(60)")
    loop = drive()
    loop.until(Told, lambda told: isinstance(told.event, NodeStarted))
    loop.ends = 1
    ended = loop.rest()[-1]

    assert isinstance(ended, Ended)
    assert ended.outcome == "cancelled"


def test_everything_runs_if_that_is_asked_for(project: Path, drive: Drive) -> None:
    loop = drive(on_change="run")
    loop.until(Ended)
    loop.seen.clear()
    save(project, "STEP = 1", "STEP = 1  # by experience")
    loop.until(Ended)
    assert reused(loop) == {"orders": False, "total": False}


def test_a_mistake_in_the_configuration_is_told_and_nothing_runs(project: Path, drive: Drive) -> None:
    loop = drive()
    loop.until(Ended)
    loop.seen.clear()
    (project / "conf/pipelines/etl.yml").write_text("run: {retry: {max_retries: many}}\n")

    assert "max_retries" in str(loop.until(Seen).picture.problems[0])
    assert not [one for one in loop.seen if isinstance(one, Begun)]
