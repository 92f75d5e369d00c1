"""A block of 64 instances, each 50 ms of work for the processor, on every executor in one run.

In turn is what the others are compared with. Each run starts its own processes or cluster, and ends them: how long that
takes by itself is told by an empty block before it, which starts a cluster but no process of a pool.
"""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

from flowerpower_tui.pipeline.runner import PipelineRunner

INSTANCES = 64
MODULE = """
import time
from hamilton.htypes import Collect, Parallelizable

def item(count: int) -> Parallelizable[int]:
    yield from range(count)

def worked(item: int) -> int:
    end = time.thread_time() + 0.05
    while time.thread_time() < end:
        pass
    return item

def total(worked: Collect[int]) -> int:
    return sum(worked)
"""
EXECUTORS = ("synchronous", "threadpool", "processpool", "ray", "dask")


def seconds_of(root: Path, executor: str, count: int) -> float:
    """How long a run of the block takes."""
    run = {
        "executor": {"type": executor, "max_workers": os.cpu_count() or 1},
        "inputs": {"count": count},
        "final_vars": ["total"],
        "retry": {"max_retries": 0},
    }
    began = time.perf_counter()
    assert PipelineRunner(root, "main", {"run": run}).run() == {"total": sum(range(count))}
    return time.perf_counter() - began


def main() -> None:
    """Print a line for each executor."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for path, text in {
            "conf/project.yml": "name: bench\n",
            "conf/pipelines/main.yml": "name: main\n",
            "pipelines/main.py": MODULE,
        }.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text)
        seconds_of(root, "synchronous", 1)
        in_turn = 0.0
        print(f"{INSTANCES} instances of 50 ms on {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}")
        for executor in EXECUTORS:
            start = seconds_of(root, executor, 0)
            whole = seconds_of(root, executor, INSTANCES)
            in_turn = in_turn or whole
            ratio = in_turn / whole
            print(f"{executor:<12} {whole:6.2f} s   {ratio:4.2f} x in turn   an empty block {start:6.2f} s", flush=True)


if __name__ == "__main__":
    main()
