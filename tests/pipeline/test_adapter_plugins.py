"""Adapters of installed packages, of classes that a file names, and of objects."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from flowerpower_tui.errors import ConfigError
from flowerpower_tui.pipeline.adapters import GROUP
from flowerpower_tui.pipeline.check import check_pipeline
from flowerpower_tui.pipeline.runner import PipelineRunner

PLUGIN = """
from hamilton.lifecycle import base

heard = []


class Audit(base.BasePreNodeExecute):
    def __init__(self, pipeline="", options=None, prefix=""):
        self.prefix = prefix or (options or {}).get("prefix", pipeline)

    def pre_node_execute(self, *, node_, **_):
        heard.append(f"{self.prefix} {node_.name}")

    def run_ended(self, error):
        heard.append(f"{self.prefix} ended with {error!r}")


class Doer(base.BaseDoNodeExecute):
    def do_node_execute(self, *, node_, kwargs, **_):
        return node_.callable(**kwargs)


class Other(Doer):
    pass


def nothing(pipeline, options):
    return None
"""
POINTS = """
audit = audited:Audit
broken = audited:gone
idle = audited:nothing
"""


@pytest.fixture
def heard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What the adapters of an installed package hear."""
    site = tmp_path / "site"
    info = site / "audited-1.0.dist-info"
    info.mkdir(parents=True)
    (site / "audited.py").write_text(PLUGIN)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: audited\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[{GROUP}]\n{POINTS}")
    monkeypatch.syspath_prepend(str(site))
    import audited  # type: ignore[import-not-found]

    yield audited.heard
    sys.modules.pop("audited", None)


@pytest.fixture
def project(make_project: Any) -> Any:
    def make(adapter: dict[str, Any], module: str = "def answer() -> int:\n    return 42\n") -> Path:
        run = {"executor": {"type": "synchronous"}, "retry": {"max_retries": 0}, "adapter": adapter}
        return make_project({"pipelines/main.py": module}, {"main": json.dumps({"run": run})})

    return make


def test_what_we_ship_is_registered_as_plugins_are() -> None:
    own = {point.name for point in metadata.entry_points(group=GROUP) if point.module.startswith("flowerpower_tui.")}
    assert own >= {"future", "hamilton_tracker", "mlflow", "openlineage", "opentelemetry", "progressbar"}


@pytest.mark.parametrize(
    ("given", "prefix"),
    [
        (True, "main"),
        ({"prefix": "night"}, "night"),
        ({"use": "audited:Audit", "prefix": "mine"}, "mine"),
    ],
)
def test_a_file_asks_for_an_adapter(heard: list[str], project: Any, given: Any, prefix: str) -> None:
    assert PipelineRunner(project({"audit": given}), "main").run() == {"answer": 42}
    assert heard == [f"{prefix} answer", f"{prefix} ended with None"]


def test_a_class_alone_is_enough(heard: list[str], project: Any) -> None:
    PipelineRunner(project({"mine": "audited:Audit"}), "main").run()
    assert heard == [" answer", " ended with None"]


def test_a_class_of_the_project_itself_can_be_named(make_project: Any, heard: list[str]) -> None:
    run = {"retry": {"max_retries": 0}, "adapter": {"mine": {"use": "pipelines.listening:Mine", "prefix": "own"}}}
    files = {
        "pipelines/main.py": "def answer() -> int:\n    return 42\n",
        "pipelines/listening.py": "from audited import Audit\n\n\nclass Mine(Audit):\n    pass\n",
    }
    PipelineRunner(make_project(files, {"main": json.dumps({"run": run})}), "main").run()
    assert heard == ["own answer", "own ended with None"]


def test_an_object_is_given_at_run_time(heard: list[str], project: Any) -> None:
    adapter = sys.modules["audited"].Audit(prefix="object")
    PipelineRunner(project({}), "main", {"run": {"adapter": {"mine": adapter}}}).run()
    assert heard == ["object answer", "object ended with None"]


def test_the_caller_leaves_an_adapter_out(heard: list[str], project: Any) -> None:
    PipelineRunner(project({"audit": True}), "main", {"run": {"adapter": {"audit": False}}}).run()
    assert heard == []


def test_an_adapter_hears_with_what_a_run_ends(heard: list[str], project: Any) -> None:
    root = project({"audit": True}, "def answer() -> int:\n    raise ValueError('no')\n")
    with pytest.raises(ValueError, match="no"):
        PipelineRunner(root, "main").run()
    assert heard[-1] == "main ended with ValueError('no')"


def test_a_plugin_with_nothing_to_do_is_no_adapter(heard: list[str], project: Any) -> None:
    assert PipelineRunner(project({"idle": True}), "main").run() == {"answer": 42}


@pytest.mark.usefixtures("heard")
def test_a_plugin_that_cannot_be_loaded_is_a_warning(project: Any, caplog: pytest.LogCaptureFixture) -> None:
    root = project({"broken": True})
    with caplog.at_level(logging.WARNING):
        assert PipelineRunner(root, "main").run() == {"answer": 42}
    assert "run.adapter.broken: it cannot be loaded from audited:gone: AttributeError" in caplog.text
    found = check_pipeline(root, "main")
    assert found.problems == []
    assert [notice.message for notice in found.notices if "run.adapter.broken" in notice.message]


@pytest.mark.usefixtures("heard")
def test_an_adapter_that_nobody_brings_is_told_with_the_nearest(project: Any, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        assert PipelineRunner(project({"audti": True}), "main").run() == {"answer": 42}
    assert "Did you mean 'audit'?" in caplog.text


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("audited:Gone", "run.adapter.mine: audited:Gone cannot be made: AttributeError"),
        ({"use": "audited:Audit", "prfix": "x"}, "unexpected keyword argument 'prfix'"),
        ("just text", "run.adapter.mine must be true, options, or module:Class, not 'just text'"),
        (3, "run.adapter.mine must be true, options, or module:Class, not 3"),
    ],
)
@pytest.mark.usefixtures("heard")
def test_a_class_that_cannot_be_used_is_an_error(project: Any, given: Any, told: str) -> None:
    with pytest.raises(ConfigError) as caught:
        PipelineRunner(project({"mine": given}), "main").run()
    assert told in str(caught.value)


@pytest.mark.usefixtures("heard")
def test_two_classes_that_want_the_same_are_named_before_anything_is_imported(project: Any) -> None:
    root = project({"one": "audited:Doer", "two": "audited:Other"}, "raise RuntimeError('imported')\n")
    with pytest.raises(ConfigError, match=r"'one' \(Doer\) and 'two' \(Other\) both want to execute the nodes"):
        PipelineRunner(root, "main").run()
