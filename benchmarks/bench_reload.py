"""From the save of a module to the changed graph, to the screen, and to the first event of the run that it leads to.

The graph and the event are those of `fp-tui watch`; the screen, and the event behind it, those of the interface, whose
rendered rows are searched for the new node. Fifty edits each (or as many as the argument says), of a small pipeline and
of `examples/churn-features` (99 nodes). Beside them, in the same minutes: a bare `import hamilton.driver` in a new
process, which is the least that a reload without a process in waiting takes; and, where there is a Python that it can
be installed for, the watch mode of `pivot` on the small pipeline, up to the moment in which its first stage runs. What
does not show within a minute is counted, and no time. Aims, on a quiet machine: the graph on the screen p50 under
150 ms, p95 under 300 ms; the first event p50 under 250 ms.
"""

from __future__ import annotations

import asyncio
import os
import platform
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from flowerpower_tui.runs.events import NodeFinished, NodeStarted
from flowerpower_tui.runs.journal import JournalReader
from flowerpower_tui.runs.loop import Ended, Happening, Loop, OnChange, Seen, Told
from flowerpower_tui.runs.seedbed import Seedbed

if TYPE_CHECKING:
    from textual.app import App

EDITS = int(sys.argv[1]) if len(sys.argv) > 1 else 50
PAUSE = 0.1
"""Seconds between what one edit led to and the next edit."""
EXAMPLES = Path(__file__).parents[1] / "examples"
SMALL = "def base() -> int:\n    return 1\n\n\ndef total(base: int) -> int:\n    return base\n"
PIVOT = """
import time
from pathlib import Path

from pivot import Pipeline, stage


@stage
def base() -> dict:
    value = -1
    Path(TOLD).write_text(f"{time.time()} {value}")
    return {"value": value}


@stage
def total(base: dict) -> dict:
    return base


with Pipeline("small") as pipeline:
    total(base())
"""
PROBE = "\n\ndef probe() -> int:\n    return -1\n"
PATIENCE = 60.0
"""Seconds after which something counts as never seen."""
MISSED = 3
"""Edits that nobody has seen, after which pivot is not asked any more."""
PEER = [sys.executable, "-P", "-c", "import hamilton.driver"]

Save = Callable[[int], None]
"""Saves the edit of this number."""


def time_edits(
    save: Save, is_seen: Callable[[int], object], wait: Callable[[], None], edits: int = EDITS
) -> list[float]:
    """Seconds from each save until it is seen, whoever it is seen by.

    Args:
        save: saves the edit of a number.
        is_seen: blocks until the edit of a number shows.
        wait: blocks until what the edit led to is over.
        edits: how many.
    """
    times = []
    for number in range(edits):
        began = time.perf_counter()
        save(number)
        is_seen(number)
        times.append(time.perf_counter() - began)
        wait()
        time.sleep(PAUSE)
    return times


def adds_a_node(module: Path, takes: str = "") -> Save:
    """Edits that add a node of another name each time, which takes this."""
    text = module.read_text()
    return lambda number: save_whole(module, f"{text}\n\ndef probe_{number}({takes}) -> int:\n    return {number}\n")


def changes_a_value(module: Path) -> Save:
    """Edits that change what one node gives."""
    text = module.read_text()
    return lambda number: save_whole(module, text.replace("return -1", f"return {number}"))


def save_whole(path: Path, text: str) -> None:
    """Write a file as careful editors do: beside it, and then in its place."""
    new = path.with_name(f".{path.name}.new")
    new.write_text(text)
    new.rename(path)


def bench_graph(root: Path, pipeline: str, module: Path, bed: Seedbed) -> list[float]:
    """From the save to the graph that has the new node."""
    with following(root, pipeline, bed, "check") as happenings:
        return time_edits(adds_a_node(module), lambda number: until(happenings, _has(f"probe_{number}")), lambda: None)


def bench_run(root: Path, pipeline: str, module: Path, bed: Seedbed) -> list[float]:
    """From the save to the first event of a node in the run that it leads to."""
    with following(root, pipeline, bed, "stale") as happenings:
        until(happenings, _is_ended)
        return time_edits(
            changes_a_value(module),
            lambda _: until(happenings, _is_of_a_node),
            lambda: until(happenings, _is_ended),
        )


async def bench_screen(root: Path, module: Path, edits: int = EDITS) -> tuple[list[float], list[float]]:
    """From the save to the new node on the screen; and to the first event of a node in the automatic run."""
    from flowerpower_tui.tui.app import FlowerPowerApp
    from flowerpower_tui.tui.widgets.dag_view import DagView

    app = FlowerPowerApp(root)
    app.animation_level = "none"
    shown: list[float] = []
    begun: list[float] = []
    async with app.run_test(size=(160, 48)) as pilot:
        await until_so(lambda: app.session and app.session.is_looked_at)
        session, view = app.session, app.screen.query_one(DagView)
        assert session is not None
        # The seed has imported what it will.
        await asyncio.sleep(3)
        text = module.read_text()
        save = adds_a_node(module, "probe: int")
        for number in range(edits):
            # The new node comes below it, and so in sight.
            view.go_to("probe")
            began = time.perf_counter()
            save(number)
            # Its rows are searched only once there is something to find: searching takes the interface's own time.
            with suppress(TimeoutError):
                await until_so(lambda number=number: view.graph and f"probe_{number}" in view.graph.by_name)  # type: ignore[misc]
                await until_so(lambda number=number: f"probe_{number}" in rendered(app))  # type: ignore[misc]
                shown.append(time.perf_counter() - began)
            await asyncio.sleep(PAUSE)
        save_whole(module, text)
        view.focus()
        await until_so(lambda: session.graph and f"probe_{edits - 1}" not in session.graph.by_name)
        await pilot.press("r")
        await until_so(lambda: session.run is not None and session.view.is_over)
        while session.reload.on_save(session.pipeline) != "run":
            await pilot.press("W")
        change = changes_a_value(module)
        for number in range(edits):
            before = session.run
            began = time.time()
            change(number)
            with suppress(TimeoutError):
                await until_so(lambda before=before: session.run != before and session.view.nodes)  # type: ignore[misc]
                assert session.run is not None
                events = JournalReader(session.run.path).read()
                first = next(event for event in events if isinstance(event, NodeStarted | NodeFinished))
                begun.append(first.time.timestamp() - began)
                await until_so(lambda: session.view.is_over and not session.picture.stale)
            await asyncio.sleep(PAUSE)
    return shown, begun


def rendered(app: App[int]) -> str:
    """What the screen shows, as it is sent to the terminal."""
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips())  # noqa: SLF001


async def until_so(condition: Callable[[], object]) -> None:
    """Wait until something is so.

    Raises:
        TimeoutError: it never is.
    """
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError
        await asyncio.sleep(0.002)


class following:  # noqa: N801 - it reads as what it does
    """What happens in a loop, whose pipeline was looked at once; the module is put back at the end."""

    def __init__(self, root: Path, pipeline: str, bed: Seedbed, on_change: OnChange) -> None:
        self._ends = 0
        self._happenings = Loop(root, pipeline, bed, on_change=on_change).happenings(lambda: self._ends)

    def __enter__(self) -> Iterator[Happening]:
        until(self._happenings, lambda happening: isinstance(happening, Seen))
        return self._happenings

    def __exit__(self, *_: object) -> None:
        self._ends = 1
        list(self._happenings)


def until(happenings: Iterator[Happening], so: Callable[[Happening], object]) -> None:
    """Go on until something is so.

    Raises:
        SystemExit: the pipeline is broken.
    """
    for happening in happenings:
        if isinstance(happening, Seen) and happening.picture.is_broken:
            raise SystemExit(f"the pipeline is broken: {happening.picture.problems[0]}")
        if so(happening):
            return


def _has(node: str) -> Callable[[Happening], bool]:
    return lambda happening: (
        isinstance(happening, Seen) and happening.picture.graph is not None and node in happening.picture.graph.by_name
    )


def _is_of_a_node(happening: Happening) -> bool:
    return isinstance(happening, Told) and isinstance(happening.event, NodeStarted | NodeFinished)


def _is_ended(happening: Happening) -> bool:
    return isinstance(happening, Ended)


def seconds_of(command: list[str]) -> float:
    """How long a command takes from start to end."""
    began = time.perf_counter()
    subprocess.run(command, check=True)
    return time.perf_counter() - began


def report(what: str, times: list[float], of: int = EDITS) -> None:
    """Print the median and the 95th percentile in milliseconds, and how many times of how many there are."""
    if not times:
        print(f"{what:<58} none of {of} was seen", flush=True)
        return
    p95 = statistics.quantiles(times, n=20)[-1] if len(times) > 1 else times[0]
    count = f"{len(times)} times" if len(times) == of else f"{len(times)} of {of} times"
    print(f"{what:<58} p50 {statistics.median(times) * 1000:5.0f} ms   p95 {p95 * 1000:5.0f} ms   {count}", flush=True)


def report_pivot(folder: Path) -> None:
    """Time the `pivot` package, whose watch mode is the nearest to this; or say what keeps it from standing beside."""
    python = newer_python() or sys.executable
    subprocess.run([python, "-m", "venv", folder], check=True)
    command = [str(folder / "bin/python"), "-m", "pip", "install", "--quiet", "pivot>=0.1"]
    pip = subprocess.run(command, check=False, capture_output=True, text=True)
    if pip.returncode:
        wanted = "needs Python 3.13" if "Requires-Python" in pip.stderr else pip.stderr.strip().rpartition("\n")[2]
        print(f"pivot: cannot be installed for {python}: {wanted}")
        return
    edits = min(EDITS, 10)
    report("pivot, 2 stages: from the save to the first of them", time_pivot(folder, edits), edits)


def newer_python() -> str | None:
    """Return a Python that `pivot` can be installed for; None if there is none to be found."""
    versions = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    found = [shutil.which("python3.13"), *map(str, versions.glob("3.13.*/bin/python")), sys.executable]
    question = ["-c", "import sys; sys.exit(sys.version_info < (3, 13))"]
    works = (
        one
        for one in found
        if one and not subprocess.run([one, *question], check=False, capture_output=True).returncode
    )
    return next(works, None)


def time_pivot(environment: Path, edits: int) -> list[float]:
    """Seconds from each save until the stage runs that it changed: as the stage itself tells."""
    root, told, states = environment / "small", environment / "told", environment / "states"
    root.mkdir()
    module = root / "pipeline.py"
    module.write_text(PIVOT.replace("TOLD", repr(str(told))))
    subprocess.run(["git", "init", "--quiet"], cwd=root, check=True)
    pivot = str(environment / "bin/pivot")
    subprocess.run([pivot, "init"], cwd=root, check=True, capture_output=True)
    text = module.read_text()
    watching = [pivot, "repro", "--watch", "--jsonl", "--debounce", "0"]
    with states.open("wb") as output:
        process = subprocess.Popen(watching, cwd=root, stdout=output, stderr=output, start_new_session=True)
    try:
        moment_told(told, "-1")
        times: list[float] = []
        missed = 0
        for number in range(edits):
            wait_for_rest(states)
            began = time.time()
            # In its place, as the simplest editor does it.
            module.write_text(text.replace("value = -1", f"value = {number}"))
            if (ran := moment_told(told, str(number))) is None:
                missed += 1
                if missed == MISSED:
                    break
            else:
                times.append(ran - began)
        return times
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def wait_for_rest(states: Path) -> None:
    """Wait until pivot says that it is idle, and nothing more for a second: it looks at what it writes itself, too."""
    deadline = time.monotonic() + PATIENCE
    size = -1
    while time.monotonic() < deadline:
        before, size = size, states.stat().st_size
        said = [line for line in states.read_text(errors="replace").splitlines() if "engine_state_changed" in line]
        if size == before and said and "idle" in said[-1]:
            return
        time.sleep(1)


def moment_told(told: Path, value: str) -> float | None:
    """Return when a stage ran with this value; None if it never does."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        with suppress(OSError, ValueError):
            moment, given = told.read_text().split()
            if given == value:
                return float(moment)
        time.sleep(0.002)
    return None


def projects(folder: Path) -> Iterator[tuple[Path, str, Path, str]]:
    """Make the projects: each with a pipeline, the module that is edited, and what to call it."""
    small = folder / "small"
    (small / "conf/pipelines").mkdir(parents=True)
    (small / "pipelines").mkdir()
    (small / "conf/project.yml").write_text("name: small\n")
    (small / "conf/pipelines/etl.yml").write_text("run: {retry: {max_retries: 0}}\n")
    (small / "pipelines/etl.py").write_text(SMALL)
    yield small, "etl", small / "pipelines/etl.py", "2 nodes"
    large = shutil.copytree(EXAMPLES / "churn-features", folder / "large")
    conf = large / "conf/pipelines/churn_features.yml"
    # What the edit adds is computed too.
    conf.write_text(conf.read_text().replace("final_vars:", "final_vars:\n    - probe", 1))
    yield large, "churn_features", large / "pipelines/churn_features.py", "churn-features"


def main() -> None:
    """Run everything."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["FP_TUI_STATE_DIR"] = str(folder / "state")
        print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors, Python {platform.python_version()}")
        seconds_of(PEER)
        for root, pipeline, module, title in projects(folder):
            text = module.read_text() + PROBE
            module.write_text(text)
            with Seedbed(root) as bed:
                for what, bench in (("the changed graph", bench_graph), ("the first event of its run", bench_run)):
                    report(f"{title}: from the save to {what}", bench(root, pipeline, module, bed))
                    module.write_text(text)
            shown, begun = asyncio.run(bench_screen(root, module))
            report(f"{title}: from the save to the node on the screen", shown)
            report(f"{title}: from the save to the first event, in the interface", begun)
            module.write_text(text)
            print(f"load {os.getloadavg()[0]:.1f}")
        report("import hamilton.driver in a new process", [seconds_of(PEER) for _ in range(5)], 5)
        report_pivot(folder / "pivot")


if __name__ == "__main__":
    main()
