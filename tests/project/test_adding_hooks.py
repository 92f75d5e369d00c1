"""Hooks are added to a file of the user's, of which nothing else changes."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowerpower_tui.errors import OutputError
from flowerpower_tui.project.hooks import HookType, add_hook


@pytest.fixture
def hook(tmp_path: Path) -> Path:
    file = tmp_path / "hooks" / "etl" / "hook.py"
    file.parent.mkdir(parents=True)
    return file


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_the_lines_that_are_there_keep_their_ends_and_new_ones_have_the_same(hook: Path, end: str) -> None:
    before = f"import os{end}{end}x = os.sep{end}".encode()
    hook.write_bytes(before)

    _, line = add_hook(hook.parents[1], "etl", HookType.BEFORE_RUN)

    content = hook.read_bytes()
    assert content.startswith(before)
    assert content.count(end.encode()) == content.count(b"\n")
    assert content.decode().splitlines()[line - 1] == "def before_run(pipeline, config):"


def test_a_file_that_is_not_to_be_written_stays(hook: Path) -> None:
    hook.write_text("x = 1\n")
    hook.chmod(0o444)

    with pytest.raises(OutputError, match="read-only"):
        add_hook(hook.parents[1], "etl", HookType.BEFORE_RUN)

    assert hook.read_text() == "x = 1\n"
    assert list(hook.parent.iterdir()) == [hook]
