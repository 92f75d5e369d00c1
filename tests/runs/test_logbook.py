"""The rows of a log by their numbers: the same as those of one who reads everything from the beginning."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from flowerpower_tui.pipeline.failure import Failure, Frame
from flowerpower_tui.pipeline.summary import ValueSummary
from flowerpower_tui.runs import lines, logbook, logfiles, logindex, logtail
from flowerpower_tui.runs.directory import OUTPUT, REQUEST, RunDirectory
from flowerpower_tui.runs.events import (
    AnyEvent,
    AttemptFailed,
    LogEmitted,
    NodeFailed,
    NodeFinished,
    NodeSkipped,
    NodeStarted,
    OutputWritten,
    Progress,
    RunFinished,
    Stream,
)
from flowerpower_tui.runs.journal import JOURNAL, JournalReader, encode
from flowerpower_tui.runs.lines import LineReader, LogLine
from flowerpower_tui.runs.logbook import LogBook
from flowerpower_tui.runs.request import RunRecord, RunRequest, write_record

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
FAILURES = (
    Failure("ValueError", "no", frames=(Frame("/p/etl.py", 3, "load", "raise ValueError('no')"),)),
    Failure("KeyError", "x", frames=(Frame("/p/etl.py", 9, "join", "x[1]"),)),
    Failure("ConfigError", "wrong", user_error=True),
)

# The first attempt of one says nothing of its own.
QUIET = AttemptFailed(time=NOON, attempt=1, failure=FAILURES[0])
FAILED = NodeFailed(time=NOON, node="join", duration=1, failure=FAILURES[0])
OTHER = NodeFailed(time=NOON, node="load", duration=1, failure=FAILURES[1])
AGAIN = AttemptFailed(time=NOON, attempt=1, failure=FAILURES[0], retry_in=1.0)
ENDED = RunFinished(time=NOON, outcome="failed", duration=1, failure=FAILURES[0])
RECORD = LogEmitted(time=NOON, level="INFO", logger="l", message="x")

Write = tuple[Stream, bytes, str]
Step = Write | AnyEvent | bytes


@pytest.fixture(autouse=True, scope="module")
def small() -> Iterator[None]:
    """Lines, chunks and pieces so small that the random ones go through every edge."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (lines, logindex, logtail):
            patch.setattr(module, "LINE_LIMIT", 24)
        for module in (logindex, logtail):
            patch.setattr(module, "CHUNK", 9)
        patch.setattr(logindex, "PIECE", 200)
        patch.setattr(logfiles, "PIECE", 21)
        patch.setattr(logfiles, "_BACK", 150)
        patch.setattr(logbook, "BLOCKS_HELD", 3)
        yield


nodes = st.sampled_from(["", "orders", "join"])
printed = st.one_of(
    st.sampled_from(
        [b"", b"\n", b"one\n", b"tw", b"o\nthree\n", b"\r\n", b"x" * 24, b"y" * 25 + b"\n", b"\xe2\x98", b"\x83\n"]
    ),
    st.binary(max_size=12),
    st.lists(st.sampled_from([b"z" * 23, b"\n", b"0123456789", b"\n\n\n\n", b"\xff\x00"]), max_size=9).map(b"".join),
)
writes = st.tuples(st.sampled_from(["stdout", "stderr"]), printed, nodes)
messages = st.sampled_from(["plain", "two\nlines", "", 'tab\tand \\ and "', "séparé\u2028là", "}", "\x85"])
failures = st.sampled_from(FAILURES)
happenings = st.one_of(
    st.builds(
        lambda message, node: LogEmitted(time=NOON, level="INFO", logger="l", message=message, node=node),
        messages,
        nodes,
    ),
    st.builds(lambda node: NodeStarted(time=NOON, node=node), nodes),
    st.builds(lambda: Progress(time=NOON, node="orders", done=1, total=2)),
    st.builds(lambda node: NodeFinished(time=NOON, node=node, duration=1, summary=ValueSummary("int")), nodes),
    st.builds(lambda failure: NodeFailed(time=NOON, node="join", duration=1, failure=failure), failures),
    st.builds(lambda failure: AttemptFailed(time=NOON, attempt=1, failure=failure), failures),
    st.builds(lambda failure: RunFinished(time=NOON, outcome="failed", duration=1, failure=failure), failures),
)
skips = st.lists(
    st.builds(
        lambda node, why: NodeSkipped(time=NOON, node=node, why=why), nodes, st.sampled_from(["late", "a failed"])
    ),
    min_size=1,
    max_size=5,
)
garbage = st.sampled_from(
    [b"", b"{", b'{"type":"LogEmitted","message":"torn', b'{"type":"NodeDreamt","time":"2026-05-01T12:00:00Z"}']
)
steps = st.lists(st.one_of(writes, writes, writes, happenings, garbage, skips), max_size=25).map(
    lambda told: [step for some in told for step in (some if isinstance(some, list) else [some])]
)
blocks = st.tuples(st.integers(1, 6), st.sampled_from([10, 60, 1_000_000]))


class Journal:
    """Writes a run down, as the supervisor would."""

    def __init__(self, path: Path) -> None:
        self.run = RunDirectory(path)
        self._path = path
        self._seq = 0
        for name in (JOURNAL, OUTPUT):
            (path / name).touch()

    def write(self, *steps: Step) -> None:
        with (self._path / OUTPUT).open("ab") as output, (self._path / JOURNAL).open("ab") as journal:
            for step in steps:
                if isinstance(step, bytes):
                    journal.write(step + b"\n")
                    continue
                self._seq += 1
                now = NOON + timedelta(seconds=self._seq)
                if isinstance(step, tuple):
                    stream, data, node = step
                    start = output.tell()
                    output.write(data)
                    event: Any = OutputWritten(
                        seq=self._seq, time=now, stream=stream, start=start, end=start + len(data), node=node
                    )
                else:
                    fields = {name: getattr(step, name) for name in step.__struct_fields__}
                    event = type(step)(**{**fields, "seq": self._seq, "time": now})
                journal.write(encode(event) + b"\n")

    def tear(self, data: bytes) -> None:
        with (self._path / JOURNAL).open("ab") as journal:
            journal.write(data)

    def naive(self) -> list[LogLine]:
        return LineReader(self.run).read()[1]


def with_journal(test: Callable[[Journal], None]) -> None:
    with tempfile.TemporaryDirectory() as path:
        test(Journal(Path(path)))


def book_of(journal: Journal, rows: int, size: int) -> LogBook:
    return LogBook(journal.run, block_rows=rows, block_bytes=size)


@settings(max_examples=300, deadline=None)
@given(steps, blocks, st.data())
def test_any_window_is_what_one_who_reads_from_the_beginning_sees(
    told: list[Step], block: tuple[int, int], data: st.DataObject
) -> None:
    def test(journal: Journal) -> None:
        journal.write(*told)
        naive = journal.naive()
        book = book_of(journal, *block)
        book.extend()

        assert len(book) == len(naive)
        assert list(book) == naive
        for _ in range(3):
            first = data.draw(st.integers(0, len(naive)))
            count = data.draw(st.integers(0, len(naive) + 1))
            assert book.lines(first, count) == naive[first : first + count]

    with_journal(test)


@settings(max_examples=150, deadline=None)
@given(st.lists(steps, max_size=6), blocks, st.booleans())
def test_a_book_grows_with_its_run(told: list[list[Step]], block: tuple[int, int], torn: bool) -> None:
    def test(journal: Journal) -> None:
        book = book_of(journal, *block)
        for some in told:
            journal.write(*some)
            if torn:
                journal.tear(b'{"type":"Lo')
            more = True
            while more:
                # A deadline that is over: one step at a time.
                _, more = book.extend(0)
                assert list(book) == journal.naive()[: len(book)]
            assert list(book) == journal.naive()
            if torn:
                journal.write(b"")
        assert list(book) == journal.naive()

    with_journal(test)


@settings(max_examples=100, deadline=None)
@given(steps, blocks)
def test_the_events_that_say_more_than_a_line_are_handed_on(told: list[Step], block: tuple[int, int]) -> None:
    def test(journal: Journal) -> None:
        journal.write(*told)

        events, _ = book_of(journal, *block).extend()

        assert events == [
            event
            for event in JournalReader(journal.run.path).read()
            if not isinstance(event, OutputWritten | LogEmitted)
        ]

    with_journal(test)


@settings(max_examples=300, deadline=None)
@given(steps, st.integers(1, 40), st.booleans())
@example([("stdout", b"x" * 24, ""), ("stdout", b"\n", "")], 1, False)
@example([("stdout", b"x" * 24, ""), ("stderr", b"y" * 24, ""), ("stdout", b"\n", ""), ("stderr", b"\n", "")], 2, False)
@example(
    [("stdout", b"", ""), QUIET, RECORD, NodeFailed(time=NOON, node="a", duration=1, failure=FAILURES[0])], 1, False
)
@example([FAILED, AGAIN, RECORD, RECORD, RECORD, ENDED], 1, False)
@example([OTHER, FAILED, AGAIN, QUIET, RECORD, RECORD, RECORD, ENDED], 1, False)
def test_the_tail_is_the_last_rows(told: list[Step], count: int, torn: bool) -> None:
    def test(journal: Journal) -> None:
        journal.write(*told)
        naive = journal.naive()
        if torn:
            journal.tear(b'{"type":"Lo')

        tail = LogBook(journal.run).tail(count)

        assert tail.lines == naive[-count:]

    with_journal(test)


@settings(max_examples=60, deadline=None)
@given(steps, steps, st.integers(1, 9))
def test_a_book_stops_where_the_tail_ended(before: list[Step], after: list[Step], count: int) -> None:
    def test(journal: Journal) -> None:
        journal.write(*before)
        book = book_of(journal, 3, 60)
        tail = book.tail(count)
        journal.write(*after)

        book.extend(until=tail.end)

        assert book.lines(len(book) - len(tail.lines), count) == tail.lines
        book.extend()
        assert list(book) == journal.naive()

    with_journal(test)


@settings(max_examples=60, deadline=None)
@given(steps, blocks)
def test_a_lost_run_shows_what_was_begun(told: list[Step], block: tuple[int, int]) -> None:
    def test(journal: Journal) -> None:
        journal.write(*told)
        reader = LineReader(journal.run)
        naive = reader.read()[1] + reader.rest()
        book = book_of(journal, *block)
        book.extend()
        book.close()

        assert list(book) == naive

    with_journal(test)


def test_many_skipped_nodes_are_one_row_of_the_block_that_they_end_in(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    skipped = [NodeSkipped(time=NOON, node=f"n{number}", why="it needs 'join', which failed") for number in range(200)]
    journal.write(RECORD, *skipped[:150])
    book = LogBook(journal.run, block_rows=1, block_bytes=10)
    book.extend()
    before = len(book)
    journal.write(*skipped[150:], RECORD)
    book.extend()

    assert before == 1
    assert [len(line.nodes) for line in book] == [0, 200, 0]
    assert book[1].text.startswith("200 nodes skipped, each because it needs 'join', which failed: n0, n1, n2, ")
    assert book.tail(2).lines == book.lines(1, 2)


def test_files_are_told_by_the_way_from_the_runs_project(tmp_path: Path) -> None:
    record = RunRecord(id="r", time=NOON, request=RunRequest("/p", "etl"), versions={})
    (tmp_path / REQUEST).write_bytes(write_record(record))
    journal = Journal(tmp_path)
    journal.write(NodeFailed(time=NOON, node="load", duration=1, failure=FAILURES[0]))
    book = LogBook(journal.run)
    book.extend()

    assert book[0].text == "load failed after 1.0 s: ValueError: no (etl.py:3)"


def test_what_is_held_does_not_grow_with_the_rows_that_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logindex, "CHUNK", 1 << 15)
    journal = Journal(tmp_path)
    for first in range(0, 100_000, 5_000):
        journal.write(("stdout", b"".join(b"%06d\n" % number for number in range(first, first + 5_000)), "orders"))
    book = LogBook(journal.run, block_rows=1_000)
    book.extend()

    texts = [book[row].text for row in range(0, 100_000, 500)]

    assert texts == [f"{row:06}" for row in range(0, 100_000, 500)]
    assert book.blocks <= 101
    assert sum(map(len, book._held.values())) <= 3 * 5_000
    assert len(book._held) <= 3
