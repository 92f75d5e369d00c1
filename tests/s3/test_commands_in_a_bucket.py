"""Every command on a project in a bucket, by real requests."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flowerpower_tui.project.mirror import Mirror

FpTui = Callable[..., Any]


def test_a_pipeline_is_run_and_its_runs_are_told_by_its_url(project: Any, fp_tui: FpTui, environment: Path) -> None:
    first = fp_tui("run", "-C", project.url, "adding")
    assert (first.code, first.out) == (0, "adding 3\n"), first.err
    assert f"comes from {project.url}" in first.err

    runs = json.loads(fp_tui("-C", project.url, "runs", "--json").out)
    assert [(run["project"], run["state"]) for run in runs] == [(project.url, "succeeded")]
    assert fp_tui("-C", project.url, "logs", "latest").out.count("adding 3") == 1
    assert "succeeded" in fp_tui("-C", project.url, "ls").out
    request = json.loads((environment / "runs" / runs[0]["id"] / "request.json").read_text())["request"]
    assert request["url"] == project.url

    project.write("data/numbers.txt", "1\n2\n3\n4\n")
    again = fp_tui("rerun", runs[0]["id"])
    assert (again.code, again.out) == (0, "adding 4\n"), "without -C, and on the project as it is now"
    assert "comes from" not in again.err, "that is said once"


def test_what_ran_is_told_without_asking_the_bucket(
    project: Any, fp_tui: FpTui, monkeypatch: pytest.MonkeyPatch
) -> None:
    fp_tui("ls", "-C", project.url)
    monkeypatch.setattr("flowerpower_tui.project.contents.contents_of", None)
    monkeypatch.setattr("flowerpower_tui.project.mirror.contents_of", None)
    assert fp_tui("runs", "-C", project.url).code == 0


def test_an_edit_in_the_bucket_is_what_runs_next(project: Any, fp_tui: FpTui) -> None:
    assert fp_tui("run", "-C", project.url, "adding").out == "adding 3\n"
    # The same size, in the same second: only the ETag differs.
    project.write("pipelines/adding.py", project.read("pipelines/adding.py").replace("adding", "summed"))
    assert fp_tui("run", "-C", project.url, "adding").out == "summed 3\n"


def test_a_module_that_was_deleted_in_the_bucket_is_not_run(project: Any, fp_tui: FpTui) -> None:
    fp_tui("ls", "-C", project.url)
    project.delete("conf/pipelines/adding.yml")
    project.delete("pipelines/adding.py")
    assert "no pipelines yet" in fp_tui("ls", "-C", project.url).err


def test_looking_names_files_by_their_url(project: Any, fp_tui: FpTui, environment: Path) -> None:
    listed = json.loads(fp_tui("-C", project.url, "ls", "--json").out)
    assert listed[0]["module"] == f"{project.url}/pipelines/adding.py"
    assert "total" in fp_tui("dag", "-C", project.url, "adding").out
    assert "retry" in fp_tui("config", "-C", project.url, "adding").out
    assert "numbers_in" in fp_tui("summary", "-C", project.url).out
    project.write("conf/pipelines/adding.yml", "run:\n  final_vars: [totel]\n")
    checked = fp_tui("check", "-C", project.url)
    assert checked.code == 2
    assert f"{project.url}/conf/pipelines/adding.yml:2" in checked.out
    assert str(environment) not in checked.out


def test_a_project_is_made_filled_and_emptied(bucket: Any, fp_tui: FpTui) -> None:
    made = fp_tui("init", bucket.url)
    assert made.code == 0, made.err
    assert f"made {bucket.url}/conf/project.yml" in made.err
    assert bucket.read("conf/project.yml").endswith("name: demo\n")
    assert fp_tui("new", "-C", bucket.url, "first").code == 0
    assert fp_tui("hook", "-C", bucket.url, "first", "before-run").code == 0
    assert bucket.files == [
        "README.md",
        "conf/pipelines/first.yml",
        "conf/project.yml",
        "hooks/first/hook.py",
        "pipelines/first.py",
    ]
    deleted = fp_tui("delete", "-C", bucket.url, "first", "--yes")
    assert f"deleted {bucket.url}/pipelines/first.py" in deleted.err
    assert bucket.files == ["README.md", "conf/project.yml", "hooks/first/hook.py"]
    assert fp_tui("ls", "-C", bucket.url).code == 0, "also with no pipelines it is a project"


def test_an_edit_changes_the_bytes_of_its_value_in_the_bucket(project: Any, fp_tui: FpTui) -> None:
    before = project.read("conf/pipelines/adding.yml")
    edited = fp_tui("set", "-C", project.url, "adding", "run.retry.max_retries=3")
    assert edited.code == 0, edited.err
    assert project.read("conf/pipelines/adding.yml") == before.replace("max_retries: 0", "max_retries: 3")


def test_nothing_is_made_twice(project: Any, fp_tui: FpTui) -> None:
    before = project.files
    assert "already" in fp_tui("init", project.url).err
    assert "already" in fp_tui("new", "-C", project.url, "adding").err
    assert project.files == before


def test_pipelines_are_copied_between_a_bucket_and_a_disk(project: Any, fp_tui: FpTui, tmp_path: Path) -> None:
    here = tmp_path / "here"
    copied = fp_tui("export", "-C", project.url, here)
    assert copied.code == 0, copied.err
    assert (here / "helpers/reading.py").read_text() == project.read("helpers/reading.py")
    (here / "pipelines/adding.py").rename(here / "pipelines/other.py")
    (here / "conf/pipelines/adding.yml").rename(here / "conf/pipelines/other.yml")
    assert fp_tui("export", "-C", here, project.url, "other").code == 0
    assert "pipelines/other.py" in project.files
    project.write("conf/pipelines/third.yml", "{}\n")
    assert fp_tui("import", "-C", here, project.url, "third").code == 0
    assert (here / "conf/pipelines/third.yml").read_text() == "{}\n"


def test_neither_endpoint_nor_credentials_are_kept_or_shown(
    project: Any,
    fp_tui_process: FpTui,
    environment: Path,
    endpoint: str,
    credentials: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    options = {"endpoint_url": endpoint, **credentials}
    for name in ("AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("FP_TUI_STORAGE_OPTIONS", json.dumps({**options, "endpoint_url": "http://127.0.0.1:9"}))
    given = ("--storage-option", f"endpoint_url={endpoint}")
    told = [fp_tui_process("run", "-C", project.url, *given, "adding"), fp_tui_process("ls", "-C", project.url)]
    assert [outcome.code for outcome in told] == [0, 2], "what the command line says is stronger"
    shown = "".join(outcome.out + outcome.err for outcome in told).encode()
    kept = b"".join(path.read_bytes() for path in environment.rglob("*") if path.is_file())
    assert b"adding 3" in shown
    assert b"adding 3" in kept
    for secret in (*options.values(), "127.0.0.1:9"):
        assert secret.encode() not in shown + kept


@pytest.mark.parametrize("command", ["ls", "config", "runs", "check"])
def test_what_is_not_there_is_told_in_a_few_lines(bucket: Any, fp_tui: FpTui, command: str) -> None:
    arguments = ("adding",) if command == "config" else ()
    outcome = fp_tui(command, *arguments, "-C", f"{bucket.url}/nothing")
    assert outcome.code == 2
    assert f"There is no project at '{bucket.url}/nothing'" in outcome.err
    assert (
        "There is no bucket for s3://no-bucket-here/x" in fp_tui(command, *arguments, "-C", "s3://no-bucket-here/x").err
    )


def test_prune_empties_mirrors_that_are_idle(project: Any, fp_tui: FpTui) -> None:
    fp_tui("ls", "-C", project.url)
    root = Mirror.open(project.url).root
    assert fp_tui("prune", "--mirrors").out == ""
    assert fp_tui("prune", "--mirrors", "0", "--dry-run").out == f"{project.url}\n"
    assert (root / "pipelines" / "adding.py").exists()

    outcome = fp_tui("prune", "--mirrors", "0", "--json")

    assert json.loads(outcome.out)["removed"] == [project.url]
    assert not root.exists()
    assert fp_tui("run", "-C", project.url, "adding").out == "adding 3\n"
