"""The place for runs, with runs written by hand: what is listed, what one of them shows, how it is gone through."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any

import msgspec
import pytest
from textual.app import App, ComposeResult
from textual.message import Message
from textual.pilot import Pilot

from flowerpower_tui.graph.model import Graph, Node
from flowerpower_tui.pipeline.failure import Failure, Frame
from flowerpower_tui.pipeline.summary import Column, ValueSummary
from flowerpower_tui.runs.directory import GRAPH, REQUEST, RunDirectory
from flowerpower_tui.runs.events import (
    AnyEvent,
    AttemptFailed,
    AttemptStarted,
    LogEmitted,
    NodeFailed,
    NodeFinished,
    NodeSkipped,
    NodeStarted,
    RunFinished,
    RunStarted,
)
from flowerpower_tui.runs.journal import JournalWriter
from flowerpower_tui.runs.request import RunRequest, StoredConfig, run_id
from flowerpower_tui.tui.app import FlowerPowerApp
from flowerpower_tui.tui.backstage import Backstage
from flowerpower_tui.tui.screens.compare import Compare
from flowerpower_tui.tui.screens.prune import Prune
from flowerpower_tui.tui.screens.runs import Runs
from flowerpower_tui.tui.widgets import run_head, run_list
from flowerpower_tui.tui.widgets.dag_view import DagView
from flowerpower_tui.tui.widgets.log_panel import LogPanel
from flowerpower_tui.tui.widgets.run_head import RunHead
from flowerpower_tui.tui.widgets.run_list import RunList
from flowerpower_tui.tui.widgets.run_pages import RunPages
from flowerpower_tui.tui.widgets.scrubber import Scrubber
from flowerpower_tui.tui.widgets.timeline import TimelinePanel

OpenApp = Callable[[Path], FlowerPowerApp]
Until = Callable[..., Awaitable[None]]
ScreenText = Callable[[Pilot[Any]], str]
Project = Callable[..., Path]
Wrote = Callable[..., RunDirectory]

SMALL, LARGE = (80, 24), (160, 48)
SOURCE = "def load() -> int:\n    return 1\n\n\ndef clean(load: int) -> int:\n    raise ValueError('[no] orders')\n"
TABLE = ValueSummary("pandas.DataFrame", (395, 4), (Column("region", "object", 2),), 2, "region\nNorth")
FAILURE = Failure("ValueError", "[no] orders")


@pytest.fixture(autouse=True)
def cold(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is started here, so no process has to wait for it."""
    monkeypatch.setattr(Backstage, "warm_up", lambda _: None)


@pytest.fixture
def root(project: Project) -> Path:
    """A project with one pipeline, `job`."""
    return project(SOURCE, "run:\n  final_vars: [clean]\n  retry:\n    max_retries: 0\n")


@pytest.fixture
def wrote(asked_for: Callable[..., Path], root: Path) -> Wrote:
    """Writes a run that began some minutes ago: by its events, each with its seconds into the run."""
    graph = Graph(
        tuple(
            Node(name, file=str(root / "pipelines" / "job.py"), line=line) for name, line in (("load", 1), ("clean", 5))
        ),
        (("load", "clean"),),
    )

    def write(minutes: int, events: list[tuple[float, AnyEvent]], pipeline: str = "job", **config: Any) -> RunDirectory:
        begin = datetime.now(UTC) - timedelta(minutes=minutes)
        name = run_id(pipeline, begin.timestamp())
        values = {"pipeline": {"run": {"log_level": "INFO", **config}}}
        origins = {"pipeline.run.log_level": "default"}
        origins |= {f"pipeline.run.{key}": f"{root}/conf/pipelines/job.yml:2:3" for key in config}
        request = RunRequest(str(root), pipeline, {})
        path = asked_for(name, begin, request, graph, StoredConfig(values, origins))
        started = RunStarted(time=begin, run=name, project=str(root), pipeline=pipeline, supervisor=1, worker=2)
        with JournalWriter(path) as journal:
            journal.append(started)
            for seconds, event in events:
                journal.append(msgspec.structs.replace(event, time=begin + timedelta(seconds=seconds)))
        return RunDirectory(path)

    return write


ANY_TIME = datetime(2026, 1, 1, tzinfo=UTC)


def attempt(number: int = 1, of: int = 1) -> AttemptStarted:
    return AttemptStarted(time=ANY_TIME, attempt=number, attempts=of, final_vars=("clean",))


def began(node: str) -> NodeStarted:
    return NodeStarted(time=ANY_TIME, node=node)


def gave(node: str, seconds: float, summary: ValueSummary = TABLE) -> NodeFinished:
    return NodeFinished(time=ANY_TIME, node=node, duration=seconds, summary=summary)


def logged(message: str) -> LogEmitted:
    return LogEmitted(time=ANY_TIME, level="INFO", logger="job", message=message)


def ended(outcome: Any, seconds: float, failure: Failure | None = None) -> RunFinished:
    return RunFinished(time=ANY_TIME, outcome=outcome, duration=seconds, failure=failure)


def good(clean_seconds: float = 2.0) -> list[tuple[float, AnyEvent]]:
    end = 1.5 + clean_seconds
    return [
        (0.0, attempt()),
        (0.5, began("load")),
        (0.6, logged("half of it is loaded")),
        (1.5, gave("load", 1.0)),
        (1.5, began("clean")),
        (1.6, logged("cleaning")),
        (end, gave("clean", clean_seconds)),
        (end, ended("succeeded", end)),
    ]


def bad(root: Path) -> list[tuple[float, AnyEvent]]:
    frames = (
        Frame(str(root / "pipelines" / "job.py"), 6, "clean", "raise ValueError('[no] orders')"),
        Frame("/usr/lib/python3/pandas/core/frame.py", 10, "merge", "return merge("),
    )
    failure = Failure("ValueError", "[no] orders", frames)
    failed = NodeFailed(time=ANY_TIME, node="clean", duration=0.25, failure=failure)
    return [
        (0.0, attempt(1, 2)),
        (0.0, began("load")),
        (1.0, gave("load", 1.0)),
        (1.0, began("clean")),
        (1.25, failed),
        (1.25, NodeSkipped(time=ANY_TIME, node="report", why="it needs 'clean', which failed")),
        (1.25, AttemptFailed(time=ANY_TIME, attempt=1, failure=failure, retry_in=0.75)),
        (2.0, attempt(2, 2)),
        (2.0, began("load")),
        (3.0, gave("load", 1.0)),
        (3.0, began("clean")),
        (3.25, failed),
        (3.25, AttemptFailed(time=ANY_TIME, attempt=2, failure=failure)),
        (3.25, ended("failed", 3.25, failure)),
    ]


def runs_of(pilot: Pilot[Any]) -> RunList:
    return pilot.app.screen.query_one(RunList)


def pages_of(pilot: Pilot[Any]) -> RunPages:
    return pilot.app.screen.query_one(RunPages)


@pytest.fixture
def at_runs(until: Until) -> Callable[..., Awaitable[None]]:
    """Goes to the place for runs, and waits until so many are listed."""

    async def go(pilot: Pilot[Any], count: int) -> None:
        await pilot.press("3")
        await until(pilot, lambda: isinstance(pilot.app.screen, Runs) and len(runs_of(pilot).shown) == count)
        await until(pilot, lambda: pilot.app.screen.query(RunPages) and pages_of(pilot).is_ready)

    return go


async def test_runs_are_listed_with_state_duration_age_and_attempts_and_can_be_copied(
    root: Path, wrote: Wrote, open_app: OpenApp, at_runs: Any, until: Until, screen_text: ScreenText
) -> None:
    newest = wrote(3, good())
    wrote(90, bad(root))
    app = open_app(root)
    async with app.run_test(size=SMALL) as pilot:
        await at_runs(pilot, 2)
        await until(pilot, lambda: "×2" in screen_text(pilot))
        first, second = screen_text(pilot).splitlines()[2:4]
        await pilot.press("y")
        await until(pilot, lambda: app.clipboard == newest.id)
        await pilot.press("Y")
        await until(pilot, lambda: app.clipboard == f"fp-tui rerun {newest.id}")

        assert first.split()[:6] == ["✓", "job", "3.5", "s", "3", "m"]
        assert second.split()[:6] == ["✗", "job", "3.2", "s", "1", "h"]
        assert "×2" in second


class Clock(datetime):
    """A clock that goes on when it is told to."""

    later = timedelta()

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
        return datetime.now(tz) + cls.later


async def test_how_long_ago_a_run_was_stays_true_while_it_is_looked_at_and_at_rest_nothing_is_drawn(
    root: Path,
    wrote: Wrote,
    open_app: OpenApp,
    at_runs: Any,
    until: Until,
    screen_text: ScreenText,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(run_head, "datetime", Clock)
    monkeypatch.setattr(run_list, "datetime", Clock)
    monkeypatch.setattr(Clock, "later", timedelta())
    wrote(60 * 5, good())
    async with open_app(root).run_test(size=LARGE) as pilot:
        await at_runs(pilot, 1)
        await until(pilot, lambda: pages_of(pilot).facts.view.is_over)
        await until(pilot, lambda: screen_text(pilot).count("5 h ago") == 2)
        monkeypatch.setattr(Clock, "later", timedelta(hours=2))
        await until(pilot, lambda: screen_text(pilot).count("7 h ago") == 2)

        runs_of(pilot).tick()
        pages_of(pilot).tick()
        drawn: list[object] = []
        for widget in (runs_of(pilot), pages_of(pilot).query_one(RunHead)):
            monkeypatch.setattr(widget, "refresh", lambda *_, **__: drawn.append(1))
        for _ in range(5):
            runs_of(pilot).tick()
            pages_of(pilot).tick()
        assert not drawn


async def test_rows_are_drawn_anew_once_they_know_their_new_width(
    until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Alone(App[None]):
        def compose(self) -> ComposeResult:
            yield RunList()

    async with Alone().run_test(size=SMALL) as pilot:
        runs = runs_of(pilot)
        await until(pilot, lambda: runs.size.width == 80)
        drawn: list[int] = []
        monkeypatch.setattr(runs, "refresh", lambda *_, **__: drawn.append(runs.size.width))
        await pilot.resize_terminal(60, 16)
        await until(pilot, lambda: 60 in drawn)


async def test_a_filter_works_while_it_is_typed_and_the_cursor_stays_on_its_run(
    root: Path, wrote: Wrote, open_app: OpenApp, at_runs: Any, until: Until, screen_text: ScreenText
) -> None:
    wrote(1, good())
    kept = wrote(2, bad(root))
    wrote(3, good(), "other")
    async with open_app(root).run_test(size=SMALL) as pilot:
        await at_runs(pilot, 3)
        await pilot.press("down", "slash", *"state:fa")
        await until(pilot, lambda: [run.id for run in runs_of(pilot).shown] == [kept.id])
        await pilot.press("enter", "escape")
        await until(pilot, lambda: len(runs_of(pilot).shown) == 3)

        assert runs_of(pilot).run is not None
        assert runs_of(pilot).run.id == kept.id
        # One key leads through the states.
        await pilot.press("f")
        await until(pilot, lambda: "No run is like that" in screen_text(pilot))
        await pilot.press("f")
        await until(pilot, lambda: [run.state for run in runs_of(pilot).shown] == ["failed"])
        await pilot.press("f")
        await until(pilot, lambda: [run.state for run in runs_of(pilot).shown] == ["succeeded"] * 2)


async def test_a_project_without_runs_says_what_to_do(
    root: Path, open_app: OpenApp, at_runs: Any, screen_text: ScreenText
) -> None:
    async with open_app(root).run_test(size=SMALL) as pilot:
        await at_runs(pilot, 0)
        await pilot.pause(0.2)

        assert "Nothing has run in this project yet." in screen_text(pilot)
        assert "press r" in screen_text(pilot)


async def test_every_part_of_a_run_can_be_looked_at(
    root: Path, wrote: Wrote, open_app: OpenApp, at_runs: Any, until: Until, screen_text: ScreenText
) -> None:
    wrote(3, bad(root), executor="threadpool")
    expected = {
        "O": "load started",
        "D": "clean",
        "T": "attempt 2 of 2",
        "A": "tried again after 750 ms",
        "V": "395 × 4",
        "C": "pipeline.run.executor",
        "F": "pipelines/job.py:6",
    }
    async with open_app(root).run_test(size=SMALL) as pilot:
        await at_runs(pilot, 1)
        await pilot.press("enter")
        for key, text in expected.items():
            await pilot.press(key)
            await until(pilot, lambda text=text: text in screen_text(pilot))
        await until(pilot, lambda: "5 │ def clean(load: int) -> int:" in screen_text(pilot))
        shown = screen_text(pilot)

        assert "ValueError: [no] orders" in shown
        assert "6 │     raise ValueError('[no] orders')" in shown
        await pilot.press("escape")
        await until(pilot, lambda: runs_of(pilot).has_focus)


async def test_what_failed_is_offered_only_where_something_did(
    root: Path, wrote: Wrote, open_app: OpenApp, at_runs: Any, until: Until, screen_text: ScreenText
) -> None:
    wrote(3, good())
    wrote(4, bad(root))
    async with open_app(root).run_test(size=LARGE) as pilot:
        await at_runs(pilot, 2)
        await pilot.press("enter")
        await until(pilot, lambda: pages_of(pilot).facts.view.is_over)
        await until(pilot, lambda: "C Config" in screen_text(pilot))
        screen = pilot.app.screen
        assert "F Failure" not in screen_text(pilot)
        assert "F" not in screen.active_bindings
        # The parts are gone through past it.
        await pilot.press("C", "greater_than_sign")
        await until(pilot, lambda: pages_of(pilot).part == "log")

        await pilot.press("escape")
        await until(pilot, lambda: runs_of(pilot).has_focus)
        await pilot.press("down")
        await until(pilot, lambda: "F Failure" in screen_text(pilot))
        assert screen.active_bindings["F"].enabled
        await pilot.press("F")
        await until(pilot, lambda: "ValueError: [no] orders" in screen_text(pilot))


async def test_enter_opens_a_run_that_cannot_be_shown_yet_as_soon_as_it_can(
    root: Path, wrote: Wrote, open_app: OpenApp, until: Until
) -> None:
    wrote(3, good())
    async with open_app(root).run_test(size=SMALL) as pilot:
        # Whatever the keys are asked for before there is a list, none of it means anything.
        app = pilot.app
        assert isinstance(app, FlowerPowerApp)
        await until(pilot, lambda: app.session is not None)
        assert app.session is not None
        unmade = Runs(app.session)
        asked = [unmade.check_action(action, ()) for action in ("again", "cancel", "replay", "prune", "help")]

        await pilot.press("3")
        await until(pilot, lambda: isinstance(app.screen, Runs) and runs_of(pilot).shown)
        pages = app.screen._pages  # type: ignore[attr-defined]
        pages.is_ready = False
        await pilot.press("enter")
        was_open = app.screen.has_class("-open")
        pages.is_ready = True
        pages.post_message(RunPages.Ready())
        await until(pilot, lambda: app.screen.has_class("-open") and pages.run is not None)

        assert asked == [None] * 5
        assert not was_open


async def test_what_the_keys_are_called_fits_into_a_narrow_terminal(
    root: Path, wrote: Wrote, open_app: OpenApp, at_runs: Any, until: Until, screen_text: ScreenText
) -> None:
    wrote(3, bad(root))
    async with open_app(root).run_test(size=SMALL) as pilot:
        await at_runs(pilot, 1)
        await until(pilot, lambda: "⏎ Open  m Compare  / Filter  r Again" in screen_text(pilot).splitlines()[-1])
        await pilot.press("enter")
        for key, own in {"O": "end Follow", "D": "f Focus", "C": "x Defaults", "F": "e Edit"}.items():
            await pilot.press(key)
            await until(pilot, lambda own=own: own in screen_text(pilot).splitlines()[-1])
            await until(pilot, lambda: "s Replay  ? Help  q Quit" in screen_text(pilot).splitlines()[-1])
            assert "esc Back" in screen_text(pilot).splitlines()[-1]


async def test_the_dag_of_a_run_can_be_searched_and_run_again_up_to_a_node(
    root: Path, wrote: Wrote, open_app: OpenApp, at_runs: Any, until: Until, screen_text: ScreenText
) -> None:
    wrote(3, good())
    async with open_app(root).run_test(size=SMALL) as pilot:
        app = pilot.app
        assert isinstance(app, FlowerPowerApp)
        await at_runs(pilot, 1)
        asked: list[RunRequest] = []
        assert app.session is not None
        app.session.launches.start = asked.append  # type: ignore[method-assign,assignment]
        await pilot.press("enter", "D")
        await until(pilot, lambda: "f Focus" in screen_text(pilot))
        await pilot.press("slash", *"cle", "enter")
        await until(pilot, lambda: "/cle  1 of 1" in screen_text(pilot))
        await pilot.press("R")
        await until(pilot, lambda: asked)

        assert [request.overrides for request in asked] == [{"run": {"final_vars": ["clean"]}}]
        assert asked[0].pipeline == "job"


async def test_the_timeline_marks_the_critical_path_and_names_what_was_skipped(
    root: Path, wrote: Wrote, open_app: OpenApp, at_runs: Any, until: Until, screen_text: ScreenText
) -> None:
    wrote(3, bad(root))
    async with open_app(root).run_test(size=LARGE) as pilot:
        await at_runs(pilot, 1)
        await pilot.press("enter", "T")
        await until(pilot, lambda: "attempt 1 of 2" in screen_text(pilot))
        shown = screen_text(pilot)

        assert shown.count("◆") == 2  # of two attempts only the last has a path
        assert "skipped: it needs 'clean', which failed" in shown
        assert "again after 750 ms" in shown
        # It zooms on what the cursor is on, here the clean node of the first attempt.
        rows = pages_of(pilot).query_one(TimelinePanel).rows
        whole = rows.window
        assert whole is not None
        await pilot.press("down", "down", "plus", "plus")
        near = rows.window
        assert near is not None
        assert near.per_cell == whole.per_cell / 4
        assert near.start <= 1.0 <= near.end
        await pilot.press("right")
        assert rows.window is not None
        assert rows.window.start > near.start
        await pilot.press("0")
        assert rows.window == whole


async def test_a_node_is_the_same_one_in_every_part(
    root: Path, wrote: Wrote, open_app: OpenApp, at_runs: Any, until: Until, screen_text: ScreenText
) -> None:
    wrote(3, good())
    async with open_app(root).run_test(size=LARGE) as pilot:
        await at_runs(pilot, 1)
        await pilot.press("enter", "T")
        rows = pages_of(pilot).query_one(TimelinePanel).rows
        await until(pilot, lambda: len(rows.rows) == 2)
        await pilot.press("down")
        await until(pilot, lambda: rows.node == "clean")
        await pilot.press("D")
        dag = pages_of(pilot).query_one(DagView)
        await until(pilot, lambda: dag.cursor == "clean")
        await pilot.press("o")
        log = pages_of(pilot).query_one(LogPanel)
        await until(pilot, lambda: {line.node for line in log.view.lines} == {"clean"})
        await pilot.press("V", "enter")
        await until(pilot, lambda: "pipelines/job.py:5" in screen_text(pilot))


async def test_a_failure_leads_to_its_line_and_to_an_editor_there(
    root: Path,
    wrote: Wrote,
    open_app: OpenApp,
    at_runs: Any,
    until: Until,
    screen_text: ScreenText,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    opened: list[tuple[Path, int]] = []
    monkeypatch.setattr("flowerpower_tui.tui.widgets.run_pages.edit", lambda _, path, line: opened.append((path, line)))
    wrote(3, bad(root))
    async with open_app(root).run_test(size=SMALL) as pilot:
        await at_runs(pilot, 1)
        await pilot.press("enter", "F")
        await until(pilot, lambda: "pipelines/job.py:6" in screen_text(pilot))
        await pilot.press("enter")
        await until(pilot, lambda: "def clean(load: int) -> int:" in screen_text(pilot))
        await pilot.press("escape")
        await until(pilot, lambda: "ValueError: [no] orders" in screen_text(pilot))
        await pilot.press("E")
        await until(pilot, lambda: opened)

        assert opened == [(root / "pipelines" / "job.py", 6)]


async def test_a_replay_shows_dag_timeline_and_log_as_they_were(
    root: Path, wrote: Wrote, open_app: OpenApp, at_runs: Any, until: Until, screen_text: ScreenText
) -> None:
    wrote(3, good())
    async with open_app(root).run_test(size=LARGE) as pilot:
        await at_runs(pilot, 1)
        await pilot.press("enter", "D")
        log = pages_of(pilot).query_one(LogPanel)
        await until(pilot, lambda: log.view.lines and log.view.lines[-1].text.startswith("succeeded"))
        await pilot.press("s")
        scrubber = pages_of(pilot).query_one(Scrubber)
        await until(pilot, lambda: scrubber.has_focus and scrubber.replay is not None)
        assert scrubber.count == 7

        await pilot.press("home", "right", "right")
        await until(pilot, lambda: pages_of(pilot).view.node("load").state == "running")
        assert [line.text for line in log.view.lines] == ["run of job started", "load started"]
        assert pages_of(pilot).view.node("clean").state == "waiting"
        assert "▶ running  job  as it was then" in screen_text(pilot)

        await pilot.press("shift+right")
        await until(pilot, lambda: pages_of(pilot).view.node("clean").state == "running")
        assert "half of it is loaded" in [line.text for line in log.view.lines]
        assert "cleaning" not in [line.text for line in log.view.lines]
        await pilot.press("T")
        await until(pilot, lambda: pages_of(pilot).query_one(TimelinePanel).rows.moment == 1.5)

        await pilot.press("end")
        await until(pilot, lambda: log.view.lines[-1].text.startswith("succeeded"))
        await pilot.press("escape")
        await until(pilot, lambda: not scrubber.display)


async def test_a_replay_plays_from_the_beginning_to_its_end(
    root: Path, wrote: Wrote, open_app: OpenApp, at_runs: Any, until: Until
) -> None:
    moments: list[float] = []

    def note(message: Message) -> None:
        if isinstance(message, Scrubber.Moved):
            moments.append(message.seconds)

    wrote(3, good())
    async with open_app(root).run_test(size=SMALL, message_hook=note) as pilot:
        await at_runs(pilot, 1)
        await pilot.press("enter")
        await until(pilot, lambda: pages_of(pilot).facts.view.is_over)
        await pilot.press("s")
        scrubber = pages_of(pilot).query_one(Scrubber)
        await until(pilot, lambda: scrubber.has_focus)
        await pilot.press("x", "x", "space")
        await until(pilot, lambda: scrubber.count == 7 and not scrubber.playing)

        assert scrubber.speed == 16
        assert moments == sorted(moments)
        assert (moments[0], moments[-1]) == (0.0, 3.5)


async def test_two_runs_are_compared(
    root: Path, wrote: Wrote, open_app: OpenApp, at_runs: Any, until: Until, screen_text: ScreenText
) -> None:
    before, after = wrote(1, good(4.0), executor="threadpool"), wrote(9, good(2.0))
    async with open_app(root).run_test(size=LARGE) as pilot:
        await at_runs(pilot, 2)
        await pilot.press("m")
        await until(pilot, lambda: "● marked" in screen_text(pilot))
        await pilot.press("down", "m")
        await until(pilot, lambda: isinstance(pilot.app.screen, Compare))
        await until(pilot, lambda: "×2.00" in screen_text(pilot))
        shown = screen_text(pilot)

        assert "pipeline.run.executor" in shown
        assert "not set → threadpool" in shown
        await pilot.press("Y")
        (told,) = (toast.message for toast in pilot.app._notifications if toast.title == "Copied")
        assert set(told.split()) == {"fp-tui", "compare", before.id, after.id}
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(pilot.app.screen, Runs))


async def test_a_run_that_has_ended_says_so_when_it_is_asked_to_end(
    root: Path, wrote: Wrote, open_app: OpenApp, at_runs: Any
) -> None:
    wrote(1, good())
    async with open_app(root).run_test(size=SMALL) as pilot:
        await at_runs(pilot, 1)
        await pilot.press("c")
        assert [toast.message for toast in pilot.app._notifications] == ["This run has ended."]


async def test_old_runs_go_only_when_that_was_confirmed(
    root: Path, wrote: Wrote, open_app: OpenApp, at_runs: Any, until: Until, screen_text: ScreenText
) -> None:
    kept = wrote(1, good())
    gone = wrote(2, good())
    async with open_app(root).run_test(size=SMALL) as pilot:
        await at_runs(pilot, 2)
        await pilot.press("p")
        await until(pilot, lambda: isinstance(pilot.app.screen, Prune))
        await until(pilot, lambda: "Nothing would go" in screen_text(pilot))
        await pilot.press(*["backspace"] * 4, "1")
        await until(pilot, lambda: "1 of 2 runs would go" in screen_text(pilot))
        assert gone.path.exists()
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, Runs) and len(runs_of(pilot).shown) == 1)

        assert kept.path.exists()
        assert not gone.path.exists()


async def test_a_broken_run_is_told_of_in_place(
    root: Path, wrote: Wrote, open_app: OpenApp, at_runs: Any, until: Until, screen_text: ScreenText
) -> None:
    run = wrote(1, good())
    (run.path / REQUEST).write_text("{ not json")
    (run.path / GRAPH).write_text("nor this")
    async with open_app(root).run_test(size=SMALL) as pilot:
        await at_runs(pilot, 1)
        await pilot.press("enter", "C")
        await until(pilot, lambda: "its request.json is missing" in screen_text(pilot))
        await pilot.press("D")
        await until(pilot, lambda: "its graph.json is missing" in screen_text(pilot))
        await pilot.press("T")
        await until(pilot, lambda: "2.0 s" in screen_text(pilot))
