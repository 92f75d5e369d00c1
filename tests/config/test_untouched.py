"""Reading writes nothing, and no file, however made, makes reading long or large."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from flowerpower_tui.config.resolve import environment_of, resolve_pipeline, resolve_project
from flowerpower_tui.errors import ConfigError
from flowerpower_tui.project.layout import ProjectLayout

OLD = """\
# What FlowerPower would rewrite, comments and all.
name: etl
run:
  max_retries: "5"   # legacy
  retry_delay: ${DELAY:-2}
  retry_exceptions: OSError
  explicit_overrides: [retry]
  executor_override_raw: null
  password: ${PASSWORD}
schedule: {cron: "* * * * *"}
"""


def fingerprint(root: Path) -> dict[str, tuple[str, int, int]]:
    """Return what every file holds, and when it and every folder was changed."""
    return {
        str(path): (
            hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "",
            path.stat().st_mtime_ns,
            path.stat().st_mode,
        )
        for path in (root, *sorted(root.rglob("*")))
    }


def test_reading_an_old_file_leaves_the_project_as_it_was(write: Any) -> None:
    root = write(OLD, project="dotenv: true\nname: shop\n")
    (root / ".env").write_text("DELAY=4\n")
    before = fingerprint(root)
    config = resolve_pipeline(root, "etl", {"run": {"inputs": {"a": 1}}}, {"PASSWORD": "hunter2"})
    resolve_project(root, {})
    environment_of(root, {})
    assert config.pipeline.run.retry.max_retries == 5
    assert config.pipeline.run.retry.retry_delay == 4.0
    assert config.pipeline.run.retry.retry_exceptions == ["OSError"]
    assert [notice.message.partition(" ")[0] for notice in config.notices] == [
        "run.max_retries",
        "run.retry_delay",
        "run.retry_exceptions",
        "unknown",
        "schedule",
    ]
    assert fingerprint(root) == before


def test_a_project_that_cannot_be_written_is_read(write: Any) -> None:
    root = write(OLD)
    folders = [root, *(path for path in root.rglob("*") if path.is_dir())]
    for folder in folders:
        folder.chmod(0o555)
    try:
        assert resolve_pipeline(root, "etl", environ={}).pipeline.run.retry.max_retries == 5
    finally:
        for folder in folders:
            folder.chmod(0o755)


def test_a_folder_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    assert resolve_project(tmp_path / "nowhere", {}).name is None
    assert not ProjectLayout.of(tmp_path / "nowhere", {}).exists
    assert list(tmp_path.iterdir()) == []


def refusal(root: Path, **environ: str) -> str:
    with pytest.raises(ConfigError) as caught:
        resolve_pipeline(root, "etl", environ=environ)
    (problem,) = caught.value.problems
    return str(problem).removeprefix(f"{root}/conf/")


def bomb(levels: int, use: str) -> str:
    lines = ["a0: &a0 {" + ", ".join(f"k{i}: 1" for i in range(10)) + "}"]
    for level in range(1, levels):
        lines += [f"a{level}: &a{level}", "  " + use.format(", ".join([f"*a{level - 1}"] * 10))]
    return "\n".join(lines)


@pytest.mark.parametrize("use", ["<<: [{}]", "- [{}]"])
def test_a_bomb_is_refused_with_its_place(write: Any, use: str) -> None:
    message = refusal(write(bomb(12, use)))
    assert message.startswith("pipelines/etl.yml:")
    assert "aliases make this file more than 100,000 values larger" in message


def test_a_bomb_in_the_projects_file_is_refused_too(write: Any) -> None:
    assert refusal(write("", project=bomb(12, "- [{}]"))).startswith("project.yml:")


def test_what_is_nested_too_deep_is_refused(write: Any) -> None:
    assert "nested more than 100 deep" in refusal(write("params: " + "[" * 50_000))
    assert "nested more than 100 deep" in refusal(write("params: {a: " + "{a: " * 50_000))


def test_what_is_too_large_is_refused(write: Any) -> None:
    assert "is too large" in refusal(write("a: " + "x" * 5_000_000))


def test_a_variable_that_is_nested_too_deep_stays_text(write: Any) -> None:
    deep = "[" * 100_000
    config = resolve_pipeline(
        write("params: {a: '${DEEP}'}"), "etl", environ={"DEEP": deep, "FP_PIPELINE__PARAMS__B": '{"a": ' * 1000}
    )
    assert config.pipeline.params["a"] == deep
    assert "must be a mapping of names to values, not '[[[" in refusal(write("run: {inputs: '${DEEP}'}"), DEEP=deep)
    nested = "[" * 80 + "]" * 80
    assert resolve_pipeline(write("params: {a: '$D'}"), "etl", environ={"D": nested}).pipeline.params["a"] == nested


def test_many_values_with_many_variables_are_resolved_at_once(write: Any) -> None:
    count = 5000
    root = write("params:\n" + "".join(f"  k{i}: {{a: '${{A}}', b: [1, '$B']}}\n" for i in range(count)))
    config = resolve_pipeline(root, "etl", environ={"A": "1", "B": "x"})
    assert len(config.pipeline.params) == count
    assert str(config.origins[f"pipeline.params.k{count - 1}.b"]).endswith(f"etl.yml:{count + 1}:25 ($B)")
