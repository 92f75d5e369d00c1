"""`run.with_adapter`: what a configuration asks for is used, and what is not there yet is told."""

from __future__ import annotations

import io
import logging
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from flowerpower_tui.errors import ConfigError
from flowerpower_tui.pipeline.runner import PipelineRunner

MakeProject = Callable[..., Path]

TWO_THAT_MEET = """
    import threading

    _meeting = threading.Barrier(2, timeout=20)

    def left() -> int:
        _meeting.wait()
        return 1

    def right() -> int:
        _meeting.wait()
        return 2

    def both(left: int, right: int) -> int:
        return left + right
"""
CONF = """
    run:
      final_vars: [both]
      executor: {type: synchronous}
      retry: {max_retries: 0}
      with_adapter: {FLAG: true}
"""


def test_future_runs_independent_nodes_side_by_side(make_project: MakeProject) -> None:
    # One after the other, the first would wait for the second in vain.
    root = make_project({"pipelines/main.py": TWO_THAT_MEET}, {"main": CONF.replace("FLAG", "future")})
    assert PipelineRunner(root, "main").run() == {"both": 3}


LIBRARIES = {
    "hamilton_tracker": ("hamilton_sdk", "tracker"),
    "mlflow": ("mlflow", "mlflow"),
    "opentelemetry": ("opentelemetry.sdk.trace", "otel"),
    "openlineage": ("openlineage.client", "openlineage"),
}


@pytest.mark.parametrize("flag", LIBRARIES)
def test_a_missing_library_is_named_with_its_cure_and_the_run_goes_on(
    make_project: MakeProject, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, flag: str
) -> None:
    library, extra = LIBRARIES[flag]
    monkeypatch.setitem(sys.modules, library, None)
    module = "def both() -> int:\n    return 3\n"
    root = make_project({"pipelines/main.py": module}, {"main": CONF.replace("FLAG", flag)})
    with caplog.at_level(logging.WARNING):
        assert PipelineRunner(root, "main").run() == {"both": 3}
    assert f"run.with_adapter.{flag}: " in caplog.text
    assert f"pip install 'flowerpower-tui[{extra}]'" in caplog.text


@pytest.mark.parametrize("flag", LIBRARIES)
def test_a_missing_library_of_a_required_adapter_is_an_error(
    make_project: MakeProject, monkeypatch: pytest.MonkeyPatch, flag: str
) -> None:
    library, extra = LIBRARIES[flag]
    monkeypatch.setitem(sys.modules, library, None)
    module = "raise RuntimeError('imported')\n"
    project = f"adapter: {{{flag}: {{required: true}}}}\n"
    root = make_project(
        {"pipelines/main.py": module, "conf/project.yml": project}, {"main": CONF.replace("FLAG", flag)}
    )
    with pytest.raises(ConfigError, match=rf"run.with_adapter.{flag}: .*\n?.*\[{extra}\]"):
        PipelineRunner(root, "main").run()


@pytest.mark.parametrize("is_terminal", [True, False])
def test_a_progress_bar_is_drawn_on_a_terminal_only(
    make_project: MakeProject, monkeypatch: pytest.MonkeyPatch, is_terminal: bool
) -> None:
    class Screen(io.StringIO):
        def isatty(self) -> bool:
            return is_terminal

    from rich import progress

    drawn: list[str] = []
    monkeypatch.setattr(progress.Progress, "start", lambda self: drawn.append(type(self).__name__))
    monkeypatch.setattr(sys, "stderr", Screen())
    module = "def both() -> int:\n    return 3\n"
    root = make_project({"pipelines/main.py": module}, {"main": CONF.replace("FLAG", "progressbar")})
    assert PipelineRunner(root, "main").run() == {"both": 3}
    assert bool(drawn) is is_terminal
