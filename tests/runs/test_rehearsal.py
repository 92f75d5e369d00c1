"""What a process in waiting does for practice: it is done in earnest, and leaves nothing behind."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Any

import msgspec
import pytest

from flowerpower_tui.pipeline import weigh as weighing
from flowerpower_tui.pipeline.ingredients import Ingredients
from flowerpower_tui.runs import head_start, preloads
from flowerpower_tui.runs.inspect import inspect
from flowerpower_tui.runs.preloads import Preloads
from flowerpower_tui.runs.rehearsal import rehearse
from flowerpower_tui.runs.seedbed import Seedbed


def test_a_rehearsal_goes_all_the_way_and_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    weigh, weighed = weighing.weigh, list[Ingredients]()

    def witness(*given: Any) -> Ingredients:
        weighed.append(weigh(*given))
        return weighed[-1]

    monkeypatch.setattr(weighing, "weigh", witness)
    rehearse()
    before = list(sys.path), list(sys.meta_path), list(sys.path_hooks), dict(os.environ), Path.cwd()
    rehearse()

    assert [set(ingredients.nodes) for ingredients in weighed] == [{"one", "two"}] * 2
    assert before == (list(sys.path), list(sys.meta_path), list(sys.path_hooks), dict(os.environ), Path.cwd())
    assert not {"rehearsal", "pipelines.rehearsal", "pipelines"} & sys.modules.keys()


def test_a_look_does_not_count_once_a_library_is_another_one(
    project: Path, state: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = tmp_path / "site-packages" / "grown_library.py"
    library.parent.mkdir()
    library.write_text("NAME = 'before'\n")
    os.environ.pop("PYTEST_CURRENT_TEST", None)
    monkeypatch.setenv("PYTHONPATH", str(library.parent))
    (project / "pipelines" / "etl.py").write_text(
        "import sys\nkind = 'early' if 'grown_library' in sys.modules else 'late'\nimport grown_library\n"
        "exec(f'def {kind}_{grown_library.NAME}() -> int: return 1')\n"
        "def total() -> int: return 1\n"
    )
    known = Preloads(modules=("grown_library",))
    preloads._path(state, project).write_bytes(msgspec.json.encode({"etl": known}))

    with Seedbed(project) as bed:
        while seen(bed, project) != ["early_before", "total"]:
            time.sleep(0.02)
        library.write_text("NAME = 'behind'\n")
        # As long as it may count as what it was.
        time.sleep(head_start.FRESH * 1.2)

        assert seen(bed, project) == ["late_behind", "total"]


def seen(bed: Seedbed, project: Path) -> list[str]:
    inspection = inspect(project, "etl", ask=bed.look)
    assert inspection.graph is not None, inspection.problems
    return sorted(node.name for node in inspection.graph.nodes)
