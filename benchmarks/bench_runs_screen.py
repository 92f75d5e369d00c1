"""How long the runs screen takes to open with a thousand runs in the store, and how long a step in a long replay takes.

In Textual's pilot: from the key to the moment when the rows are laid out, without the terminal. Aim: under 200 ms.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flowerpower_tui.pipeline.summary import ValueSummary
from flowerpower_tui.runs.events import AnyEvent, AttemptStarted, NodeFinished, NodeStarted, RunFinished, RunStarted
from flowerpower_tui.runs.journal import JournalWriter
from flowerpower_tui.runs.replay import Replay
from flowerpower_tui.runs.request import run_id
from flowerpower_tui.runs.timeline import Timeline
from flowerpower_tui.tui.app import FlowerPowerApp
from flowerpower_tui.tui.screens.runs import Runs
from flowerpower_tui.tui.widgets.run_list import RunList

RUNS = 1_000
ROUNDS = 5
EVENTS = 100_000
SIZES = ((80, 24), (160, 48))


def nodes_run(count: int, begin: datetime) -> list[AnyEvent]:
    """Return the events of so many nodes, one after the other."""
    events: list[AnyEvent] = []
    for number in range(count):
        at = begin + timedelta(milliseconds=number)
        name = f"node_{number % 60}"
        events.append(NodeStarted(time=at, node=name))
        events.append(NodeFinished(time=at, node=name, duration=0.001, summary=ValueSummary("int")))
    return events


def make_runs(state: Path, root: Path) -> None:
    """Write runs of a few pipelines and outcomes."""
    newest = datetime.now(UTC)
    for number in range(RUNS):
        began = newest - timedelta(minutes=number)
        pipeline = ("sales", "stock", "weekly_report")[number % 3]
        name = run_id(pipeline, began.timestamp())
        folder = state / "runs" / name
        folder.mkdir(parents=True)
        with JournalWriter(folder) as journal:
            journal.append(
                RunStarted(time=began, run=name, project=str(root), pipeline=pipeline, supervisor=1, worker=2)
            )
            journal.append(AttemptStarted(time=began, attempt=1, attempts=1))
            for event in nodes_run(20, began):
                journal.append(event)
            outcome = "failed" if number % 7 == 0 else "succeeded"
            journal.append(RunFinished(time=began + timedelta(seconds=4), outcome=outcome, duration=4.0))


async def opening(root: Path, size: tuple[int, int]) -> tuple[float, float, float]:
    """Seconds from the key to the runs: when the place is gone to first, of a processor, and when one comes back."""
    app = FlowerPowerApp(root)
    app.animation_level = "none"
    async with app.run_test(size=size) as pilot:
        while app.session is None or app.session.runs is None:
            await pilot.pause(0.05)
        await pilot.pause(1.0)
        times = []
        for _ in range(2):
            began, worked = time.perf_counter(), time.process_time()
            await app.run_action("go('runs')")
            while not (isinstance(app.screen, Runs) and app.screen.query(RunList) and _shows(app.screen)):
                await asyncio.sleep(0)
            times += [time.perf_counter() - began, time.process_time() - worked]
            await pilot.pause(0.3)
            await app.run_action("go('project')")
            await pilot.pause(0.3)
        if app.session is not None:
            app.session.close()
        return times[0], times[1], times[2]


def _shows(screen: Runs) -> bool:
    runs = screen.query_one(RunList)
    return len(runs.shown) == RUNS and bool(runs.size.height) and bool(runs.render_line(0).text.strip())


def bench_replay() -> None:
    """Print what it costs to make a long run ready, and to go to any moment of it."""
    begin = datetime.now(UTC)
    events: list[AnyEvent] = [
        RunStarted(time=begin, run="x", project="/p", pipeline="p", supervisor=1, worker=2),
        AttemptStarted(time=begin, attempt=1, attempts=1),
        *nodes_run(EVENTS // 2, begin),
    ]
    started = time.perf_counter()
    replay = Replay(events)
    ready = time.perf_counter() - started
    steps = []
    for number in range(200):
        started = time.perf_counter()
        replay.view(number * 7919 % len(replay))
        steps.append(time.perf_counter() - started)
    started = time.perf_counter()
    Timeline.of(events)
    print(
        f"replay of {len(events):,} events: ready in {ready * 1000:.0f} ms, any moment in "
        f"{statistics.median(steps) * 1000:.1f} ms (worst {max(steps) * 1000:.1f}); "
        f"its timeline in {(time.perf_counter() - started) * 1000:.0f} ms"
    )


def main() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as folder:
        root, state = Path(folder, "project").resolve(), Path(folder, "state")
        (root / "conf" / "pipelines").mkdir(parents=True)
        (root / "pipelines").mkdir()
        (root / "conf" / "project.yml").write_text("name: bench\n")
        os.environ["FP_TUI_STATE_DIR"] = str(state)
        make_runs(state, root)
        for size in SIZES:
            times = [asyncio.run(opening(root, size)) for _ in range(ROUNDS)]
            first, work, again = (statistics.median(each) * 1000 for each in zip(*times, strict=True))
            print(
                f"{RUNS:,} runs at {size[0]}×{size[1]}: open in {first:.0f} ms (best {min(times)[0] * 1000:.0f}; "
                f"{work:.0f} of a processor), {again:.0f} ms when one comes back"
            )
    bench_replay()


if __name__ == "__main__":
    main()
