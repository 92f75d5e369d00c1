"""What our engine costs over Hamilton's own, what it costs to wait, to be imported, and to go down a long chain.

Both of a pair run in turn, so that a busy machine slows both; the median of the pairs' ratios is what counts. All
events are on: an observer takes every one of them, summaries of the values included. Aims: at most 1.15 times Hamilton
at 1,000 nodes, under 5 % of a core while a node is waited for, 60 ms for an import without Hamilton.
"""

from __future__ import annotations

import importlib.util
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from hamilton import driver

from flowerpower_tui.pipeline.engine.computation import Computation, Executor
from flowerpower_tui.pipeline.engine.executors import InTurn, Threads
from flowerpower_tui.pipeline.engine.plan import make_plan
from flowerpower_tui.pipeline.hamilton_graph import read_graph
from flowerpower_tui.pipeline.node_events import NodeEvents
from flowerpower_tui.pipeline.runner import PipelineRunner

PAIRS = 21
WAIT = 2.0
EXECUTORS: dict[str, Executor] = {"synchronous": InTurn(), "threadpool": Threads(10)}
NAMES = "from flowerpower_tui import FlowerPowerProject, PipelineManager, RunConfig, Config"


class Listener:
    """Takes every event, as a run's reporter does."""

    def __init__(self) -> None:
        self.events: list[tuple[Any, ...]] = []

    def __getattr__(self, name: str) -> Callable[..., None]:
        def take(*facts: Any) -> None:
            self.events.append((name, *facts))

        # The next time it is found without asking.
        self.__dict__[name] = take
        return take


def tree(count: int) -> str:
    """Trivial nodes, each of which takes one and is taken by two."""
    return nodes((index - 1) // 2 for index in range(1, count))


def chain(count: int) -> str:
    """Trivial nodes, each of which takes the one before."""
    return nodes(index - 1 for index in range(1, count))


def nodes(parents: Iterable[int]) -> str:
    """A node that takes nothing, and for each parent one that takes that."""
    lines = ["def n0() -> int:\n    return 0\n"]
    lines += [f"def n{at}(n{parent}: int) -> int:\n    return n{parent} + 1\n" for at, parent in enumerate(parents, 1)]
    return "\n".join(lines)


def project(folder: Path, source: str) -> Path:
    """Write a project of one pipeline, `bench`."""
    (folder / "conf").mkdir(parents=True)
    (folder / "pipelines").mkdir()
    (folder / "conf" / "project.yml").write_text("name: bench\n")
    (folder / "pipelines" / "bench.py").write_text(source)
    return folder


def import_afresh(path: Path) -> Any:
    """Import a module without reading or writing byte code, as a run does."""
    spec = importlib.util.spec_from_loader("bench_raw", loader=None)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    module.__file__ = str(path)
    sys.modules["bench_raw"] = module
    exec(compile(path.read_text(), path, "exec"), module.__dict__)
    return module


def seconds_of(work: Callable[[], object]) -> float:
    """How long it takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def compare(name: str, ours: Callable[[], object], theirs: Callable[[], object], pairs: int = PAIRS) -> None:
    """Print both medians and the median of the ratios, pair by pair."""
    ours()
    theirs()
    measured = [(seconds_of(ours), seconds_of(theirs)) for _ in range(pairs)]
    ratio = statistics.median(our / their for our, their in measured)
    our, their = (statistics.median(column) * 1000 for column in zip(*measured, strict=True))
    print(f"{name:<48} {our:8.2f} ms   Hamilton {their:8.2f} ms   ratio {ratio:.2f}")


def compute(dag: driver.Driver, order: tuple[str, ...], final_vars: list[str], executor: Executor) -> Any:
    """Plan and compute, as an attempt of a run does."""
    plan = make_plan(dag.graph, order, final_vars)
    return Computation(dag, plan, NodeEvents(Listener(), Path("/nowhere"))).run(executor)  # type: ignore[arg-type]


def overhead(folder: Path) -> None:
    """Compare with a bare driver."""
    for count in (10, 100, 1000):
        root = project(folder / f"tree{count}", tree(count))
        path = root / "pipelines" / "bench.py"
        dag = driver.Builder().with_modules(import_afresh(path)).build()
        graph = read_graph(dag)
        leaves, order = list(graph.leaves), graph.topological
        for kind, executor in EXECUTORS.items():
            compare(
                f"execute {count} nodes, {kind}",
                lambda: compute(dag, order, leaves, executor),  # noqa: B023 - called at once
                lambda: dag.execute(leaves),  # noqa: B023
            )
        settings = {"run": {"log_level": None}}
        compare(
            f"build and execute {count} nodes, a whole run",
            lambda: PipelineRunner(root, "bench", settings, Listener()).run(),  # type: ignore[arg-type]  # noqa: B023
            lambda: driver.Builder().with_modules(import_afresh(path)).build().execute(leaves),  # noqa: B023
            pairs=PAIRS // 3,
        )


def long_chain(folder: Path) -> None:
    """Compare on a chain that Hamilton can only go down with a higher limit of recursion."""
    path = project(folder / "chain", chain(2000)) / "pipelines" / "bench.py"
    dag = driver.Builder().with_modules(import_afresh(path)).build()
    order = read_graph(dag).topological
    limit = sys.getrecursionlimit()
    for kind, executor in EXECUTORS.items():
        assert compute(dag, order, ["n1999"], executor) == {"n1999": 1999}
        sys.setrecursionlimit(20_000)
        compare(
            f"a chain of 2000 nodes, {kind}",
            lambda: compute(dag, order, ["n1999"], executor),  # noqa: B023
            lambda: dag.execute(["n1999"]),
            pairs=PAIRS // 3,
        )
        sys.setrecursionlimit(limit)


def keeping(folder: Path) -> None:
    """Compare runs that keep results, and that find them all, with one that does neither."""
    os.environ["FP_TUI_STATE_DIR"] = str(folder / "state")
    root = project(folder / "kept", tree(1000))

    def run(cache: bool) -> float:
        settings = {"run": {"log_level": None, "cache": cache}}
        return seconds_of(lambda: PipelineRunner(root, "bench", settings, Listener()).run())  # type: ignore[arg-type]

    run(False)
    plain, cold, warm = run(False), run(True), run(True)
    print(f"{'1000 nodes, results kept for the first time':<48} {cold * 1000:8.2f} ms   without {plain * 1000:8.2f} ms")
    print(f"{'1000 nodes, all results found':<48} {warm * 1000:8.2f} ms   without {plain * 1000:8.2f} ms")


def waiting(folder: Path) -> None:
    """Measure the processor time that waiting for slow nodes takes."""
    source = f"import time\ndef a() -> int:\n    time.sleep({WAIT})\n    return 1\n"
    source += (
        f"def b() -> int:\n    time.sleep({WAIT})\n    return 1\ndef c(a: int, b: int) -> int:\n    return a + b\n"
    )
    path = project(folder / "slow", source) / "pipelines" / "bench.py"
    dag = driver.Builder().with_modules(import_afresh(path)).build()
    order = read_graph(dag).topological
    started, used = time.perf_counter(), time.process_time()
    compute(dag, order, ["c"], Threads(10))
    wall, processor = time.perf_counter() - started, time.process_time() - used
    print(f"{'two slow nodes side by side, threadpool':<48} {wall:8.2f} s    of the processor {processor / wall:.2%}")


def importing(name: str, code: str) -> None:
    """Compare an import with bare Python."""
    python = sys.executable
    subprocess.run([python, "-c", f"{code}; import sys; assert 'hamilton' not in sys.modules"], check=True)

    def run(code: str) -> Callable[[], object]:
        return lambda: subprocess.run([python, "-c", code], check=True)

    measured = [(seconds_of(run(code)), seconds_of(run(""))) for _ in range(PAIRS)]
    more = statistics.median(our - their for our, their in measured) * 1000
    ratio = statistics.median(our / their for our, their in measured)
    print(f"{name:<48} {more:8.2f} ms   over bare Python, ratio {ratio:.2f}")


def main() -> None:
    """Print a line for each promise."""
    with tempfile.TemporaryDirectory() as folder:
        overhead(Path(folder))
        long_chain(Path(folder))
        keeping(Path(folder))
        waiting(Path(folder))
    importing("import of the package", "import flowerpower_tui")
    importing("import of the names that a program needs", NAMES)


if __name__ == "__main__":
    main()
