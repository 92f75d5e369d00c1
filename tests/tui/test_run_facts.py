from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from flowerpower_tui.pipeline.failure import Failure
from flowerpower_tui.runs.directory import RunDirectory
from flowerpower_tui.runs.events import AnyEvent, AttemptStarted, CancelRequested, RunFinished, RunStarted
from flowerpower_tui.tui.follow import RunAdvanced
from flowerpower_tui.tui.run_facts import RunFacts

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
RUN = RunDirectory(Path("/nowhere/run"))
STARTED = RunStarted(time=NOON, run="run", project="/p", pipeline="etl", supervisor=1, worker=2)
ATTEMPT = AttemptStarted(time=NOON, attempt=1, attempts=1)
LATER = NOON + timedelta(seconds=3)


def facts(*events: AnyEvent, over: bool = False) -> RunFacts:
    known = RunFacts(RUN)
    known.take(RunAdvanced(RUN, events, None, over))
    return known


@pytest.mark.parametrize(
    ("known", "part", "words"),
    [
        (RunFacts(), "log", "No run is chosen"),
        (facts(STARTED), "dag", "Building the DAG"),
        (facts(STARTED), "timeline", "Not begun yet"),
        (facts(STARTED, over=True), "dag", "before its DAG was built"),
        (facts(STARTED, ATTEMPT), "dag", "graph.json is missing or damaged"),
        (facts(STARTED, ATTEMPT), "values", "No node has given a value yet"),
        (facts(STARTED, ATTEMPT), "config", "request.json is missing or damaged"),
        (facts(STARTED, ATTEMPT), "failure", "Nothing has failed"),
        (facts(STARTED, ATTEMPT, over=True), "failure", "died without a word"),
        (
            facts(RunFinished(time=LATER, outcome="crashed", duration=3.0, signal="SIGKILL"), over=True),
            "failure",
            "ended by SIGKILL",
        ),
    ],
)
def test_a_part_without_anything_to_show_says_why(known: RunFacts, part: str, words: str) -> None:
    assert words in known.missing(part, known.view)


def test_a_part_with_something_to_show_says_nothing() -> None:
    failed = RunFinished(time=LATER, outcome="failed", duration=3.0, failure=Failure("ValueError", "no"))
    known = facts(STARTED, ATTEMPT, failed, over=True)

    assert not any(known.missing(part, known.view) for part in ("log", "timeline", "attempts", "failure"))


def test_a_cancel_is_told_before_the_journal_knows_of_it_and_after() -> None:
    known = facts(STARTED, ATTEMPT)
    assert known.words_on_the_end() == ""
    known.was_asked = True
    assert known.words_on_the_end() == "Asking the run to end…"

    assert known.take(RunAdvanced(RUN, [CancelRequested(time=LATER)], None, over=False))
    assert known.words_on_the_end().startswith("Cancelling. It was asked to end.")
    known.measures = ["Sent SIGINT to 7 (python)."]
    assert "Sent SIGINT to 7 (python). c again" in known.words_on_the_end()

    known.take(RunAdvanced(RUN, [RunFinished(time=LATER, outcome="cancelled", duration=3.0)], None, over=True))
    assert known.words_on_the_end() == "Sent SIGINT to 7 (python)."
