"""A project on S3 as a person works with it: in tmux, with keys, looking at the screen and into the bucket."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flowerpower_tui.runs.store import RunStore

PATIENCE = 90.0
MODULE = "pipelines/adding.py"


@pytest.mark.timeout(400)
def test_a_project_on_s3_is_opened_edited_saved_run_and_watched(
    tmux: Callable[..., Any], project: Any, environment: Path
) -> None:
    screen = tmux(80, 24, project.url)

    def sees(*words: str) -> str:
        return str(screen.until(lambda seen: all(word in seen for word in words), PATIENCE))

    # It runs nothing before it was allowed to.
    sees("Shall code from this storage run", project.url, "y Run its code")
    assert RunStore(environment).runs() == []
    screen.press("y")
    opened = sees("· adding", "adding.py", "▸ helpers", "2 nodes, never run")
    assert project.url in opened.splitlines()[0]

    # From the pipeline to its YAML, and by its name to its module; at the end of that, something is added to the sum.
    screen.press("e")
    sees("final_vars: [total]", "^s Save")
    screen.press("C-o")
    sees("Open a file")
    screen.press("-l", "adding.py")
    screen.until(lambda seen: "pipelines/adding.py" in seen and "conf/project.yml" not in seen, PATIENCE)
    screen.press("Enter")
    sees("return sum(numbers)", "adding.yml  adding.py")
    screen.press("C-End")
    sees("13:1 ")
    screen.press("BSpace")
    sees("12:24 ")
    screen.press("-l", " + 100")
    sees("return sum(numbers) + 100", "adding.py ●")
    before = project.read(MODULE)
    screen.press("C-s")
    screen.until(lambda seen: "adding.py ●" not in seen, PATIENCE)
    assert project.read(MODULE) == before.replace("sum(numbers)\n", "sum(numbers) + 100")

    # What was saved is what runs.
    screen.press("Escape")
    sees("q Quit")
    screen.press("1")
    sees("r Run")
    screen.press("r")
    sees("✓ adding", "✓ succeeded", "adding 3")
    (run,) = RunStore(environment).runs()
    assert run.state == "succeeded"
    record = run.directory.record()
    assert record
    assert record.request.url == project.url
    assert "106" in (run.directory.path / "events.jsonl").read_text()

    # Someone else writes to the bucket.
    project.write(MODULE, project.read(MODULE) + "\n\n\ndef twice(total: int) -> int:\n    return 2 * total\n")
    screen.press("2")
    sees("numbers", "total", "twice")

    screen.press("q")
    screen.until(lambda _: screen.is_over(), PATIENCE)
