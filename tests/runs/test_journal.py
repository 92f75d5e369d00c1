from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowerpower_tui.runs.events import LogEmitted, NodeStarted, UnknownEvent
from flowerpower_tui.runs.journal import JOURNAL, JournalReader, JournalWriter, decode, encode, from_the_end, read_head

NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
times = st.datetimes(timezones=st.just(UTC))
texts = st.text(st.characters(codec="utf-8"))


@given(
    event=st.builds(LogEmitted, seq=st.integers(1), time=times, level=texts, logger=texts, message=texts, node=texts)
)
def test_what_is_written_is_read_back(event: LogEmitted) -> None:
    assert decode(encode(event)) == event


@given(message=texts)
def test_an_event_is_one_line_whatever_it_says(message: str) -> None:
    assert b"\n" not in encode(LogEmitted(time=NOW, level="INFO", logger="x", message=message))


def test_events_are_numbered_in_the_order_they_are_written(tmp_path: Path) -> None:
    with JournalWriter(tmp_path) as journal:
        for name in "abc":
            journal.append(NodeStarted(time=NOW, node=name))

    assert [(event.seq, event.node) for event in JournalReader(tmp_path).read()] == [(1, "a"), (2, "b"), (3, "c")]


def test_a_reader_goes_on_where_it_ended(tmp_path: Path) -> None:
    reader = JournalReader(tmp_path)
    assert reader.read() == []

    with JournalWriter(tmp_path) as journal:
        first = journal.append(NodeStarted(time=NOW, node="a"))
        assert reader.read() == [first]
        second = journal.append(NodeStarted(time=NOW, node="b"))
        assert reader.read() == [second]
        assert reader.read() == []


def test_a_torn_last_line_is_waited_for(tmp_path: Path) -> None:
    event = NodeStarted(seq=1, time=NOW, node="a")
    line = encode(event) + b"\n"
    reader = JournalReader(tmp_path)

    (tmp_path / JOURNAL).write_bytes(line[:20])
    assert reader.read() == []
    (tmp_path / JOURNAL).write_bytes(line)
    assert reader.read() == [event]
    assert reader.undecodable == 0


def test_a_writer_ends_the_torn_line_of_the_one_before_and_goes_on_counting(tmp_path: Path) -> None:
    whole = NodeStarted(seq=7, time=NOW, node="a")
    (tmp_path / JOURNAL).write_bytes(encode(whole) + b"\n" + b'{"type":"NodeSta')

    with JournalWriter(tmp_path) as journal:
        added = journal.append(NodeStarted(time=NOW, node="b"))

    reader = JournalReader(tmp_path)
    assert added.seq == 8
    assert reader.read() == [whole, added]
    assert reader.undecodable == 1


def test_an_event_of_a_newer_version_is_shown_by_its_name(tmp_path: Path) -> None:
    (tmp_path / JOURNAL).write_bytes(b'{"type":"NodeDreamt","seq":3,"time":"2026-05-01T12:00:00Z","of":["sheep"]}\n')

    assert JournalReader(tmp_path).read() == [UnknownEvent(seq=3, time=NOW, name="NodeDreamt")]


def test_what_a_newer_version_adds_to_a_known_event_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / JOURNAL).write_bytes(b'{"type":"NodeStarted","time":"2026-05-01T12:00:00Z","node":"a","mood":"good"}\n')

    assert JournalReader(tmp_path).read() == [NodeStarted(time=NOW, node="a")]


@pytest.mark.parametrize(
    "line",
    [
        b"\xff\xfe",
        b"null",
        b"[]",
        b'{"type":"NodeStarted"}',
        b'{"type":',
        b"x" * 70_000,
        # Bytes of another block, where a disk has lost some; depths; a time of no zone.
        b'{"type":"NodeStarted","time":"2026-05-01T12:00:00Z","node":"\xff"}',
        pytest.param(b'{"type":"NodeStarted","x":' + b"[" * 10_000, id="[[[…"),
        b'{"type":"NodeStarted","time":"2026-05-01T12:00:00","node":"a"}',
    ],
)
def test_a_line_that_tells_no_event_is_counted_and_skipped(tmp_path: Path, line: bytes) -> None:
    event = NodeStarted(seq=1, time=NOW, node="a")
    (tmp_path / JOURNAL).write_bytes(line + b"\n" + encode(event) + b"\n")

    reader = JournalReader(tmp_path)

    assert reader.read() == [event]
    assert reader.undecodable == 1


def test_head_and_tail_are_read_without_the_rest(tmp_path: Path) -> None:
    with JournalWriter(tmp_path) as journal:
        written = [journal.append(NodeStarted(time=NOW, node=f"node{number}")) for number in range(1000)]

    assert read_head(tmp_path) == written[0]
    tail = list(from_the_end(tmp_path, 500))
    assert 0 < len(tail) < 10
    assert tail == written[: -len(tail) - 1 : -1]


def test_head_and_tail_of_what_is_not_there_are_empty(tmp_path: Path) -> None:
    assert read_head(tmp_path) is None
    assert list(from_the_end(tmp_path)) == []


def test_a_journal_is_for_its_owner_only(tmp_path: Path) -> None:
    with JournalWriter(tmp_path):
        pass

    assert (tmp_path / JOURNAL).stat().st_mode & 0o777 == 0o600
