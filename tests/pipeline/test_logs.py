"""How much a run logs: as its configuration says, and the host's logging stays as it was."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from flowerpower_tui.pipeline.logs import ensure_logging_initialized, logging_at, own_loggers
from flowerpower_tui.pipeline.runner import PipelineRunner
from flowerpower_tui.pipeline.telemetry import VARIABLE, initialize_telemetry

MODULE = """
    import logging
    from helper import told

    logging.getLogger(__name__).debug("imported")

    def a() -> int:
        for level in ("debug", "info", "error"):
            getattr(logging.getLogger(__name__), level)(level)
        told()
        logging.getLogger("some.library").debug("a library's")
        return 1
"""
HELPER = "import logging\ndef told():\n    logging.getLogger(__name__).debug('helped')\n"


@pytest.fixture
def root(make_project) -> Path:
    return make_project({"pipelines/talk.py": MODULE, "pipelines/helper.py": HELPER})


def messages(root: Path, caplog: pytest.LogCaptureFixture, level: str | None) -> list[str]:
    caplog.clear()
    PipelineRunner(root, "talk", {"run": {"log_level": level}}).run()
    return [record.getMessage() for record in caplog.records if not record.name.startswith("flowerpower_tui")]


def test_the_level_holds_for_the_projects_modules(root, caplog):
    assert messages(root, caplog, "DEBUG") == ["imported", "debug", "info", "error", "helped"]
    assert messages(root, caplog, "info") == ["info", "error"]
    assert messages(root, caplog, "CRITICAL") == []


def test_null_leaves_it_to_the_host(root, caplog):
    assert messages(root, caplog, None) == ["error"]
    with caplog.at_level(logging.DEBUG):
        assert len(messages(root, caplog, None)) == 6


def test_the_level_holds_for_our_messages_too(root, caplog):
    for level, told in (("INFO", True), ("WARNING", False)):
        caplog.clear()
        PipelineRunner(root, "talk", {"run": {"log_level": level}}).run()
        assert any("final_vars is empty" in record.getMessage() for record in caplog.records) is told


def test_afterwards_everything_is_as_before(root):
    before = {name: logging.getLogger(name).level for name in ("", "pipelines", "pipelines.talk", "helper")}
    handlers = list(logging.getLogger().handlers)
    PipelineRunner(root, "talk", {"run": {"log_level": "DEBUG"}}).run()
    assert {name: logging.getLogger(name).level for name in before} == before
    assert logging.getLogger().handlers == handlers


def test_where_runs_overlap_the_most_talkative_counts_and_is_forgotten():
    logger = logging.getLogger("overlapping")
    logger.setLevel(logging.ERROR)
    with logging_at("INFO", ["overlapping"]):
        inside, go_on = threading.Event(), threading.Event()

        def other() -> None:
            with logging_at("DEBUG", ["overlapping"]):
                inside.set()
                go_on.wait(20)

        thread = threading.Thread(target=other)
        thread.start()
        inside.wait(20)
        assert logger.level == logging.DEBUG
        go_on.set()
        thread.join()
        assert logger.level == logging.INFO
    assert logger.level == logging.ERROR


def test_the_loggers_of_a_project_are_named_for_its_modules(root):
    assert own_loggers(root, "pipelines") == ["flowerpower_tui", "helper", "pipelines", "talk"]


def in_another_process(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout + done.stderr


def test_in_a_process_of_its_own_a_run_sets_the_level_of_all_and_of_loguru(make_project):
    module = """
        import logging
        from loguru import logger

        def a() -> int:
            for level in ("debug", "info", "warning"):
                getattr(logging.getLogger("some.library"), level)("library " + level)
                getattr(logger, level)("loguru " + level)
            return 1
    """
    root = make_project({"pipelines/talk.py": module})
    told = in_another_process(
        "import logging; from pathlib import Path; from flowerpower_tui.pipeline.runner import PipelineRunner\n"
        "logging.basicConfig(level=logging.INFO)\n"
        f"settings = {{'run': {{'log_level': 'WARNING'}}}}\n"
        f"PipelineRunner(Path({str(root)!r}), 'talk', settings, owns_process=True).run()\n"
        "import loguru; loguru.logger.info('later')\n"
        f"settings['run']['log_level'] = 'INFO'\n"
        f"PipelineRunner(Path({str(root)!r}), 'talk', settings, owns_process=True).run()\n"
    )
    first, second = told.split("loguru warning", 1)
    assert "library warning" in first
    assert "library info" not in first
    assert "loguru info" not in first
    assert "later" not in second
    assert "library info" in second
    assert "loguru info" in second


def test_importing_does_nothing_to_logging_or_telemetry():
    told = in_another_process(
        "import logging, os\n"
        "before = (logging.getLogger().level, list(logging.getLogger().handlers), dict(os.environ))\n"
        "import flowerpower_tui.pipeline.runner, flowerpower_tui.pipeline.logs, flowerpower_tui.pipeline.telemetry\n"
        "assert logging.getLogger('flowerpower_tui').handlers == []\n"
        "print(before == (logging.getLogger().level, list(logging.getLogger().handlers), dict(os.environ)))\n"
    )
    assert told.strip() == "True"


def test_a_program_without_logging_can_see_our_messages_and_only_once():
    told = in_another_process(
        "import logging\n"
        "from flowerpower_tui.pipeline.logs import ensure_logging_initialized\n"
        "ensure_logging_initialized('info'); ensure_logging_initialized()\n"
        "logging.getLogger('flowerpower_tui.x').info('here')\n"
        "logging.getLogger('elsewhere').info('not here')\n"
        "print(logging.getLogger().handlers)\n"
    )
    assert told.count("here") == 1
    assert told.startswith("[]")


def test_a_program_with_logging_keeps_its_own(caplog):
    handlers = list(logging.getLogger("flowerpower_tui").handlers)
    ensure_logging_initialized()
    assert logging.getLogger("flowerpower_tui").handlers == handlers


def test_an_unknown_level_is_refused():
    with pytest.raises(ValueError, match="no log level 'LOUD'"):
        ensure_logging_initialized("LOUD")


def test_telemetry_is_off_unless_somebody_decided(monkeypatch):
    monkeypatch.delenv(VARIABLE, raising=False)
    assert initialize_telemetry() is False
    monkeypatch.setenv(VARIABLE, "true")
    assert initialize_telemetry() is True
