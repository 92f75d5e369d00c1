"""What a shell is told that completes a command line of ours; and a real bash that asks."""

from __future__ import annotations

import os
import pty
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from flowerpower_tui.runs.inspect import inspect

FP_TUI = Path(sys.executable).parent / "fp-tui"


def completed(line: str, folder: Path, state: Path) -> list[str]:
    """What stands at the end of `line` could become, by the protocol between shells and argcomplete."""
    state.mkdir(exist_ok=True)
    out = state / "answer"
    out.unlink(missing_ok=True)
    environ = os.environ | {
        "_ARGCOMPLETE": "1",
        "_ARGCOMPLETE_IFS": "\n",
        "COMP_LINE": line,
        "COMP_POINT": str(len(line)),
        "COMP_TYPE": "9",
        "FP_TUI_STATE_DIR": str(state),
        "_ARGCOMPLETE_STDOUT_FILENAME": str(out),
    }
    ended = subprocess.run([FP_TUI], env=environ, cwd=folder, capture_output=True, text=True, timeout=60)
    assert ended.stderr == ""
    return [word.strip() for word in out.read_text().splitlines()] if out.exists() else []


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FP_TUI_STATE_DIR", str(tmp_path / "state"))
    return tmp_path / "state"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    (folder / "conf" / "pipelines").mkdir(parents=True)
    (folder / "pipelines").mkdir()
    (folder / "conf" / "project.yml").write_text("name: work\n")
    for name in ("orders", "customers"):
        (folder / "conf" / "pipelines" / f"{name}.yml").write_text(f"name: {name}\n")
        (folder / "pipelines" / f"{name}.py").write_text("def one() -> int:\n    return 1\n")
    return folder


def test_commands_and_options_are_completed(root: Path, state: Path) -> None:
    assert "compare" in completed("fp-tui com", root, state)
    assert "--final-var" in completed("fp-tui run orders --fin", root, state)


def test_pipelines_are_completed_by_their_names(root: Path, state: Path) -> None:
    assert completed("fp-tui run ", root, state) == ["customers", "orders"]
    assert completed("fp-tui run ord", root, state) == ["orders"]
    assert completed(f"fp-tui -C {root} dag cust", root.parent, state) == ["customers"]


def test_runs_are_completed_by_pipeline_and_id(root: Path, state: Path) -> None:
    command = [FP_TUI, "run", "orders", "--set", "run.retry.max_retries=0"]
    subprocess.run(command, cwd=root, check=True, capture_output=True, timeout=60)
    (run,) = (state / "runs").iterdir()
    assert completed("fp-tui logs ", root, state) == ["latest", "orders", run.name]
    assert completed(f"fp-tui compare latest {run.name[:4]}", root, state) == [run.name]


def test_nodes_and_inputs_are_those_of_the_last_look(root: Path, state: Path) -> None:
    (root / "pipelines" / "orders.py").write_text("def two(one: int, other: int) -> int:\n    return one + other\n")
    assert completed("fp-tui dag orders --focus ", root, state) == []
    inspect(root, "orders")
    assert completed("fp-tui dag orders --focus ", root, state) == ["two", "one", "other"]
    assert completed("fp-tui run orders --final-var t", root, state) == ["two"]
    assert completed("fp-tui run orders --input ot", root, state) == ["other="]


def test_keys_are_completed_first_and_then_their_values(root: Path, state: Path) -> None:
    assert completed("fp-tui run orders --set run.retry.max", root, state) == ["run.retry.max_retries="]
    assert completed("fp-tui set orders run.executor.t", root, state) == ["run.executor.type="]
    assert completed("fp-tui set orders run.executor.type=thr", root, state) == ["run.executor.type=threadpool"]
    assert completed("fp-tui set orders --unset run.cac", root, state) == ["run.cache"]
    assert completed("fp-tui set --project-config na", root, state) == ["name="]
    assert completed("fp-tui set cus", root, state) == ["customers"]


def test_settings_are_completed_as_keys_are(root: Path, state: Path) -> None:
    assert "validate" in completed("fp-tui settings val", root, state)
    assert completed("fp-tui settings set the", root, state) == ["theme="]
    assert completed("fp-tui settings set theme=paper notices.be", root, state) == ["notices.bell="]
    assert completed("fp-tui settings set link=l", root, state) == ["link=local"]
    assert completed("fp-tui settings set --unset keep_r", root, state) == ["keep_runs", "keep_results"]
    assert completed("fp-tui settings set hints=f", root, state) == ["hints=fade"]
    assert completed("fp-tui settings show the", root, state) == []


def test_a_real_bash_completes_what_is_typed(root: Path, state: Path, tmp_path: Path) -> None:
    code = tmp_path / "code"
    code.write_text(subprocess.run([FP_TUI, "completion", "bash"], capture_output=True, text=True).stdout)
    environ = {"PATH": f"{FP_TUI.parent}:{os.environ['PATH']}", "FP_TUI_STATE_DIR": str(state), "TERM": "dumb"}
    terminal, theirs = pty.openpty()
    shell = ["bash", "--noprofile", "--norc", "-i"]
    with subprocess.Popen(
        shell, stdin=theirs, stdout=theirs, stderr=theirs, env=environ, cwd=root, start_new_session=True
    ) as bash:
        os.close(theirs)

        def type_and_see(keys: str, wanted: str) -> None:
            os.write(terminal, keys.encode())
            seen = ""
            while wanted not in seen:
                seen += os.read(terminal, 4096).decode()

        try:
            # The quotes keep the echo of the line from being taken for what it prints.
            type_and_see(f"source {code}; echo rea''dy\n", "ready")
            type_and_see("fp-tui run cus\t", "customers ")
            type_and_see("--set run.log_\t", "level=")
        finally:
            bash.kill()
            os.close(terminal)


def test_where_there_is_no_project_nothing_is_said(tmp_path: Path, state: Path) -> None:
    assert completed("fp-tui run x", tmp_path, state) == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_gets_code_of_its_own(shell: str) -> None:
    ended = subprocess.run([FP_TUI, "completion", shell], capture_output=True, text=True, timeout=60)
    assert ended.returncode == 0
    assert "fp-tui" in ended.stdout
    if shutil.which(shell):
        assert subprocess.run([shell, "-n"], input=ended.stdout, capture_output=True, text=True).returncode == 0
