"""Projects with pipelines of the same name, one after the other and at the same time: each runs its own code."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from flowerpower_tui.pipeline.runner import PipelineRunner

MODULE = """
    from common import name

    def who() -> str:
        return name()

    def answer(who: str, mine: str) -> list[str]:
        return [who, mine]

    def mine() -> str:
        return NAME

    NAME = "{project}"
"""


def make(make_project, name: str) -> Path:
    files = {
        "pipelines/etl.py": MODULE.format(project=name),
        "pipelines/common.py": f"def name():\n    return {name!r}\n",
    }
    return make_project(files, name=name)


def run(root: Path) -> list[str]:
    result: list[str] = PipelineRunner(root, "etl").run()["answer"]
    return result


def test_one_after_the_other(make_project):
    first, second = make(make_project, "first"), make(make_project, "second")
    assert run(first) == ["first", "first"]
    assert run(second) == ["second", "second"]
    assert run(first) == ["first", "first"]


def test_at_the_same_time(make_project):
    roots = [make(make_project, f"p{index}") for index in range(4)]
    together = threading.Barrier(4, timeout=60)

    def repeatedly(root: Path) -> set[tuple[str, ...]]:
        together.wait()
        return {tuple(run(root)) for _ in range(5)}

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(repeatedly, roots)) == [{(root.name, root.name)} for root in roots]


def test_a_pipeline_that_runs_another_projects_pipeline(make_project):
    inner = make(make_project, "inner")
    outer = make_project(
        {
            "pipelines/etl.py": f"""
                from pathlib import Path
                from flowerpower_tui.pipeline.runner import PipelineRunner
                from common import name

                def other() -> list[str]:
                    return PipelineRunner(Path({str(inner)!r}), "etl").run()["answer"]

                def answer(other: list[str]) -> list[str]:
                    return [*other, name()]
            """,
            "pipelines/common.py": "def name():\n    return 'outer'\n",
        },
        name="outer",
    )
    assert run(outer) == ["inner", "inner", "outer"]
