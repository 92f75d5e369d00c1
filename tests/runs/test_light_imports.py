"""What each process of a run has in memory: the light ones stay light."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = {"hamilton", "pandas", "numpy", "yaml", "ruamel", "textual", "rich", "fsspec", "asyncio", "loguru"}


def loaded(module: str) -> set[str]:
    code = f"import sys, {module}; print(*sys.modules)"
    return set(
        subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, check=True, text=True).stdout.split()
    )


@pytest.mark.parametrize(
    "module",
    [
        f"flowerpower_tui.runs.{name}"
        for name in (
            *("supervisor", "worker", "store", "lines", "view", "launcher"),
            *("inspect", "seedbed", "spare", "sinks"),
        )
    ],
)
def test_nothing_heavy_is_imported(module: str) -> None:
    assert loaded(module) & HEAVY == set()


def test_the_supervisor_has_no_part_of_the_machinery_of_runs() -> None:
    ours = {name for name in loaded("flowerpower_tui.runs.supervisor") if name.startswith("flowerpower_tui.")}

    rooms = {name.split(".")[1] for name in ours}
    assert rooms <= {"errors", "pipeline", "runs"}
    assert {name for name in ours if name.startswith("flowerpower_tui.pipeline.")} <= {
        f"flowerpower_tui.pipeline.{name}" for name in ("failure", "places", "summary")
    }
