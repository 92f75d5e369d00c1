from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowerpower_tui.pipeline.failure import Failure, Frame
from flowerpower_tui.pipeline.summary import ValueSummary
from flowerpower_tui.runs.directory import OUTPUT, RunDirectory
from flowerpower_tui.runs.events import (
    AnyEvent,
    AttemptFailed,
    LogEmitted,
    NodeFailed,
    NodeFinished,
    NodeSkipped,
    NodeStarted,
    OutputWritten,
    RunFinished,
    RunStarted,
    Stream,
    UnknownEvent,
)
from flowerpower_tui.runs.journal import JournalWriter
from flowerpower_tui.runs.lines import LINE_LIMIT, LineAssembler, LineReader

NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)


def written(data: bytes, stream: Stream = "stdout", node: str = "", seq: int = 0) -> OutputWritten:
    return OutputWritten(seq=seq, time=NOW, stream=stream, start=0, end=len(data), node=node)


def feed(*chunks: bytes) -> list[str]:
    assembler = LineAssembler()
    lines = [line for chunk in chunks for line in assembler.output(written(chunk), chunk)]
    return [line.text for line in [*lines, *assembler.rest()]]


def test_lines_are_put_together_across_chunks() -> None:
    assert feed(b"one\ntw", b"o\nthr", b"ee") == ["one", "two", "three"]


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\n\r"))), st.data())
def test_lines_are_the_same_however_the_bytes_are_cut(lines: list[str], data: st.DataObject) -> None:
    printed = "".join(f"{line}\n" for line in lines).encode()
    cuts = sorted(data.draw(st.lists(st.integers(0, len(printed)))))
    chunks = [printed[start:end] for start, end in zip([0, *cuts], [*cuts, len(printed)], strict=True)]

    assert feed(*chunks) == lines


def test_a_torn_character_is_put_together_and_a_broken_one_replaced() -> None:
    snowman = "☃".encode()

    assert feed(snowman[:1], snowman[1:] + b"\n\xff\n", snowman[:2]) == ["☃", "\ufffd", "\ufffd"]


def test_a_line_without_end_comes_in_pieces() -> None:
    texts = feed(b"x" * LINE_LIMIT, b"x" * LINE_LIMIT, b"yy\nz\n")

    assert [len(text) for text in texts] == [LINE_LIMIT, LINE_LIMIT, 2, 1]


def test_streams_do_not_mix_and_the_node_that_began_a_line_owns_it() -> None:
    assembler = LineAssembler()
    steps = [(b"out", "stdout", "a"), (b"err\n", "stderr", "b"), (b"put\nmore\n", "stdout", "c")]

    lines = [
        (line.source, line.node, line.text)
        for data, stream, node in steps
        for line in assembler.output(written(data, stream, node), data)  # type: ignore[arg-type]
    ]

    assert lines == [("stderr", "b", "err"), ("stdout", "a", "output"), ("stdout", "c", "more")]


def test_the_end_of_the_run_ends_a_line() -> None:
    assembler = LineAssembler()
    assert list(assembler.output(written(b"no newline"), b"no newline")) == []

    lines = [line.text for line in assembler.event(RunFinished(time=NOW, outcome="succeeded", duration=3.4))]

    assert lines == ["no newline", "succeeded after 3.4 s"]


def test_a_run_and_a_node_of_one_name_are_told_apart() -> None:
    run = RunStarted(time=NOW, run="1", project="/p", pipeline="etl", supervisor=1, worker=2)
    told = [line.text for event in (run, NodeStarted(time=NOW, node="etl")) for line in LineAssembler().event(event)]
    assert told == ["run of etl started", "etl started"]


def test_files_are_told_by_the_way_from_where_one_is() -> None:
    frames = (Frame("/p/pipelines/etl.py", 3, "total"), Frame("/lib/x.py", 1, "x"), Frame("/p/b.py", 2, "b"))
    failed = NodeFailed(time=NOW, node="total", duration=0.0, failure=Failure("ValueError", "no", frames))

    here = "\n".join(line.text for line in LineAssembler(root=Path("/p")).event(failed))
    elsewhere = "\n".join(line.text for line in LineAssembler().event(failed))

    assert "ValueError: no (b.py:2)" in here
    assert [file in here for file in ('"pipelines/etl.py"', '"/lib/x.py"', "/p/")] == [True, True, False]
    assert "ValueError: no (/p/b.py:2)" in elsewhere


def test_a_log_record_of_several_lines_is_several_lines() -> None:
    record = LogEmitted(seq=4, time=NOW, level="ERROR", logger="x", message="one\ntwo", node="a")

    lines = list(LineAssembler().event(record))

    assert [(line.source, line.level, line.node, line.text, line.seq) for line in lines] == [
        ("log", "ERROR", "a", "one", 4),
        ("log", "ERROR", "a", "two", 4),
    ]


def test_the_end_of_a_node_is_told_in_words() -> None:
    event = NodeFinished(time=NOW, node="orders", duration=0.25, summary=ValueSummary("pandas.DataFrame", (100, 5)))

    assert [line.text for line in LineAssembler().event(event)] == [
        "orders finished after 250 ms: pandas.DataFrame 100 × 5"
    ]


def test_a_traceback_is_told_once() -> None:
    failure = Failure("ValueError", "no", frames=(Frame("/p/etl.py", 3, "load", "raise ValueError('no')"),))
    assembler = LineAssembler()
    events = [
        NodeFailed(time=NOW, node="load", duration=0.1, failure=failure),
        AttemptFailed(time=NOW, attempt=1, failure=failure),
        RunFinished(time=NOW, outcome="failed", duration=0.2, failure=failure),
    ]

    lines = [line.text for event in events for line in assembler.event(event)]

    assert lines[0] == "load failed after 100 ms: ValueError: no (/p/etl.py:3)"
    assert sum("raise ValueError" in line for line in lines) == 1
    assert lines[-1] == "failed after 200 ms, at load: ValueError: no (/p/etl.py:3)"


def skipped(node: str, why: str, seq: int) -> NodeSkipped:
    return NodeSkipped(time=NOW + timedelta(seconds=seq), seq=seq, node=node, why=why)


def test_all_nodes_that_were_skipped_for_one_reason_are_told_in_one_line() -> None:
    assembler = LineAssembler()
    why = "it needs 'load', which failed"

    silent = [line for seq, node in enumerate("abc", 5) for line in assembler.event(skipped(node, why, seq))]
    told, end = assembler.event(RunFinished(time=NOW, outcome="failed", duration=1, seq=9))

    assert silent == []
    assert told.text == "3 nodes skipped, each because it needs 'load', which failed: a, b, c"
    assert (told.node, told.nodes, told.seq, told.time) == ("a", ("a", "b", "c"), 7, NOW + timedelta(seconds=7))
    assert end.text == "failed after 1.0 s"


def test_each_reason_has_its_line_in_the_order_of_time() -> None:
    assembler = LineAssembler()
    for seq, (node, why) in enumerate([("a", "late"), ("b", "no"), ("c", "late"), ("d", "why\nnot"), ("e", "late")]):
        assert list(assembler.event(skipped(node, why, seq))) == []

    told = list(assembler.rest())

    assert [(line.text, line.seq) for line in told] == [
        ("b skipped: no", 1),
        ("d skipped: why␊not", 3),
        ("3 nodes skipped, each because late: a, c, e", 4),
    ]
    assert list(assembler.rest()) == []


def test_skipped_nodes_are_told_before_what_comes_next() -> None:
    assembler = LineAssembler()
    record = LogEmitted(time=NOW, level="INFO", logger="x", message="logged")

    texts = [
        line.text for event in (skipped("a", "no", 1), record, skipped("b", "no", 3)) for line in assembler.event(event)
    ]
    texts += [line.text for line in assembler.output(written(b"printed\n"), b"printed\n")]

    assert texts == ["a skipped: no", "logged", "b skipped: no", "printed"]


def ends_of(failed: AnyEvent, failure: Failure) -> list[str]:
    assembler = LineAssembler()
    for _ in assembler.event(failed):
        pass
    return [line.text for line in assembler.event(RunFinished(time=NOW, outcome="failed", duration=1, failure=failure))]


def test_the_end_of_a_run_says_which_node_failed_and_all_of_a_message_of_some_lines() -> None:
    failure = Failure("ValueError", "2 rows are wrong:\n  SO-1\n  SO-2\n", (Frame("/p/etl.py", 3, "load"),))

    told = ends_of(NodeFailed(time=NOW, node="load", task="SO", duration=1, failure=failure), failure)

    assert told == ["failed after 1.0 s, at load [SO]: ValueError: 2 rows are wrong: (/p/etl.py:3)", "  SO-1", "  SO-2"]


@pytest.mark.parametrize(
    ("lines", "last"), [(8, "row 7"), (9, "… 2 more lines, as above"), (500, "… 493 more lines, as above")]
)
def test_a_long_message_is_said_again_in_part(lines: int, last: str) -> None:
    failure = Failure("ValueError", "\n".join(f"row {number}" for number in range(lines)))

    told = ends_of(NodeFailed(time=NOW, node="load", duration=1, failure=failure), failure)

    assert (len(told), told[-1]) == (8, last)


def test_the_end_of_a_run_says_each_mistake_and_what_to_do() -> None:
    problems = Failure("ConfigError", "\n".join(f"a.yml:{line}: wrong" for line in range(1, 20)), user_error=True)
    missing = Failure("DataError", "There is no a.csv.", user_error=True, location="etl.yml:3", hint="Make one.")

    assert ends_of(AttemptFailed(time=NOW, attempt=1, failure=problems), problems)[-1] == "a.yml:19: wrong"
    assert ends_of(NodeFailed(time=NOW, node="load", duration=1, failure=missing), missing) == [
        "failed after 1.0 s, at load: etl.yml:3: There is no a.csv.",
        "Make one.",
    ]


def test_what_failed_outside_of_nodes_is_told_with_its_traceback_and_once() -> None:
    failure = Failure("ImportError", "no\nsuch module", (Frame("/p/etl.py", 1, "<module>"),))
    end = RunFinished(time=NOW, outcome="failed", duration=1, failure=failure)

    told = [line.text for line in LineAssembler().event(end)]

    assert told[0] == "failed after 1.0 s: ImportError: no (/p/etl.py:1)"
    assert told[-2:] == ["ImportError: no", "such module"]
    assert told.count("such module") == 1


def test_an_event_of_a_newer_version_has_a_line() -> None:
    assert [line.text for line in LineAssembler().event(UnknownEvent(time=NOW, name="NodeDreamt"))] == [
        "NodeDreamt (told by a newer version)"
    ]


def test_a_reader_gives_events_and_lines_as_they_come(tmp_path: Path) -> None:
    reader = LineReader(RunDirectory(tmp_path))
    output = tmp_path / OUTPUT
    with JournalWriter(tmp_path) as journal:
        output.write_bytes(b"one\ntw")
        journal.append(OutputWritten(time=NOW, stream="stdout", start=0, end=6))
        first = reader.read()
        output.write_bytes(b"one\ntwo\n")
        journal.append(OutputWritten(time=NOW, stream="stdout", start=6, end=8))
        second = reader.read()

    assert [len(first[0]), len(second[0])] == [1, 1]
    assert [line.text for line in first[1]] == ["one"]
    assert [(line.text, line.seq) for line in second[1]] == [("two", 2)]
    assert reader.read() == ([], [])
