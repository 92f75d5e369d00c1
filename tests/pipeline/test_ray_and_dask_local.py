"""A Ray and a Dask of a run's own, on this machine: they are there while it lasts, and nobody is left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

MODULE = """
    import os, time
    from pathlib import Path
    from hamilton.htypes import Collect, Parallelizable

    def item(count: int) -> Parallelizable[int]:
        yield from range(count)

    def place(item: int, folder: str) -> int:
        if item == 1:
            Path(folder, str(os.getpid())).touch()
            time.sleep(3600)
        return os.getpid()

    def places(place: Collect[int]) -> list[int]:
        return place
"""
# No `if __name__ == "__main__"`: users write no such thing, and need none.
SCRIPT = """
    import os, sys
    from pathlib import Path
    from flowerpower_tui.pipeline.runner import PipelineRunner

    class Told:
        def __getattr__(self, name):
            return lambda *facts: print(name, *facts[:1], flush=True) if name.startswith("node") else None

    root, folder, kind = sys.argv[1:]

    def run(count):
        settings = {"executor": {"type": kind, "num_cpus": 1}, "inputs": {"folder": folder, "count": count}}
        return PipelineRunner(Path(root), "main", {"run": settings}, Told()).run()["places"]

    (place,) = run(1)
    print("elsewhere" if place != os.getpid() else "here", flush=True)
    try:
        run(2)
    except KeyboardInterrupt:
        print("interrupted")
"""


@pytest.mark.parametrize("kind", ["ray", "dask"])
def test_a_run_starts_its_own_and_an_interrupt_ends_all_of_it(make_project: Any, tmp_path: Path, kind: str) -> None:
    root = make_project({"pipelines/main.py": MODULE})
    folder = tmp_path / "pids"
    folder.mkdir()
    script = tmp_path / "script.py"
    script.write_text(textwrap.dedent(SCRIPT))
    # Ray keeps a token for what it starts in the home directory.
    environment = {**os.environ, "HOME": str(tmp_path), "MARK_OF_THIS_TEST": str(tmp_path)}
    process = subprocess.Popen(
        [sys.executable, str(script), str(root), str(folder), kind],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
        text=True,
        process_group=0,
    )
    try:
        while not list(folder.iterdir()):
            assert process.poll() is None, process.communicate()
            time.sleep(0.02)
        os.killpg(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=60)
        left = marked(str(tmp_path))
    finally:
        for one in (process, *marked(str(tmp_path))):
            one.kill()
        process.wait()
    lines = out.splitlines()
    assert "elsewhere" in lines
    assert lines[-1] == "interrupted"
    assert "node_failed" not in out
    assert "Traceback" not in err
    assert left == []


def marked(mark: str) -> list[psutil.Process]:
    """Whoever has this mark in its environment, and lives."""
    found = []
    for process in psutil.process_iter():
        try:
            if mark == process.environ().get("MARK_OF_THIS_TEST") and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except psutil.Error:
            continue
    return found
