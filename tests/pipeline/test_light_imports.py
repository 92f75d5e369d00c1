"""What the supervisor and the front ends import of this room must stay light."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = {"hamilton", "pandas", "numpy", "textual", "fsspec"}


@pytest.mark.parametrize("module", ["failure", "summary", "observer", "modules", "compat", "project", "manager"])
def test_hamilton_and_pandas_are_not_imported_by(module):
    script = (
        f"import sys, flowerpower_tui.pipeline.{module}; print(*{{name.partition('.')[0] for name in sys.modules}})"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert HEAVY.isdisjoint(done.stdout.split())
