from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from flowerpower_tui.runs import ending
from flowerpower_tui.runs.cancel import cancel
from flowerpower_tui.runs.directory import RunDirectory
from flowerpower_tui.runs.ending import count_attempts, measures
from flowerpower_tui.runs.events import AttemptStarted, LogEmitted, RunStarted
from flowerpower_tui.runs.journal import JournalWriter, follow

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


def test_what_was_done_to_end_a_run_is_told_in_order(
    start_script: Callable[[str], RunDirectory], eventually: Callable[[Callable[[], object]], None]
) -> None:
    run = start_script(
        """
        import time
        print("ready", flush=True)
        while True:
            try:
                time.sleep(600)
            except KeyboardInterrupt:
                print("not now", flush=True)
        """
    )
    output = run.path / "output.log"
    eventually(output.read_bytes)
    assert measures(run) == []
    cancel(run)
    eventually(lambda: b"not now" in output.read_bytes())
    assert [each.split(" to ")[0] for each in measures(run)] == ["Sent SIGINT"]
    cancel(run)
    list(follow(run))

    first, second = measures(run)
    assert first.startswith("Sent SIGINT to ")
    assert second.startswith("The worker did not end, so SIGTERM is sent to ")


@pytest.mark.parametrize("block", [1, 7, 64, 1 << 20])
def test_attempts_are_counted_whatever_the_log_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    monkeypatch.setattr(ending, "BLOCK", block)
    with JournalWriter(tmp_path) as journal:
        journal.append(RunStarted(time=NOW, run="r", project="/p", pipeline="etl", supervisor=1, worker=2))
        for number in (1, 2, 3):
            journal.append(AttemptStarted(time=NOW, attempt=number, attempts=3))
            message = '\n{"type":"AttemptStarted","time":"2026"}'
            journal.append(LogEmitted(time=NOW, level="INFO", logger="x", message=message))

    assert count_attempts(RunDirectory(tmp_path)) == 3


def test_a_run_without_a_journal_has_no_attempts(tmp_path: Path) -> None:
    assert count_attempts(RunDirectory(tmp_path / "gone")) == 0
