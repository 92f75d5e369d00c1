"""fp-tui from its wheel, run against a project whose packages are in another environment."""

import json
import subprocess
import sys
from pathlib import Path


def events(output: str) -> dict[str, dict]:
    """The last event of each node."""
    told = [json.loads(line) for line in output.splitlines()]
    return {event["node"]: event for event in told if event["type"] in ("NodeFinished", "NodeFailed")}


def test_nodes_run_in_the_projects_interpreter_and_see_nothing_of_ours(tool, project, their_environment) -> None:
    done = tool("run", "-C", project, "where", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    found = {node: event["summary"]["preview"] for node, event in events(done.stdout).items()}
    theirs = str(project / ".venv")
    assert theirs in found["prefix"]
    assert found["strangers"] == "[]"
    # In the processes of a pool of ours, and in those that a node starts for itself, too.
    assert found["prefixes"] == repr([theirs])
    assert theirs in found["spawned"]
    (record,) = tool.records()
    assert record["versions"]["interpreter"] == f"{theirs}/bin/python"
    assert record["versions"]["apache-hamilton"]


def test_an_example_runs_is_drawn_and_checked_there(tool, project) -> None:
    assert tool("run", "sales_etl", "-C", project, "--set", "params.exchange_rates.seconds_per_month=0").returncode == 0
    drawn = tool("dag", "-C", project, "where")
    assert "prefixes" in drawn.stdout, drawn.stderr
    checked = tool("check", "-C", project)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_what_is_missing_there_is_said_before_a_run_starts(tool, project, tmp_path) -> None:
    bare = tmp_path / "bare"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", bare], check=True)
    for command in (("run", "sales_etl"), ("dag", "sales_etl"), ("check",)):
        done = tool(*command, "-C", project, "--python", bare)
        assert done.returncode == 2
        assert f"{bare}/bin/python (FP_TUI_PYTHON) lacks apache-hamilton, msgspec and pyyaml" in done.stderr
        assert f"{bare}/bin/python -m pip install 'apache-hamilton>=" in done.stderr
        assert "Traceback" not in done.stderr
    assert tool.records() == []


def test_what_was_missing_is_seen_when_it_is_there(tool, project, tmp_path, their_environment) -> None:
    (project / ".venv").unlink()
    environment = project / ".venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
    (packages,) = environment.glob("lib/python3*/site-packages")
    for path in their_environment.packages.iterdir():
        if not path.name.startswith("msgspec"):
            (packages / path.name).symlink_to(path)
    done = tool("check", "-C", project, "sales_etl")
    assert (done.returncode, f"The project's environment {environment} lacks msgspec." in done.stderr) == (2, True)
    for path in their_environment.packages.glob("msgspec*"):
        (packages / path.name).symlink_to(path)
    assert tool("check", "-C", project, "sales_etl").returncode == 0


def test_a_python_that_is_too_old_is_told_as_such(tool, project, tmp_path) -> None:
    old = tmp_path / "python3.9"
    old.write_text('#!/bin/sh\necho \'{"version": "3.9.2", "modules": {}, "folders": [], "executors": []}\'\n')
    old.chmod(0o755)
    done = tool("dag", "-C", project, "where", "--python", old)
    assert done.returncode == 2
    assert "has Python 3.9.2; pipelines need 3.11 or newer" in done.stderr


def test_doctor_says_which_interpreter_it_is(tool, project) -> None:
    done = tool("doctor", "-C", project, "--json")
    (finding,) = (finding for finding in json.loads(done.stdout) if finding["about"] == "project's python")
    assert finding["verdict"] == "good"
    assert f"{project}/.venv/bin/python (the project's)" in finding["what"]


def test_the_module_is_the_command(tool) -> None:
    python = tool.environment.python
    said = subprocess.run([python, "-m", "flowerpower_tui", "--version"], capture_output=True, text=True, check=True)
    assert said.stdout == tool("--version").stdout
    place = "import flowerpower_tui; print(flowerpower_tui.__file__)"
    found = subprocess.run([python, "-c", place], capture_output=True, text=True, check=True, cwd="/").stdout
    assert Path(found).is_relative_to(tool.environment.folder)


def test_an_environment_of_another_name_is_named_from_the_projects_root(tool, project) -> None:
    (project / ".venv").rename(project / "venv-prod")
    drawn = tool("dag", "where", "-C", project, FP_TUI_PYTHON="venv-prod/bin/python")
    assert drawn.returncode == 0, drawn.stderr
    assert "there is no interpreter" in tool("dag", "where", "-C", project, "--python", "x/bin/python").stderr.lower()
