"""How quickly a run starts, how much a run may say, and how long a thousand runs take to list.

A start is timed from the call to the first `NodeStarted` that a reader of the journal finds; each warm one has a cold
one and a bare `import hamilton.driver` beside it, so that a busy machine slows all of them. Aim: warm within 150 ms.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flowerpower_tui.runs.directory import RunDirectory
from flowerpower_tui.runs.events import LogEmitted, NodeStarted, OutputWritten, RunFinished, RunStarted
from flowerpower_tui.runs.journal import JournalReader, JournalWriter, follow
from flowerpower_tui.runs.launcher import start
from flowerpower_tui.runs.request import RunRequest, run_id
from flowerpower_tui.runs.seedbed import Seedbed
from flowerpower_tui.runs.store import RunStore

ROUNDS = 7
EVENTS = 20_000
LINES = 200_000
CHILD_LINES = 1_000_000
RUNS = 1_000
NODE = "def hello() -> int:\n    "
PIPELINES = {
    "hello": f"{NODE}return 1\n",
    "wide": "\n".join(f"def n{number}(start: int) -> int:\n    return start + {number}\n" for number in range(60)),
    "events": f"import logging\n{NODE}for n in range({EVENTS}): logging.warning('record %d', n)\n    return 1\n",
    "lines": f"{NODE}for n in range({LINES}): print('line', n, 'x' * 60)\n    return 1\n",
    "child": f"import subprocess\n{NODE}return subprocess.run(['seq', '{CHILD_LINES}']).returncode\n",
}


def make_project(root: Path) -> None:
    """Write a project with the pipelines above."""
    (root / "conf/pipelines").mkdir(parents=True)
    (root / "pipelines").mkdir()
    (root / "conf/project.yml").write_text("name: bench\n")
    for name, text in PIPELINES.items():
        (root / f"pipelines/{name}.py").write_text(text)
        inputs = "\n  inputs: {start: 1}" if name == "wide" else ""
        (root / f"conf/pipelines/{name}.yml").write_text(f"run:\n  retry:\n    max_retries: 0{inputs}\n")


def start_to_node(begin: Callable[[RunRequest], RunDirectory], request: RunRequest) -> float:
    """Seconds from the call to the first node event in the journal; waits for the run to end."""
    began = time.perf_counter()
    run = begin(request)
    reader = JournalReader(run.path)
    while not any(isinstance(event, NodeStarted | RunFinished) for event in reader.read()):
        time.sleep(0.0005)
    elapsed = time.perf_counter() - began
    end = list(follow(run))[-1]
    if not (isinstance(end, RunFinished) and end.outcome == "succeeded"):
        raise SystemExit(f"a run of the benchmark ended badly: {end}")
    return elapsed


def seconds_of(command: list[str]) -> float:
    """How long a command takes from start to end."""
    began = time.perf_counter()
    subprocess.run(command, check=True)
    return time.perf_counter() - began


def wait_until_grown(bed: Seedbed, root: Path) -> None:
    """Have one run each teach the seed, and let the next seed grow."""
    bed.start(RunRequest(str(root), "hello"))
    bed.inspect("hello")


def bench_starts(root: Path) -> None:
    """Starts: warm, cold, and what a bare import costs."""
    peer = [sys.executable, "-P", "-c", "import hamilton.driver"]
    seconds_of(peer)
    with Seedbed(root) as bed:
        wait_until_grown(bed, root)
        for name in ("hello", "wide"):
            request = RunRequest(str(root), name)
            start_to_node(bed.start, request)
            warm, cold, bare = [], [], []
            for _ in range(ROUNDS):
                warm.append(start_to_node(bed.start, request))
                cold.append(start_to_node(start, request))
                bare.append(seconds_of(peer))
            ratio = statistics.median(ours / theirs for ours, theirs in zip(warm, bare, strict=True))
            print(
                f"start to first node, {name:<6} warm {milliseconds(warm)}   cold {milliseconds(cold)}   "
                f"import hamilton.driver {milliseconds(bare)}   ratio {ratio:.2f}"
            )
        looks = []
        for _ in range(ROUNDS):
            began = time.perf_counter()
            bed.inspect("wide")
            looks.append(time.perf_counter() - began)
        print(f"a look at 60 nodes, warm         {milliseconds(looks)}")


def milliseconds(times: list[float]) -> str:
    """The median of some times, and the best."""
    return f"{statistics.median(times) * 1000:5.0f} ms (best {min(times) * 1000:.0f})"


def bench_flow(root: Path) -> None:
    """From the worker's print to whoever follows the journal and reads the output."""
    with Seedbed(root) as bed:
        wait_until_grown(bed, root)
        for name, kind, count in (
            ("events", LogEmitted, EVENTS),
            ("lines", OutputWritten, LINES),
            ("child", OutputWritten, CHILD_LINES),
        ):
            run = bed.start(RunRequest(str(root), name))
            began = lines = 0.0
            for event in follow(run):
                if isinstance(event, NodeStarted):
                    began = time.perf_counter()
                elif isinstance(event, kind) and getattr(event, "level", "WARNING") == "WARNING":
                    lines += run.output(event).count(b"\n") if isinstance(event, OutputWritten) else 1
                    ended = time.perf_counter()
            if lines != count:
                raise SystemExit(f"{count - lines} of {count} were lost")
            what = {"events": "log records", "lines": "printed lines", "child": "lines of a child"}[name]
            print(f"{what:<17} worker to reader  {count / (ended - began):10,.0f} a second")


def bench_store(state: Path) -> None:
    """A store of a thousand runs, read for the first time, and again."""
    store = RunStore(state)
    for number in range(RUNS):
        moment = datetime.now(UTC) - timedelta(minutes=number)
        run = RunDirectory(store.path / run_id("etl", moment.timestamp()))
        run.path.mkdir()
        with JournalWriter(run.path) as journal:
            journal.append(RunStarted(time=moment, run=run.id, project="/p", pipeline="etl", supervisor=1, worker=2))
            for node in range(20):
                journal.append(NodeStarted(time=moment, node=f"node_{node}"))
            journal.append(RunFinished(time=moment, outcome="succeeded", duration=1.0))
    for what in ("first", "again"):
        if what == "first":
            store = RunStore(state)
        began = time.perf_counter()
        found = len(store.runs())
        print(f"{found:,} runs listed, {what:<6}         {(time.perf_counter() - began) * 1000:5.0f} ms")


def main() -> None:
    """Print a line for each promise."""
    os.environ.pop("PYTEST_CURRENT_TEST", None)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["FP_TUI_STATE_DIR"] = str(Path(folder, "state"))
        root = Path(folder, "project")
        make_project(root)
        bench_starts(root)
        bench_flow(root)
        bench_store(Path(folder, "store"))


if __name__ == "__main__":
    main()
